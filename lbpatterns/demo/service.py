"""What a demo server does with a connection: listen, take TLS off, read requests, report what it saw."""

import asyncio
import contextlib
import json
import os
import socket
import ssl
import tempfile
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from lbpatterns.demo.channels import Channel, Intake, MalformedError, PlainChannel, ProxyHeader, TLSChannel
from lbpatterns.demo.requests import Request, drain_body, read_request, response

_PATIENCE = 30.0
_PARTING = 1.0
_REPORTS_KEPT = 10_000


class HasPrivateKeyAndChain(Protocol):
    """What a server can be given as its certificate, besides PEM text: `lbpatterns.pki.Issued` is one."""

    @property
    def private_key_and_chain_pem(self) -> str:
        """Private key, leaf and intermediates as PEM text."""


class ServerTLS:
    """A server's side of TLS: one certificate, perhaps a client authority, and the server names that clients sent."""

    def __init__(
        self, certificate: HasPrivateKeyAndChain | str, client_ca_pem: str | None, *, client_certificate_required: bool
    ) -> None:
        pem = certificate if isinstance(certificate, str) else certificate.private_key_and_chain_pem
        self._names: WeakKeyDictionary[ssl.SSLObject | ssl.SSLSocket, str | None] = WeakKeyDictionary()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # A demo server shows what real servers do, weak keys included; judging them is the observer's business.
        self.context.set_ciphers("DEFAULT:@SECLEVEL=0")
        self.context.set_alpn_protocols(["http/1.1"])
        self.context.sni_callback = self._remember
        _load_certificate(self.context, pem)
        if client_ca_pem is not None:
            self.context.load_verify_locations(cadata=client_ca_pem)
            self.context.verify_mode = ssl.CERT_REQUIRED if client_certificate_required else ssl.CERT_OPTIONAL

    def _remember(self, session: ssl.SSLObject | ssl.SSLSocket, name: str | None, _context: ssl.SSLContext) -> None:
        self._names[session] = name

    def server_name(self, session: ssl.SSLObject) -> str | None:
        """What SNI carried in this session."""
        return self._names.get(session)


def _load_certificate(context: ssl.SSLContext, private_key_and_chain_pem: str) -> None:
    """`ssl` reads keys from files only: one that nobody else may read, gone at once."""
    descriptor, path = tempfile.mkstemp(prefix="lbpatterns-", suffix=".pem")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(private_key_and_chain_pem)
        context.load_cert_chain(path)
    finally:
        Path(path).unlink()


