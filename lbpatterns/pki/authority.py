"""Authorities and what they issue."""

import datetime as dt
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

_AlternativeName = x509.DNSName | x509.IPAddress
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

AUTHORITY_DAYS = 5 * 365
LEAF_DAYS = 90
_CLOCK_SKEW = dt.timedelta(hours=1)
_COMMON_NAME_LIMIT = 64  # RFC 5280, appendix A: ub-common-name


@dataclass(frozen=True)
class Issued:
    """A leaf certificate with its chain and its private key, all PEM text.

    `chain_pem` is the leaf first, then the intermediates, without the root. The representation leaves the key out.
    """

    chain_pem: str
    private_key_pem: str = field(repr=False)

    @property
    def leaf(self) -> x509.Certificate:
        """The leaf, parsed."""
        return x509.load_pem_x509_certificates(self.chain_pem.encode())[0]

    @property
    def certificate_pem(self) -> str:
        """The leaf alone."""
        return to_pem(self.leaf)

    @property
    def private_key_and_chain_pem(self) -> str:
        """The private key, then the leaf, then the intermediates: what many load balancers want as one text."""
        return self.private_key_pem + self.chain_pem

    @property
    def leaf_sha256(self) -> str:
        """The SHA-256 fingerprint of the leaf's DER: 64 lower-case hexadecimal digits."""
        return self.leaf.fingerprint(hashes.SHA256()).hex()


class Authority:
    """A certificate authority that signs leaves and intermediates.

    `Authority("Demo Internal CA")` makes a self-signed root with a new key. `not_before` must know its time zone and
    defaults to an hour ago, so that a clock that is a little late still accepts what was made just now.
    """

    def __init__(
        self, common_name: str, *, days: float = AUTHORITY_DAYS, not_before: dt.datetime | None = None
    ) -> None:
        private_key = ec.generate_private_key(ec.SECP256R1())
        name = subject(common_name)
        builder = start_certificate(name, name, private_key, days=days, not_before=not_before)
        builder = _as_authority(builder, path_length=None)
        self._keep(builder.sign(private_key, hashes.SHA256()), private_key, ())

    def _keep(
        self, certificate: x509.Certificate, private_key: PrivateKey, intermediates: tuple[x509.Certificate, ...]
    ) -> None:
        self.certificate = certificate
        self._private_key = private_key
        self._intermediates = intermediates

    @classmethod
    def _from(
        cls, certificate: x509.Certificate, private_key: PrivateKey, intermediates: tuple[x509.Certificate, ...]
    ) -> Self:
        authority = cls.__new__(cls)
        authority._keep(certificate, private_key, intermediates)  # noqa: SLF001 - its own class
        return authority

    @classmethod
    def load(cls, private_key_and_certificate_pem: str) -> Self:
        """A root read back from the text `private_key_and_certificate_pem` gave.

        Raises ValueError when the text is not one private key and the certificate of an authority that belongs to it.
        """
        raw = private_key_and_certificate_pem.encode()
        certificate = x509.load_pem_x509_certificate(raw)
        private_key = load_private_key(private_key_and_certificate_pem)
        if private_key.public_key() != certificate.public_key():
            raise ValueError("the private key does not belong to the certificate of the authority")
        try:
            constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        except x509.ExtensionNotFound as error:
            raise ValueError("the certificate is not that of an authority") from error
        if not constraints.ca:
            raise ValueError("the certificate is not that of an authority")
        return cls._from(certificate, private_key, ())

    @property
    def certificate_pem(self) -> str:
        """The authority's own certificate. Of a root: the trust anchor to hand to whoever verifies."""
        return to_pem(self.certificate)

    @property
    def private_key_and_certificate_pem(self) -> str:
        """What `load` reads. Secret."""
        return private_key_to_pem(self._private_key) + self.certificate_pem

    def intermediate(
        self,
        common_name: str = "Intermediate CA",
        *,
        days: float = AUTHORITY_DAYS,
        not_before: dt.datetime | None = None,
    ) -> Self:
        """A new authority that this one has signed and that signs leaves only; they carry its certificate."""
        private_key = ec.generate_private_key(ec.SECP256R1())
        builder = start_certificate(
            subject(common_name), self.certificate.subject, private_key, days=days, not_before=not_before
        )
        builder = _as_authority(builder, path_length=0).add_extension(self._key_identifier(), critical=False)
        certificate = builder.sign(self._private_key, hashes.SHA256())
        return self._from(certificate, private_key, (certificate, *self._intermediates))

    def issue(
        self,
        names: Iterable[str],
        *,
        days: float = LEAF_DAYS,
        not_before: dt.datetime | None = None,
        common_name: str | None = None,
        client: bool = False,
        ips: Iterable[str] = (),
        private_key: PrivateKey | None = None,
        issuer_url: str | None = None,
    ) -> Issued:
        """A leaf for the DNS `names` and the IP addresses `ips`: for a server, or with `client` for a client.

        `common_name` defaults to the first name. Without names and addresses there is no subject alternative name:
        then `common_name` must be given, else ValueError. A new P-256 key is made unless `private_key` is given.
        `issuer_url` tells where this authority's certificate is to be fetched, as public authorities do.
        """
        alternatives: list[_AlternativeName] = [x509.DNSName(name) for name in names]
        alternatives += [x509.IPAddress(ipaddress.ip_address(ip)) for ip in ips]
        if common_name is None:
            if not alternatives:
                raise ValueError("a leaf needs a name, an address or a common_name")
            common_name = str(alternatives[0].value)[:_COMMON_NAME_LIMIT]
        key = private_key or ec.generate_private_key(ec.SECP256R1())
        builder = start_certificate(
            subject(common_name), self.certificate.subject, key, days=days, not_before=not_before
        )
        builder = as_leaf(builder, alternatives, client=client, signs_only=isinstance(key, ec.EllipticCurvePrivateKey))
        builder = builder.add_extension(self._key_identifier(), critical=False)
        if issuer_url is not None:
            access = x509.AccessDescription(
                AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(issuer_url)
            )
            builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
        chain = (builder.sign(self._private_key, hashes.SHA256()), *self._intermediates)
        return Issued("".join(map(to_pem, chain)), private_key_to_pem(key))

    def _key_identifier(self) -> x509.AuthorityKeyIdentifier:
        own = self.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


