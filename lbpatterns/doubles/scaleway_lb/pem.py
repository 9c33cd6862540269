"""What a custom certificate says. The private key is looked at and let go."""

import re
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509.oid import NameOID

from lbpatterns.doubles.scaleway_lb.instants import SECOND, Instant

_KEY = re.compile(r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?-----END \1-----", re.DOTALL)


class UnreadableChainError(ValueError):
    """The PEM is not what a custom certificate has to be. The message holds nothing of it."""


@dataclass(frozen=True)
class Leaf:
    """The names and dates of the first certificate of a chain."""

    names: list[str]
    not_valid_before: Instant
    not_valid_after: Instant


def read_chain(pem: str) -> Leaf:
    """Read private key and chain; the key has to be that of the first certificate."""
    try:
        leaf = x509.load_pem_x509_certificates(pem.encode())[0]
    except ValueError:
        raise UnreadableChainError("holds no readable certificate in PEM form") from None
    key = _KEY.search(pem)
    if key is None:
        raise UnreadableChainError("holds no private key")
    try:
        private_key = load_pem_private_key(key[0].encode(), None)
    except (ValueError, TypeError):
        raise UnreadableChainError("holds no private key that can be read without a password") from None
    if _public_bytes(private_key.public_key()) != _public_bytes(leaf.public_key()):
        raise UnreadableChainError("holds a private key that is not that of its first certificate")
    return Leaf(_names(leaf), _instant(leaf.not_valid_before_utc), _instant(leaf.not_valid_after_utc))


def _public_bytes(key: object) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined,no-any-return]  # a union of all kinds of keys, which all have it


def _names(leaf: x509.Certificate) -> list[str]:
    """The DNS names in their order; without any (modelled) the common name of the subject."""
    try:
        extension = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return [str(name.value) for name in leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    return extension.value.get_values_for_type(x509.DNSName)


def _instant(date: datetime) -> Instant:
    return int(date.timestamp()) * SECOND
