"""A PROXY header, version 1 or 2, is read before anything else where it is asked for."""

import json
import socket
import ssl
import struct
from collections.abc import Iterator
from typing import Any

import pytest

from lbpatterns.demo.servers import DemoServer
from lbpatterns.pki import Authority, Issued

NAME = "backend.internal"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("Test CA")


@pytest.fixture(scope="module")
def certificate(authority: Authority) -> Issued:
    return authority.issue([NAME])


def say(server: DemoServer, data: bytes) -> bytes:
    """Send raw bytes, say that no more will come, and read to the end."""
    with socket.create_connection((server.address, server.port), timeout=10) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        return read_all(connection)


def read_all(connection: socket.socket) -> bytes:
    answer = b""
    while chunk := connection.recv(65536):
        answer += chunk
    return answer


def body_of(answer: bytes) -> dict[str, Any]:
    body = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert isinstance(body, dict)
    return body


V2 = b"\r\n\r\n\x00\r\nQUIT\n"
V4 = bytes([192, 0, 2, 7, 192, 0, 2, 1]) + struct.pack("!HH", 5555, 443)
V6 = bytes(15) + b"\x01" + bytes(15) + b"\x02" + struct.pack("!HH", 5555, 443)
PROXY_HEADERS = {
    b"PROXY TCP4 192.0.2.7 192.0.2.1 5555 443\r\n": {"version": 1, "source": ["192.0.2.7", 5555]},
    b"PROXY TCP6 2001:db8::7 2001:db8::1 5555 443\r\n": {"version": 1, "source": ["2001:db8::7", 5555]},
    b"PROXY UNKNOWN\r\n": {"version": 1, "source": None},
    V2 + b"\x21\x11\x00\x0c" + V4: {"version": 2, "source": ["192.0.2.7", 5555]},
    V2 + b"\x21\x11\x00\x10" + V4 + b"\x04\x00\x01x": {"version": 2, "source": ["192.0.2.7", 5555]},
    V2 + b"\x21\x21\x00\x24" + V6: {"version": 2, "source": ["::1", 5555]},
    V2 + b"\x20\x00\x00\x00": {"version": 2, "source": None},
}


@pytest.fixture(scope="module")
def behind_proxy() -> Iterator[DemoServer]:
    with DemoServer(proxy_protocol=True) as server:
        yield server


@pytest.mark.parametrize("header", PROXY_HEADERS, ids=repr)
def test_a_proxy_header_is_read_and_the_request_after_it(behind_proxy: DemoServer, header: bytes) -> None:
    report = body_of(say(behind_proxy, header + b"GET /x HTTP/1.0\r\n\r\n"))
    assert report["proxy_protocol"] == PROXY_HEADERS[header]
    assert report["path"] == "/x"
    assert bytes.fromhex(report["bytes_first"]) == b"GET /x HTTP/1.0\r\n\r\n"[:16]


def test_a_proxy_header_may_come_byte_by_byte(behind_proxy: DemoServer) -> None:
    with socket.create_connection((behind_proxy.address, behind_proxy.port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in V2 + b"\x21\x11\x00\x0c" + V4:
            connection.sendall(bytes([byte]))
        connection.sendall(b"GET /x HTTP/1.0\r\n\r\n")
        assert body_of(read_all(connection))["proxy_protocol"]["source"] == ["192.0.2.7", 5555]


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"PROXY TCP4 192.0.2.7 192.0.2.1 5555\r\n",
        b"PROXY TCP4 ::1 ::2 5555 443\r\n",
        b"PROXY TCP4 192.0.2.7 192.0.2.1 99999 443\r\n",
        b"PROXY TCP4 nobody 192.0.2.1 5555 443\r\n",
        b"PROXY " + b"x" * 200 + b"\r\n",
        V2 + b"\x31\x11\x00\x0c" + V4,
        V2 + b"\x2f\x11\x00\x0c" + V4,
        V2 + b"\x21\x11\x00\x04" + V4[:4],
        V2 + b"\x21\x11\xff\xff",
    ],
    ids=repr,
)
def test_without_a_proper_proxy_header_nothing_is_answered(behind_proxy: DemoServer, raw: bytes) -> None:
    failures = len(behind_proxy.failures)
    assert say(behind_proxy, raw) == b""
    assert len(behind_proxy.failures) == failures + 1


def test_a_proxy_header_comes_before_tls(authority: Authority, certificate: Issued) -> None:
    with (
        DemoServer(certificate=certificate, proxy_protocol=True) as server,
        socket.create_connection((server.address, server.port), timeout=10) as connection,
    ):
        connection.sendall(b"PROXY TCP4 192.0.2.7 192.0.2.1 5555 443\r\n")
        with ssl.create_default_context(cadata=authority.certificate_pem).wrap_socket(
            connection, server_hostname=NAME
        ) as session:
            session.sendall(b"GET / HTTP/1.0\r\n\r\n")
            report = body_of(read_all(session))
    assert report["proxy_protocol"] == {"version": 1, "source": ["192.0.2.7", 5555]}
    assert report["received_over"] == "tls"
    assert report["bytes_first"].startswith("160301")
