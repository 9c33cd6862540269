"""A client's TLS session that tells everything the peer sent, also where the handshake fails.

TLS runs over memory buffers: the raw bytes stay visible, and one deadline covers them all.
"""

import contextlib
import os
import re
import ssl
import tempfile
from pathlib import Path
from typing import Any

from cryptography import x509

from lbpatterns.core.observation import Outcome
from lbpatterns.core.spec import TLSVersion
from lbpatterns.verify.connection import PeerFailedError, Wire
from lbpatterns.verify.trust import Refusal, trust

_CHUNK = 65536
_HANDSHAKE = 0x16
_RECORD_TYPES = frozenset({0x14, 0x15, _HANDSHAKE, 0x17})
# RFC 5246, section 7.4, and RFC 8446, section 4: HandshakeType
_SERVER_KEY_EXCHANGE, _CERTIFICATE_REQUEST, _SERVER_HELLO_DONE = 12, 13, 14
# OpenSSL names a received alert "TLSV13_ALERT_CERTIFICATE_REQUIRED", "SSLV3_ALERT_…", "TLSV1_UNRECOGNIZED_NAME", ….
_ALERT = re.compile(r"(?:SSLV3|TLSV1|TLSV13|TLS)_(?:ALERT_)?([A-Z_]+)")
_VERSIONS = {f"TLSv{version}": version for version in TLSVersion} | {"TLSv1": TLSVersion.TLS_1_0}
_RECORD_VERSIONS = {b"\x03\x01": TLSVersion.TLS_1_0, b"\x03\x02": TLSVersion.TLS_1_1, b"\x03\x03": TLSVersion.TLS_1_2}


class UntrustedError(Exception):
    """OpenSSL refused the chain during the handshake."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.words)
        self.refusal = refusal


def client_context(*, client_certificate_pem: str | None, verify: bool, ca_bundle_pem: str | None) -> ssl.SSLContext:
    """A context that speaks everything OpenSSL can, old versions included: what is seen is judged, not hidden.

    Raises ValueError when the client certificate does not load, ssl.SSLError when the bundle does not.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.set_alpn_protocols(["http/1.1"])
    if client_certificate_pem is not None:
        _load_client_certificate(context, client_certificate_pem)
    if verify:
        trust(context, ca_bundle_pem)
    return context


def _load_client_certificate(context: ssl.SSLContext, private_key_and_chain_pem: str) -> None:
    """`ssl` reads keys from files only: one that nobody else may read, gone at once."""
    descriptor, path = tempfile.mkstemp(prefix="lbpatterns-", suffix=".pem")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(private_key_and_chain_pem)
        context.load_cert_chain(path, password="")  # not None: an encrypted key would ask the terminal
    except ssl.SSLError:
        raise ValueError("the client certificate does not load: private key and chain as PEM are needed") from None
    finally:
        Path(path).unlink()


