"""What a PEM text holds, and what is wrong with it. A message never quotes the text: it may be a private key."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from lbpatterns.core.legs import LeafFacts

if TYPE_CHECKING:  # it costs a tenth of a second, and many programs that import this read no PEM
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

_BLOCK: Final = re.compile(r"-----BEGIN (?P<label>[A-Z0-9 ]+)-----.*?-----END (?P=label)-----", re.DOTALL)
_BEGIN: Final = re.compile(r"-----BEGIN (?P<label>[A-Z0-9 ]+)-----")
_ENCRYPTED: Final = "ENCRYPTED"
_ORDER: Final = "Fix: the key, then the leaf, then each certificate that signed the one before it"


class PemError(ValueError):
    """A PEM text that cannot be used. Says what is wrong and how to fix it, and never quotes the text."""


def leaf_facts(private_key_and_chain_pem: str) -> LeafFacts:
    """What the first certificate of a text says of itself. Raises `PemError` when there is none that can be read."""
    from cryptography import x509  # noqa: PLC0415 - see above
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415

    leaf = _certificates(private_key_and_chain_pem)[0]
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        carried: tuple[str, ...] = ()
    except ValueError as error:
        raise PemError("certificate 1 (the leaf) has extensions that cannot be read. Fix: issue it again") from error
    else:
        addresses = map(str, names.get_values_for_type(x509.IPAddress))
        carried = (*names.get_values_for_type(x509.DNSName), *addresses)
    return LeafFacts(names=carried, sha256=leaf.fingerprint(hashes.SHA256()).hex())


@lru_cache(maxsize=256)
def _last_answer(text: str) -> tuple[tuple[str, ...], tuple[x509.Certificate, ...]]:
    """Problems that no clock changes, and the chain. Remembered, because one run asks for the same text often."""
    try:
        chain = _certificates(text)
    except PemError as error:
        return (*_key_problems(text, None), str(error)), ()
    return (*_key_problems(text, chain[0].public_key()), *_chain_problems(chain)), chain


def problems(private_key_and_chain_pem: str, now: datetime) -> tuple[str, ...]:
    """What keeps a load balancer from presenting this key and chain; nothing where all is well.

    `now` must know its time zone. Whether the chain leads to an anchor that clients trust is not asked here.
    """
    lasting = lasting_problems(private_key_and_chain_pem)
    return (*lasting, *_validity_problems(_last_answer(private_key_and_chain_pem)[1], now))


def lasting_problems(private_key_and_chain_pem: str) -> tuple[str, ...]:
    """Those that no clock changes: what is missing, cut off, out of order, or does not belong together."""
    if not _BEGIN.search(private_key_and_chain_pem):
        return (f"this is no PEM text: it holds no -----BEGIN line. {_ORDER}",)
    return _last_answer(private_key_and_chain_pem)[0]


def valid_until(private_key_and_chain_pem: str) -> datetime | None:
    """When the first certificate of the text ends, the leaf or one that signed it; None: none can be read."""
    chain = _last_answer(private_key_and_chain_pem)[1]
    return min((certificate.not_valid_after_utc for certificate in chain), default=None)


def bundle_problems(ca_bundle_pem: str, now: datetime) -> tuple[str, ...]:
    """What keeps a text from being a trust anchor: no certificate, none that is still valid, or a private key."""
    found = []
    if any("PRIVATE KEY" in match["label"] for match in _BEGIN.finditer(ca_bundle_pem)):
        found.append("a private key is in this bundle. Fix: remove it, and replace that key: it has been passed around")
    try:
        bundle = _certificates(ca_bundle_pem)
    except PemError as error:
        return (*found, str(error))
    if all(certificate.not_valid_after_utc < now for certificate in bundle):
        last = max(certificate.not_valid_after_utc for certificate in bundle)
        found.append(f"every certificate of this bundle has expired, the last on {last:%Y-%m-%d}. Fix: renew it")
    return tuple(found)


def _certificates(text: str) -> tuple[x509.Certificate, ...]:
    from cryptography import x509  # noqa: PLC0415 - see above

    blocks = [match.group() for match in _BLOCK.finditer(text) if match["label"] == "CERTIFICATE"]
    if not blocks:
        cut = "-----BEGIN CERTIFICATE-----" in text
        what = "the certificate is cut off: its END line is missing" if cut else "it holds no certificate"
        raise PemError(f"{what}. Fix: put in a whole `-----BEGIN CERTIFICATE-----` block")
    found = []
    for number, block in enumerate(blocks, 1):
        try:
            found.append(x509.load_pem_x509_certificate(block.encode()))
        except ValueError:
            # Not chained: the library's words may quote what it read.
            raise PemError(f"certificate {number} of {len(blocks)} cannot be read. Fix: copy it again, whole") from None
    return tuple(found)


def _key_problems(text: str, public_key: PublicKeyTypes | None) -> Iterator[str]:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - see above

    begun = [match["label"] for match in _BEGIN.finditer(text) if "PRIVATE KEY" in match["label"]]
    blocks = [match.group() for match in _BLOCK.finditer(text) if "PRIVATE KEY" in match["label"]]
    if not begun:
        yield f"it holds no private key. {_ORDER}"
        return
    if len(begun) > 1:
        yield f"it holds {len(begun)} private keys. Fix: keep the one that belongs to the leaf"
        return
    if not blocks:
        yield "the private key is cut off: its END line is missing. Fix: copy it again, whole"
        return
    if _ENCRYPTED in begun[0] or _ENCRYPTED in blocks[0]:
        yield "the private key is encrypted. Fix: decrypt it, for example with `openssl pkey`, and keep it in a secret"
        return
    try:
        key = serialization.load_pem_private_key(blocks[0].encode(), password=None)
    except Exception:  # whatever it is: its own words may quote the key
        yield "the private key cannot be read. Fix: copy it again, whole, as unencrypted PKCS #8, PKCS #1 or SEC 1"
        return
    if public_key is not None and key.public_key() != public_key:
        yield (
            "the private key does not belong to certificate 1, which has to be the leaf. "
            "Fix: put the leaf first, or take the key that the leaf was issued for"
        )


def _chain_problems(chain: Sequence[x509.Certificate]) -> Iterator[str]:
    for number, (signed, signer) in enumerate(itertools.pairwise(chain), 1):
        if signed.issuer != signer.subject:
            yield (
                f"certificate {number} was issued by {signed.issuer.rfc4514_string()!r}, but certificate {number + 1} "
                f"is {signer.subject.rfc4514_string()!r}. {_ORDER}"
            )


def _validity_problems(chain: Sequence[x509.Certificate], now: datetime) -> Iterator[str]:
    for number, certificate in enumerate(chain, 1):
        which = f"certificate {number} ({certificate.subject.rfc4514_string()!r})"
        if certificate.not_valid_after_utc < now:
            yield f"{which} expired on {certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC. Fix: renew it"
        elif certificate.not_valid_before_utc > now:
            start = certificate.not_valid_before_utc
            yield f"{which} is not valid before {start:%Y-%m-%d %H:%M} UTC. Fix: wait, set the clock, or issue it again"