def subject(common_name: str) -> x509.Name:
    """A name that holds a common name only."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def start_certificate(
    owner: x509.Name, issuer: x509.Name, private_key: PrivateKey, *, days: float, not_before: dt.datetime | None
) -> x509.CertificateBuilder:
    """What every certificate has: names, key, serial number, validity and the identifier of its key."""
    if days <= 0:
        raise ValueError(f"days={days} must be above zero")
    start = not_before or dt.datetime.now(dt.UTC) - _CLOCK_SKEW
    if start.tzinfo is None:
        raise ValueError(f"not_before={start} needs a time zone")
    public_key = private_key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(owner)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def as_leaf(
    builder: x509.CertificateBuilder, alternatives: list[_AlternativeName], *, client: bool, signs_only: bool
) -> x509.CertificateBuilder:
    """The extensions of a leaf. The alternative names are not critical: RFC 5280 wants that beside a subject."""
    purpose = ExtendedKeyUsageOID.CLIENT_AUTH if client else ExtendedKeyUsageOID.SERVER_AUTH
    builder = (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(digital_signature=True, key_encipherment=not signs_only), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    )
    if alternatives:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    return builder


def _as_authority(builder: x509.CertificateBuilder, *, path_length: int | None) -> x509.CertificateBuilder:
    return builder.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True).add_extension(
        _key_usage(key_cert_sign=True), critical=True
    )


def _key_usage(
    *, digital_signature: bool = False, key_encipherment: bool = False, key_cert_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_encipherment=key_encipherment,
        key_cert_sign=key_cert_sign,
        crl_sign=key_cert_sign,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def to_pem(certificate: x509.Certificate) -> str:
    """One certificate as PEM text."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def private_key_to_pem(private_key: PrivateKey) -> str:
    """A private key as unencrypted PKCS #8 PEM text."""
    return private_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def load_private_key(pem: str) -> PrivateKey:
    """The first private key of a PEM text. Raises ValueError when there is none, or none that signs here."""
    try:
        private_key = serialization.load_pem_private_key(pem.encode(), password=None)
    except TypeError as error:  # what `cryptography` raises for an encrypted key
        raise ValueError("the private key is encrypted") from error
    if not isinstance(private_key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise ValueError(f"a private key of this kind is not supported: {type(private_key).__name__}")
    return private_key