@dataclass
class ReportingService:
    """Answers every request with a JSON report of what was received. One event loop, no threads.

    `reports` holds what was answered, oldest first, the last 10,000. `failures` holds in words what came instead of
    a request: a failed handshake, a missing PROXY header, bytes that are not HTTP.
    """

    name: str
    tls: ServerTLS | None = None
    proxy_protocol: bool = False
    reports: list[dict[str, Any]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    _listener: socket.socket | None = None
    _connections: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self, address: str, port: int) -> int:
        """Listen, and answer the port that was bound (0 asks for a free one). Raises OSError."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._listener = socket.create_server((address, port), family=family, backlog=128)
        self._listener.setblocking(False)
        asyncio.get_running_loop().add_reader(self._listener, self._accept, self._listener)
        return int(self._listener.getsockname()[1])

    async def stop(self) -> None:
        """Stop listening and cut every connection."""
        if self._listener is not None:
            asyncio.get_running_loop().remove_reader(self._listener)
            self._listener.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await asyncio.sleep(0)  # the transports that were aborted get the turn in which they close their sockets

    def _accept(self, listener: socket.socket) -> None:
        """Accepting here rather than in `asyncio.start_server`: no connection is ever between accepted and known."""
        try:
            connection, peer = listener.accept()
        except OSError:  # it has left already
            return
        connection.setblocking(False)
        task = asyncio.get_running_loop().create_task(self._connected(connection, peer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        task.add_done_callback(lambda _: connection.close())  # also where the task was cut before it began

    async def _connected(self, connection: socket.socket, peer: tuple[Any, ...]) -> None:
        writer: asyncio.StreamWriter | None = None
        try:
            reader, writer = await asyncio.open_connection(sock=connection)
            try:
                await self._serve(PlainChannel(reader, writer), peer)
            except (MalformedError, ssl.SSLError) as error:
                self._failed(error)
            except EOFError:
                pass  # the client has left before it sent what was due
            await _part(reader, writer)
        except (OSError, TimeoutError):
            pass  # the client has reset the connection, or sleeps
        except asyncio.CancelledError:
            pass  # `stop` cuts this connection; raised on, asyncio would log it
        finally:
            if writer is not None:
                writer.transport.abort()

    async def _serve(self, wire: PlainChannel, peer: tuple[Any, ...]) -> None:
        seen: dict[str, Any] = {"server": self.name, "peer": list(peer[:2])}
        header: ProxyHeader | None = None
        if self.proxy_protocol:
            header = await asyncio.wait_for(wire.read_proxy_header(), _PATIENCE)
        seen["proxy_protocol"] = header and {"version": header.version, "source": header.source and [*header.source]}
        if self.tls is None:
            await self._answer_requests(wire, wire, seen | _PLAINTEXT)
            return
        tls, channel = self.tls, TLSChannel(wire, self.tls.context)
        await asyncio.wait_for(channel.handshake(), _PATIENCE)
        await self._answer_requests(channel, wire, seen | _session_seen(tls, channel.session))
        await channel.close()

    async def _answer_requests(self, channel: Channel, wire: PlainChannel, seen: dict[str, Any]) -> None:
        intake, alive = Intake(channel), True
        while alive:
            try:
                request = await asyncio.wait_for(read_request(intake), _PATIENCE)
                if request.expects_continue:
                    await channel.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                await asyncio.wait_for(drain_body(intake, request), _PATIENCE)
            except MalformedError as error:
                self._failed(error)
                body = json.dumps({"error": "malformed request"}).encode()
                await channel.write(response(HTTPStatus.BAD_REQUEST, body, close=True))
                return
            except EOFError:
                return
            report = _report(seen, request, wire)
            self._keep(report)
            alive = request.keeps_alive
            body = json.dumps(report).encode()
            await channel.write(
                response(HTTPStatus.OK, body, close=not alive, head_only=request.method == "HEAD"),
            )

    def _keep(self, report: dict[str, Any]) -> None:
        self.reports.append(report)
        del self.reports[:-_REPORTS_KEPT]

    def _failed(self, error: Exception) -> None:
        self.failures.append(str(error))
        del self.failures[:-_REPORTS_KEPT]


async def _part(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say that no more will come, then read what the client still sends, for a second at most.

    A socket closed over unread bytes sends a reset, and that may overtake the answer or the alert just sent.
    """
    await writer.drain()
    writer.write_eof()
    async with asyncio.timeout(_PARTING):
        while await reader.read(65536):
            pass


_PLAINTEXT = {
    "received_over": "plaintext",
    "tls_version": None,
    "cipher": None,
    "alpn": None,
    "sni": None,
    "client_certificate": None,
}


def _session_seen(tls: ServerTLS, session: ssl.SSLObject) -> dict[str, Any]:
    cipher = session.cipher()
    return {
        "received_over": "tls",
        "tls_version": session.version(),
        "cipher": cipher and cipher[0],
        "alpn": session.selected_alpn_protocol(),
        "sni": tls.server_name(session),
        "client_certificate": _client_certificate(session.getpeercert(binary_form=True)),
    }


def _client_certificate(der: bytes | None) -> dict[str, Any] | None:
    if not der:
        return None
    certificate = x509.load_der_x509_certificate(der)
    names: list[str] = []
    with contextlib.suppress(x509.ExtensionNotFound):
        alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = alternatives.get_values_for_type(x509.DNSName)
    return {
        "subject": certificate.subject.rfc4514_string(),
        "issuer": certificate.issuer.rfc4514_string(),
        "names": names,
        "sha256": certificate.fingerprint(hashes.SHA256()).hex(),
    }


def _report(seen: dict[str, Any], request: Request, wire: PlainChannel) -> dict[str, Any]:
    return seen | {
        "method": request.method,
        "path": request.path,
        "host": next(iter(request.values("host")), None),
        "headers": [list(header) for header in request.headers],
        "bytes_first": wire.first_bytes.hex(),
    }
