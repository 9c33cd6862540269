"""Certificates read into plain values, and what can be said of one without asking anybody."""

import datetime as dt
import ipaddress

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

from lbpatterns.core.observation import CertificateSeen

_CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}


def certificate_seen(certificate: x509.Certificate, now: dt.datetime) -> CertificateSeen:
    """One certificate in plain values. `days_left` counts whole days from `now`, below zero after the end."""
    return CertificateSeen(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        names=names_of(certificate),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        sha256=certificate.fingerprint(hashes.SHA256()).hex(),
        key=key_of(certificate),
        days_left=(certificate.not_valid_after_utc - now) // dt.timedelta(days=1),
    )


def names_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """The DNS names and IP addresses of the subject alternative name, in order; none where it cannot be read."""
    try:
        alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return ()
    return tuple(str(name.value) for name in alternatives if isinstance(name, x509.DNSName | x509.IPAddress))


def key_of(certificate: x509.Certificate) -> str:
    """The kind and size of the public key: "ECDSA P-256", "RSA-2048", "Ed25519"."""
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return "unreadable"
    match key:
        case rsa.RSAPublicKey():
            words = f"RSA-{key.key_size}"
        case ec.EllipticCurvePublicKey():
            words = f"ECDSA {_CURVES.get(key.curve.name, key.curve.name)}"
        case dsa.DSAPublicKey():
            words = f"DSA-{key.key_size}"
        case ed25519.Ed25519PublicKey():
            words = "Ed25519"
        case ed448.Ed448PublicKey():
            words = "Ed448"
        case _:
            words = type(key).__name__
    return words


def weakness_of(certificate: x509.Certificate) -> str | None:
    """Why a key or signature is below what is called strong today (112 bits), in words; None where it is not."""
    try:
        key, digest = certificate.public_key(), certificate.signature_hash_algorithm
    except (ValueError, UnsupportedAlgorithm):
        return None
    if (isinstance(key, rsa.RSAPublicKey | dsa.DSAPublicKey) and key.key_size < 2048) or (
        isinstance(key, ec.EllipticCurvePublicKey) and key.key_size < 224
    ):
        return f"its key is {key_of(certificate)}"
    if isinstance(digest, hashes.MD5 | hashes.SHA1) and certificate.issuer != certificate.subject:
        return f"it is signed with {digest.name.upper()}"
    return None


def carries(names: tuple[str, ...], expected: str) -> bool:
    """Whether a certificate with these names is one for `expected` (RFC 9525).

    A wildcard stands for exactly one whole label, the first, with at least two more behind it. The common name does
    not count.
    """
    try:
        return str(ipaddress.ip_address(expected)) in names
    except ValueError:
        pass
    wanted = _labels(expected)
    return wanted is not None and any(_covers(name, wanted) for name in names)


def _labels(name: str) -> list[str] | None:
    try:
        labels = name.encode("idna").decode().lower().removesuffix(".").split(".")
    except UnicodeError:
        return None
    return labels if all(labels) and "*" not in name else None


def _covers(pattern: str, wanted: list[str]) -> bool:
    labels = pattern.lower().removesuffix(".").split(".")
    if labels[0] == "*" and len(labels) > 2:
        return labels[1:] == wanted[1:]
    return labels == wanted


def common_name(name: x509.Name) -> str:
    """A short form of a subject: its common name, or all of it where there is none."""
    found = name.get_attributes_for_oid(x509.oid.NameOID.COMMON_NAME)
    return str(found[0].value) if found else name.rfc4514_string()
