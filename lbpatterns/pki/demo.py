"""The demo's certificates, kept in one directory between runs."""

import datetime as dt
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from lbpatterns.pki.authority import Authority, Issued, load_private_key, private_key_to_pem, to_pem


@dataclass(frozen=True)
class _Leaf:
    authority: str
    names: tuple[str, ...]
    common_name: str | None = None
    client: bool = False


_AUTHORITIES = {"public_ca": "Demo Public CA", "internal_ca": "Demo Internal CA", "client_ca": "Demo Client CA"}
_LEAVES = {
    "frontend": _Leaf("public_ca", ("shop.example.test", "api.example.test")),
    "second_frontend": _Leaf("public_ca", ("blog.example.test",)),
    "server": _Leaf("internal_ca", ("backend.internal",)),
    "passthrough_server": _Leaf("public_ca", ("secure.example.test",)),
    "client": _Leaf("client_ca", ("client.example.test",), common_name="Demo Client", client=True),
}


@dataclass(frozen=True)
class DemoPKI:
    """Three authorities and what they have issued, as PEM text and as files in `directory`.

    "Demo Public CA" plays the public authorities, "Demo Internal CA" signs the servers behind the load balancer and
    "Demo Client CA" signs clients.
    """

    directory: Path
    public_ca_pem: str
    internal_ca_pem: str
    client_ca_pem: str
    frontend: Issued
    """For `shop.example.test` and `api.example.test`, by the public authority: presented by the load balancer."""
    second_frontend: Issued
    """For `blog.example.test`, by the public authority: shows that the server name selects the certificate."""
    server: Issued
    """For `backend.internal`, by the internal authority: presented by a server to the load balancer."""
    passthrough_server: Issued
    """For `secure.example.test`, by the public authority: presented by a server to the client itself."""
    client: Issued
    """For a client, by the client authority."""

    @classmethod
    def at(cls, directory: Path | str, *, now: dt.datetime | None = None) -> Self:
        """The certificates kept in `directory`: made when missing, kept while good.

        A certificate is made anew when less than a third of its life is left, when its file is broken, or when its
        authority is another than before. The directory is 0700, the files 0600; a file is replaced by a rename, and
        processes that call this at the same time wait for each other. `now` is for tests. Raises OSError when the
        directory cannot be written.
        """
        place = Path(directory).absolute()
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        place.chmod(0o700)
        moment = now or dt.datetime.now(dt.UTC)
        with _locked(place / ".lock"):
            authorities = {name: _authority(place, name, moment) for name in _AUTHORITIES}
            leaves = {name: _leaf(place, name, authorities[leaf.authority], moment) for name, leaf in _LEAVES.items()}
        return cls(
            directory=place,
            public_ca_pem=authorities["public_ca"].certificate_pem,
            internal_ca_pem=authorities["internal_ca"].certificate_pem,
            client_ca_pem=authorities["client_ca"].certificate_pem,
            **leaves,
        )

    def path_of(self, name: str) -> Path:
        """The file of "public_ca", "internal_ca" or "client_ca" (the certificate alone), or of "frontend",
        "second_frontend", "server", "passthrough_server" or "client" (private key and chain). Else KeyError.
        """  # noqa: D205 - two lists read better unbroken
        if name not in _AUTHORITIES and name not in _LEAVES:
            raise KeyError(f"{name!r} is none of {', '.join([*_AUTHORITIES, *_LEAVES])}")
        return self.directory / f"{name}.pem"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)  # which also gives the lock back


def _authority(place: Path, name: str, now: dt.datetime) -> Authority:
    secret, public = place / f"{name}_with_key.pem", place / f"{name}.pem"
    try:
        authority = Authority.load(_read(secret))
        fresh = _is_fresh(authority.certificate, now)
    except (OSError, ValueError):
        fresh = False
    if not fresh:
        authority = Authority(_AUTHORITIES[name], not_before=now - dt.timedelta(hours=1))
        _replace(secret, authority.private_key_and_certificate_pem)
    _replace_if_changed(public, authority.certificate_pem)
    return authority


def _leaf(place: Path, name: str, authority: Authority, now: dt.datetime) -> Issued:
    path, wanted = place / f"{name}.pem", _LEAVES[name]
    try:
        issued = _load_issued(_read(path))
        certificate = issued.leaf
        certificate.verify_directly_issued_by(authority.certificate)
        alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        if tuple(alternatives.get_values_for_type(x509.DNSName)) == wanted.names and _is_fresh(certificate, now):
            path.chmod(0o600)
            return issued
    except (OSError, ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        pass  # missing, broken, or by an authority that is no more: all are cured by a new one
    issued = authority.issue(
        wanted.names,
        common_name=wanted.common_name,
        client=wanted.client,
        not_before=now - dt.timedelta(hours=1),
    )
    _replace(path, issued.private_key_and_chain_pem)
    return issued


def _load_issued(private_key_and_chain_pem: str) -> Issued:
    private_key = load_private_key(private_key_and_chain_pem)
    chain = x509.load_pem_x509_certificates(private_key_and_chain_pem.encode())
    if chain[0].public_key() != private_key.public_key():
        raise ValueError("the private key does not belong to the leaf")
    return Issued("".join(map(to_pem, chain)), private_key_to_pem(private_key))


def _is_fresh(certificate: x509.Certificate, now: dt.datetime) -> bool:
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return start <= now and (end - now) * 3 >= end - start


def _read(path: Path) -> str:
    return path.read_text(encoding="ascii")  # PEM is ASCII; UnicodeDecodeError is a ValueError


def _replace(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _replace_if_changed(path: Path, text: str) -> None:
    try:
        if _read(path) == text:
            return
    except (OSError, ValueError):
        pass
    _replace(path, text)
