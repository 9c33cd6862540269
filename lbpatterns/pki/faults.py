"""Server certificates that a careful client must refuse, each for one reason."""

import dataclasses
import datetime as dt

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from lbpatterns.pki.authority import Authority, Issued, as_leaf, private_key_to_pem, start_certificate, subject, to_pem

_ANOTHER_NAME = "another.invalid"
_ISSUER_URL = "http://authority.invalid/intermediate.der"


def faulty_server_certificates(authority: Authority, name: str) -> dict[str, Issued]:
    """What a server called `name` may wrongly present to a client that trusts `authority` only.

    The key says the fault in words. Each `Issued` holds what to serve: its `chain_pem` is complete except where the
    chain is the fault ("missing intermediate").
    """
    now = dt.datetime.now(dt.UTC)
    long_ago, later = now - dt.timedelta(days=30), now + dt.timedelta(days=2)
    behind_intermediate = authority.intermediate().issue([name], issuer_url=_ISSUER_URL)
    expired_intermediate = authority.intermediate("Expired Intermediate CA", days=20, not_before=long_ago)
    return {
        "expired": authority.issue([name], days=29, not_before=long_ago),
        "not yet valid": authority.issue([name], not_before=later),
        "wrong name": authority.issue([_ANOTHER_NAME]),
        "self-signed leaf": self_signed_leaf(name),
        "unknown CA": Authority("Unknown CA").issue([name]),
        "missing intermediate": dataclasses.replace(behind_intermediate, chain_pem=behind_intermediate.certificate_pem),
        "common name only": authority.issue([], common_name=name),
        "RSA-1024 key": authority.issue(
            [name],
            # Weak on purpose: what is tested is that this key is refused.
            private_key=rsa.generate_private_key(public_exponent=65537, key_size=1024),  # noqa: S505
        ),
        "client authentication only": authority.issue([name], client=True),
        "expired intermediate": expired_intermediate.issue([name]),
    }


def self_signed_leaf(name: str) -> Issued:
    """A server certificate for `name` that nobody but its own key has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    own = subject(name)
    builder = start_certificate(own, own, key, days=90, not_before=None)
    builder = as_leaf(builder, [x509.DNSName(name)], client=False, signs_only=True)
    return Issued(to_pem(builder.sign(key, hashes.SHA256())), private_key_to_pem(key))
