"""What counts as an HTTP answer, how far it is read, and what a demo server's report becomes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbpatterns.core.observation import Outcome
from lbpatterns.verify.connection import PeerFailedError
from lbpatterns.verify.http_exchange import exchange, read_report
from lbpatterns.verify.probe import Probe


class Script:
    """A stream that holds an answer, handed out in pieces of a given size."""

    def __init__(self, answer: bytes, size: int = 65536) -> None:
        self.answer = answer
        self.size = size
        self.sent = b""

    def read(self) -> bytes:
        piece, self.answer = self.answer[: self.size], self.answer[self.size :]
        return piece

    def write(self, data: bytes) -> None:
        self.sent += data


def probe(**differences: object) -> Probe:
    return Probe(**({"name": "leg", "host": "127.0.0.1", "port": 8080, "tls": False} | differences))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi and more", 200, "hi"),
        (b"HTTP/1.1 200 OK\r\n\r\nto the end", 200, "to the end"),
        (b"HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nhi\r\n3\r\n yo\r\n0\r\n\r\n", 200, "hi yo"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", 204, ""),
        (b"HTTP/1.0 502 Bad Gateway\r\nContent-Length: 3\r\n\r\nbad", 502, "bad"),
        (b"HTTP/1.1 301 Moved\r\nLocation: https://a.test/\r\nContent-Length: 0\r\n\r\n", 301, ""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000, 200, "x" * 2000),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\xff", 200, "�"),
    ],
)
@pytest.mark.parametrize("size", [1, 65536])
def test_an_answer_is_read_to_its_announced_end(answer: bytes, status: int, body: str, size: int) -> None:
    seen = exchange(Script(answer, size), probe())
    assert (seen.status, seen.body, seen.report) == (status, body, None)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n5\r\n",
    ],
)
def test_an_answer_cut_in_its_middle_is_told_with_what_came(answer: bytes) -> None:
    with pytest.raises(PeerFailedError) as raised:
        exchange(Script(answer), probe())
    assert raised.value.outcome is Outcome.CLOSED
    assert raised.value.http is not None
    assert (raised.value.http.status, raised.value.http.body) == (200, "half")


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000,
    ],
    ids=lambda raw: repr(raw[:40]),
)
def test_what_is_almost_http_is_not_http(answer: bytes) -> None:
    with pytest.raises(PeerFailedError) as raised:
        exchange(Script(answer), probe())
    assert raised.value.outcome is Outcome.NOT_HTTP


@given(answer=st.binary(max_size=300).map(lambda tail: b"HTTP/1.1 200 OK\r\n" + tail), size=st.integers(1, 50))
def test_an_answer_is_read_or_refused_whatever_it_holds(answer: bytes, size: int) -> None:
    try:
        outcome = Outcome.ANSWERED if exchange(Script(answer, size), probe()).status < 600 else None
    except PeerFailedError as error:
        outcome = error.outcome
    assert outcome in {Outcome.ANSWERED, Outcome.CLOSED, Outcome.NOT_HTTP}


def test_a_body_without_end_is_left_at_the_limit() -> None:
    stream = Script(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n" + b"x" * 3_000_000)
    assert exchange(stream, probe()).body == "x" * 2000
    assert len(stream.answer) > 1_800_000


def test_the_request_carries_what_the_probe_says() -> None:
    stream = Script(b"HTTP/1.1 204 No Content\r\n\r\n")
    exchange(stream, probe(server_name="a.test", path="/x?y", headers=(("X-Forwarded-Proto", "http"),)))
    assert stream.sent.decode().splitlines() == [
        "GET /x?y HTTP/1.1",
        "Host: a.test:8080",
        "User-Agent: lbpatterns-verify",
        "Accept: */*",
        "X-Forwarded-Proto: http",
        "Connection: close",
        "",
    ]


class Hurried(Script):
    """A peer that has answered and no longer listens."""

    def write(self, data: bytes) -> None:
        raise PeerFailedError(Outcome.RESET, "")


def test_an_early_answer_counts_though_the_request_could_not_be_sent() -> None:
    assert exchange(Hurried(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"), probe()).status == 408
    with pytest.raises(PeerFailedError) as raised:
        exchange(Hurried(b""), probe())
    assert raised.value.outcome is Outcome.RESET


def test_a_report_becomes_plain_values_with_lower_case_header_names() -> None:
    report = read_report(
        json.dumps(
            {
                "server": "s1",
                "received_over": "tls",
                "tls_version": "TLSv1.3",
                "sni": "a.test",
                "client_certificate": {"subject": "CN=client"},
                "headers": [["X-One", "1"], ["x-one", "2"]],
            }
        )
    )
    assert report is not None
    assert (report.server, report.received_over, report.server_name) == ("s1", "tls", "a.test")
    assert report.client_certificate == "CN=client"
    assert report.values("X-One") == ("1", "2")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no JSON",
        "[]",
        "{}",
        '{"server": 1, "received_over": "tls"}',
        '{"server": "a", "received_over": "x"}',
        "[" * 100_000,
    ],
    ids=lambda body: body[:20],
)
def test_what_is_no_report_is_none(body: str) -> None:
    assert read_report(body) is None


def test_a_report_with_strange_parts_is_read_as_far_as_it_makes_sense() -> None:
    report = read_report(
        '{"server": "a", "received_over": "tls", "sni": 1, "client_certificate": 2, "headers": [1, ["a"], ["B", "c"]]}'
    )
    assert report is not None
    assert (report.server_name, report.client_certificate, report.headers) == (None, None, (("b", "c"),))
