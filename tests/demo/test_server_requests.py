"""Plain requests are reported as received, malformed ones refused, whatever bytes come."""

import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lbpatterns.demo.servers import DemoServer

NAME = "backend.internal"


@pytest.fixture(scope="module")
def plain() -> Iterator[DemoServer]:
    with DemoServer("plain") as server:
        yield server


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


def test_a_plaintext_request_is_reported_as_received(plain: DemoServer) -> None:
    raw = b"GET /a?b=c HTTP/1.1\r\nHost: shop.example.test\r\nX-One: 1\r\nx-one: 2\r\nConnection: close\r\n\r\n"
    report = body_of(say(plain, raw))
    assert report["server"] == "plain"
    assert report["received_over"] == "plaintext"
    assert report["tls_version"] is report["sni"] is report["client_certificate"] is report["proxy_protocol"] is None
    assert (report["method"], report["path"], report["host"]) == ("GET", "/a?b=c", "shop.example.test")
    assert report["headers"] == [["Host", "shop.example.test"], ["X-One", "1"], ["x-one", "2"], ["Connection", "close"]]
    assert bytes.fromhex(report["bytes_first"]) == raw[:16]
    assert report["peer"][0] == "127.0.0.1"
    assert plain.reports[-1] == report


def test_one_connection_carries_many_requests(plain: DemoServer) -> None:
    connection = http.client.HTTPConnection(plain.address, plain.port, timeout=10)
    peers = set()
    for method, path, body in [
        ("GET", "/1", None),
        ("POST", "/2", b"x" * 300_000),
        ("PUT", "/3", b""),
        ("GET", "/4", None),
    ]:
        connection.request(method, path, body)
        report = json.loads(connection.getresponse().read())
        assert (report["method"], report["path"]) == (method, path)
        peers.add(tuple(report["peer"]))
    connection.request("POST", "/5", iter([b"one", b"two" * 9000]), encode_chunked=True)
    assert json.loads(connection.getresponse().read())["path"] == "/5"
    connection.request("HEAD", "/6")
    answer = connection.getresponse()
    assert int(answer.getheader("Content-Length", "0")) > 100
    assert answer.read() == b""
    connection.request("GET", "/7")
    assert json.loads(connection.getresponse().read())["path"] == "/7"
    connection.close()
    assert len(peers) == 1


def test_requests_sent_in_one_go_are_answered_in_order(plain: DemoServer) -> None:
    one, two = (b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % number for number in (1, 2))
    answer = say(plain, one + two)
    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert answer.index(b'"/1"') < answer.index(b'"/2"')


def test_a_client_that_expects_to_be_told_to_go_on_is_told(plain: DemoServer) -> None:
    with socket.create_connection((plain.address, plain.port), timeout=10) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"hi")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    ("raw", "closes"),
    [(b"GET / HTTP/1.0\r\n\r\n", True), (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", False)],
)
def test_http_1_0_closes_unless_asked_otherwise(plain: DemoServer, raw: bytes, closes: bool) -> None:
    assert (b"Connection: close" in say(plain, raw)) is closes


@pytest.mark.parametrize(
    "raw",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxxx\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
    ],
    ids=lambda raw: repr(raw[-40:]),
)
def test_a_malformed_request_is_answered_400_and_not_reported(plain: DemoServer, raw: bytes) -> None:
    reports = len(plain.reports)
    assert say(plain, raw).startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert len(plain.reports) == reports


def test_the_answer_is_not_lost_behind_what_the_client_still_sends(plain: DemoServer) -> None:
    """A socket that is closed over unread bytes resets, and the client sees that instead of the answer."""
    assert say(plain, b"\x16" + b"x" * 2_000_000).startswith(b"HTTP/1.1 400 ")


@settings(max_examples=60, deadline=None)
@given(garbage=st.binary(max_size=300))
def test_no_bytes_kill_a_plaintext_server(plain: DemoServer, garbage: bytes) -> None:
    answer = say(plain, garbage)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 ")
    assert b"200 OK" in say(plain, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
