"""Connections with one deadline, whose failures say what the peer did."""

import contextlib
import ipaddress
import socket
import struct
import threading
import time
from typing import Any

from lbpatterns.core.observation import HTTPSeen, Outcome
from lbpatterns.core.spec import ProxyProtocol

_CHUNK = 65536
_V2_SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
_Address = tuple[Any, ...]


class PeerFailedError(Exception):
    """The peer did not go along. `http` is set where it failed in the middle of an answer."""

    def __init__(self, outcome: Outcome, detail: str, http: HTTPSeen | None = None) -> None:
        super().__init__(f"{outcome}: {detail}")
        self.outcome = outcome
        self.detail = detail
        self.http = http


class Wire:
    """A TCP connection. Every operation ends by `deadline`, a value of `time.monotonic()`.

    All failures are PeerFailedError. `first_bytes` are the first 64 that the peer sent.
    """

    def __init__(self, host: str, port: int, deadline: float) -> None:
        self._deadline = deadline
        self._socket = _connect(host, port, deadline)
        self.first_bytes = b""

    def read(self) -> bytes:
        """Some bytes, or none at the end."""
        try:
            self._socket.settimeout(remaining(self._deadline))
            data = self._socket.recv(_CHUNK)
        except OSError as error:
            raise failure(error) from error
        if len(self.first_bytes) < 64:
            self.first_bytes = (self.first_bytes + data)[:64]
        return data

    def write(self, data: bytes) -> None:
        """Send everything."""
        try:
            self._socket.settimeout(remaining(self._deadline))
            self._socket.sendall(data)
        except OSError as error:
            raise failure(error) from error

    def send_proxy_header(self, version: ProxyProtocol) -> None:
        """Announce this connection's own addresses, as a load balancer announces its client's."""
        source, destination = self._socket.getsockname(), self._socket.getpeername()
        self.write(_proxy_v1(source, destination) if version is ProxyProtocol.V1 else _proxy_v2(source, destination))

    def close(self) -> None:
        """Close at once."""
        self._socket.close()


def remaining(deadline: float) -> float:
    """The seconds left. Raises TimeoutError when there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the time for this observation is over")
    return left


def failure(error: OSError) -> PeerFailedError:
    """What the peer did, from the error that the operating system gave."""
    match error:
        case TimeoutError():
            return PeerFailedError(Outcome.TIMED_OUT, "")
        case ConnectionRefusedError():
            return PeerFailedError(Outcome.REFUSED, "")
        case ConnectionResetError() | BrokenPipeError() | ConnectionAbortedError():
            return PeerFailedError(Outcome.RESET, "")
    return PeerFailedError(Outcome.UNREACHABLE, error.strerror or str(error))


def _connect(host: str, port: int, deadline: float) -> socket.socket:
    """Try every address, each with an equal share of the time left; the last failure is the one told."""
    addresses = _resolve(host, port, deadline)
    failed = PeerFailedError(Outcome.UNREACHABLE, f"{host} has no address")
    for tried, (family, address) in enumerate(addresses):
        try:
            share = remaining(deadline) / (len(addresses) - tried)
            connection = socket.socket(family, socket.SOCK_STREAM)
        except OSError as error:
            raise failure(error) from error
        try:
            connection.settimeout(share)
            # Without this the request waits some 40 ms behind the end of a TLS 1.3 handshake for a delayed ACK.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.connect(address)
        except OSError as error:
            connection.close()
            failed = failure(error)
        else:
            return connection
    raise failed


def _resolve(host: str, port: int, deadline: float) -> list[tuple[int, _Address]]:
    """The addresses of a host. The resolver knows no deadline, so it is left behind in its thread when late."""
    with contextlib.suppress(ValueError):
        version = ipaddress.ip_address(host).version
        return [(socket.AF_INET if version == 4 else socket.AF_INET6, (host, port))]
    found: list[tuple[int, _Address]] = []
    problems: list[OSError] = []

    def look_up() -> None:
        try:
            found.extend((item[0], item[4]) for item in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except OSError as error:
            problems.append(error)

    thread = threading.Thread(target=look_up, name="lbpatterns-resolve", daemon=True)
    thread.start()
    thread.join(max(0.0, deadline - time.monotonic()))
    if problems:
        raise PeerFailedError(Outcome.UNREACHABLE, f"{host}: {problems[0].strerror}") from problems[0]
    if thread.is_alive():
        raise PeerFailedError(Outcome.TIMED_OUT, f"looking up {host}")
    return found


def _proxy_v1(source: _Address, destination: _Address) -> bytes:
    family = "TCP6" if ":" in source[0] else "TCP4"
    return f"PROXY {family} {source[0]} {destination[0]} {source[1]} {destination[1]}\r\n".encode("ascii")


def _proxy_v2(source: _Address, destination: _Address) -> bytes:
    addresses = [ipaddress.ip_address(address[0]) for address in (source, destination)]
    payload = b"".join(address.packed for address in addresses) + struct.pack("!HH", source[1], destination[1])
    family = 0x11 if addresses[0].version == 4 else 0x21  # TCP over IPv4, TCP over IPv6
    return _V2_SIGNATURE + struct.pack("!BBH", 0x21, family, len(payload)) + payload
