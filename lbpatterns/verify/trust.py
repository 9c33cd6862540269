"""Why a chain is not trusted: what OpenSSL refused, and what it does not check or does not say."""

import datetime as dt
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from lbpatterns.core.observation import Fault
from lbpatterns.verify.certificates import carries, common_name, names_of, weakness_of

PUBLIC_ROOTS = "the public roots"

# x509_vfy.h of OpenSSL: X509_V_ERR_…
_EXPIRED, _NOT_YET_VALID, _SELF_SIGNED_LEAF = 10, 9, 18
_NO_ISSUER = frozenset({2, 19, 20, 21})
_WRONG_PURPOSE = frozenset({26})
_WEAK = frozenset({66, 67, 68})


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a chain did not verify: OpenSSL's code, where it was OpenSSL, and words."""

    code: int | None
    words: str


def trust_words(ca_bundle_pem: str | None) -> str:
    """The trust anchor in words: the names of its certificates. Raises ValueError when it holds none."""
    if ca_bundle_pem is None:
        return PUBLIC_ROOTS
    first, *rest = x509.load_pem_x509_certificates(ca_bundle_pem.encode())
    return common_name(first.subject) + (f" and {len(rest)} more" if rest else "")


def trust(context: ssl.SSLContext, ca_bundle_pem: str | None) -> None:
    """Make `context` verify chains against the bundle, or the public roots. Names are left to `faults_of`.

    An intermediate in the bundle is an anchor too: somebody has said that it is trusted.
    """
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if ca_bundle_pem is None:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    else:
        context.load_verify_locations(cadata=ca_bundle_pem)


def faults_of(
    chain: Sequence[x509.Certificate],
    refusal: Refusal | None,
    *,
    path: Sequence[x509.Certificate] = (),
    expected_name: str | None,
    against: str,
    now: dt.datetime,
) -> Iterator[tuple[Fault, str]]:
    """Every reason not to trust, the gravest first: none means trusted.

    OpenSSL stops at its first error and is not asked about names and key sizes; those are looked at here. `path` is
    what OpenSSL found from leaf to anchor: servers also send certificates that lie beside it, and those do no harm.
    """
    faults = dict(_refused(chain, refusal, against, now)) if refusal else {}
    yield from faults.items()
    if not chain:
        return
    names = names_of(chain[0])
    if expected_name is not None and not carries(names, expected_name):
        carried = f"it carries {', '.join(names)}" if names else "it carries no name (a common name does not count)"
        yield Fault.WRONG_NAME, f"{expected_name} is not a name of the certificate: {carried}"
    for fault, words in (*_times(chain[:1], now), *_weaknesses((chain[0], *path[1:-1]))):
        if fault not in faults:
            yield fault, words


def _refused(
    chain: Sequence[x509.Certificate], refusal: Refusal, against: str, now: dt.datetime
) -> Iterator[tuple[Fault, str]]:
    code, words = refusal.code, refusal.words
    if code in {_EXPIRED, _NOT_YET_VALID}:
        fault = Fault.EXPIRED if code == _EXPIRED else Fault.NOT_YET_VALID
        which = [detail for kind, detail in _times(chain, now) if kind is fault]
        yield fault, f"{words}: {', '.join(which)}" if which else words
    elif code == _SELF_SIGNED_LEAF:
        yield Fault.SELF_SIGNED, words
    elif code in _NO_ISSUER:
        yield _no_issuer(chain, words, against)
    elif code in _WRONG_PURPOSE:
        yield Fault.WRONG_PURPOSE, f"{words}: its extended key usage is not that of a server"
    else:
        yield Fault.WEAK_KEY if code in _WEAK else Fault.OTHER, words


def _no_issuer(chain: Sequence[x509.Certificate], words: str, against: str) -> tuple[Fault, str]:
    """Whether the peer forgot an intermediate, or its authority is simply not trusted.

    A chain that ends early does not say which. It counts as incomplete where its last certificate tells where its
    issuer is to be fetched, as public authorities do, or where the public roots are the anchor: no public root signs
    leaves.
    """
    if not chain:
        return Fault.UNKNOWN_ISSUER, words
    last = chain[-1]
    issuer = common_name(last.issuer)
    if last.issuer == last.subject:
        return Fault.UNKNOWN_ISSUER, f"{words}: {issuer} is not {against}"
    if _tells_where_its_issuer_is(last) or (against == PUBLIC_ROOTS and len(chain) == 1):
        return Fault.INCOMPLETE_CHAIN, f"{words}: the certificate of {issuer} was not sent and is not in {against}"
    return Fault.UNKNOWN_ISSUER, f"{words}: {issuer} is not {against}, or an intermediate between them was not sent"


def _tells_where_its_issuer_is(certificate: x509.Certificate) -> bool:
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return False
    return any(item.access_method == AuthorityInformationAccessOID.CA_ISSUERS for item in access)


def _times(chain: Sequence[x509.Certificate], now: dt.datetime) -> Iterator[tuple[Fault, str]]:
    for certificate in chain:
        if certificate.not_valid_after_utc < now:
            yield Fault.EXPIRED, f"{common_name(certificate.subject)} ended {certificate.not_valid_after_utc:%Y-%m-%d}"
        elif now < certificate.not_valid_before_utc:
            start = certificate.not_valid_before_utc
            yield Fault.NOT_YET_VALID, f"{common_name(certificate.subject)} begins {start:%Y-%m-%d}"


def _weaknesses(chain: Sequence[x509.Certificate]) -> Iterator[tuple[Fault, str]]:
    for certificate in chain:
        if (weakness := weakness_of(certificate)) is not None:
            yield Fault.WEAK_KEY, f"{common_name(certificate.subject)} is weak: {weakness}"