class Session:
    """TLS over a wire, as its client. Closing it closes the wire."""

    def __init__(self, wire: Wire, context: ssl.SSLContext, server_name: str | None) -> None:
        self._wire = wire
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._messages: set[int] = set()
        self._watched = _watch_handshake(context, self._messages)
        self._finished = False
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)

    @property
    def client_certificate_requested(self) -> bool | None:
        """Whether the peer has asked for a client certificate; None where this Python cannot tell."""
        return _CERTIFICATE_REQUEST in self._messages if self._watched else None

    @property
    def key_proven(self) -> bool:
        """Whether the peer has proven that it holds the key of its leaf.

        It has with a finished handshake; before that, up to TLS 1.2, where it signed its key exchange: OpenSSL reads
        ServerHelloDone only after that signature was found good. Anybody can send a certificate that is not theirs.
        """
        return self._finished or self._messages >= {_SERVER_KEY_EXCHANGE, _SERVER_HELLO_DONE}

    def handshake(self) -> None:
        """Raises UntrustedError where the chain is refused, PeerFailedError for everything else."""
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._flush()
                self._feed_handshake()
            except ssl.SSLCertVerificationError as error:
                self._try_flush()
                raise UntrustedError(Refusal(error.verify_code, error.verify_message)) from error
            except ssl.SSLError as error:
                self._try_flush()
                raise _failed(error) from error
            else:
                self._finished = True
                self._flush()
                return

    def _feed_handshake(self) -> None:
        data = self._wire.read()
        first = self._wire.first_bytes
        if not data:
            raise PeerFailedError(
                Outcome.CLOSED, "in the middle of the handshake" if first else "after the ClientHello"
            )
        if first[0] not in _RECORD_TYPES or first[1:2] not in {b"", b"\x03"}:
            raise PeerFailedError(Outcome.NOT_TLS, f"it answered {first[:40]!r}")
        self._incoming.write(data)

    def read(self) -> bytes:
        """Some bytes, or none at the end, whether or not the peer announced it."""
        while True:
            try:
                return self._tls.read(_CHUNK)
            except ssl.SSLWantReadError:
                self._flush()
                data = self._wire.read()
                if data:
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""
            except ssl.SSLError as error:
                raise _failed(error) from error

    def write(self, data: bytes) -> None:
        """Send everything."""
        try:
            self._tls.write(data)
        except ssl.SSLError as error:
            raise _failed(error) from error
        self._flush()

    def close(self) -> None:
        """Announce the end, without waiting for the peer's, and close the wire."""
        with contextlib.suppress(ssl.SSLError, ValueError):  # ValueError: there was no handshake
            self._tls.unwrap()
        self._try_flush()
        self._wire.close()

    @property
    def version(self) -> TLSVersion:
        """The protocol version; of an unfinished handshake the one that its records carry."""
        named = self._tls.version()
        return _VERSIONS[named] if named else _RECORD_VERSIONS.get(self._wire.first_bytes[1:3], TLSVersion.TLS_1_2)

    @property
    def cipher(self) -> str:
        """The cipher suite as OpenSSL calls it, "unknown" before there is one."""
        cipher = self._tls.cipher()
        return cipher[0] if cipher else "unknown"

    @property
    def alpn(self) -> str | None:
        """The protocol that ALPN agreed on."""
        return self._tls.selected_alpn_protocol()

    def chain(self) -> tuple[x509.Certificate, ...]:
        """The certificates as received, leaf first; one that cannot be parsed ends the chain."""
        return _parsed(_certificates(self._tls, "get_unverified_chain"))

    def path(self) -> tuple[x509.Certificate, ...]:
        """The certificates from the leaf to the anchor, as OpenSSL verified them; without meaning where it did not."""
        return _parsed(_certificates(self._tls, "get_verified_chain"))

    def _flush(self) -> None:
        if self._outgoing.pending:
            self._wire.write(self._outgoing.read())

    def _try_flush(self) -> None:
        with contextlib.suppress(PeerFailedError):
            self._flush()


def _parsed(certificates: list[bytes]) -> tuple[x509.Certificate, ...]:
    parsed = []
    for der in certificates:
        try:
            parsed.append(x509.load_der_x509_certificate(der))
        except ValueError:
            break
    return tuple(parsed)


def _failed(error: ssl.SSLError) -> PeerFailedError:
    reason = error.reason or ""
    if (alert := _ALERT.fullmatch(reason)) is not None:
        return PeerFailedError(Outcome.ALERT, alert[1].replace("_", " ").lower())
    return PeerFailedError(Outcome.NOT_TLS, reason.replace("_", " ").lower() or str(error))


# The two doors below are private in Python 3.11 and 3.12 and are opened here only. Where one is missing, less is
# told: the leaf alone instead of the chain, None instead of whether a certificate was asked for.


def _certificates(tls: ssl.SSLObject, method: str) -> list[bytes]:
    public: Any = getattr(tls, method, None)  # Python 3.13 and later
    if public is not None:
        return list(public())
    private: Any = getattr(getattr(tls, "_sslobj", None), method, None)
    if private is not None:
        return [ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in private() or ()]
    leaf = tls.getpeercert(binary_form=True)
    return [leaf] if leaf else []


def _watch_handshake(context: ssl.SSLContext, messages: set[int]) -> bool:
    """Collect the types of the handshake messages that come in. Answers whether that is possible."""

    def watch(_tls: object, direction: str, _version: object, content: int, message: int, _data: bytes) -> None:
        if direction == "read" and content == _HANDSHAKE:
            messages.add(int(message))

    if not hasattr(context, "_msg_callback"):
        return False
    context._msg_callback = watch  # noqa: SLF001
    return True
