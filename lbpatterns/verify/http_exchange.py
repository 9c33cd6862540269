"""One HTTP/1.1 request and its answer, over any stream of bytes."""

import json
import re
from typing import Any, Protocol

from lbpatterns.core.observation import HTTPSeen, Outcome, ServerReport
from lbpatterns.verify.connection import PeerFailedError
from lbpatterns.verify.probe import Probe

USER_AGENT = "lbpatterns-verify"
_HEAD_LIMIT = 65536
_BODY_LIMIT = 1024 * 1024
_BODY_SHOWN = 2000
_START = b"HTTP/1."
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: [^\r\n]*)?")
_Headers = tuple[tuple[str, str], ...]


class Stream(Protocol):
    """What a request is sent over. Failures are PeerFailedError."""

    def read(self) -> bytes:
        """Some bytes, or none at the end."""

    def write(self, data: bytes) -> None:
        """Send everything."""


def exchange(stream: Stream, probe: Probe) -> HTTPSeen:
    """Ask for the probe's path. Raises PeerFailedError where no whole answer comes."""
    refused: PeerFailedError | None = None
    try:
        stream.write(_request(probe))
    except PeerFailedError as error:
        refused = error  # it may have said why before it stopped listening: an alert, an early answer
    intake = _Intake(stream)
    try:
        return _answer(intake)
    except PeerFailedError as error:
        if refused is not None and error.outcome is Outcome.CLOSED:
            raise refused from error
        raise


def _request(probe: Probe) -> bytes:
    fields = [
        ("Host", probe.authority),
        ("User-Agent", USER_AGENT),
        ("Accept", "*/*"),
        *probe.headers,
        ("Connection", "close"),
    ]
    lines = [f"GET {probe.path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def _answer(intake: "_Intake") -> HTTPSeen:
    status, headers = _head(intake)
    for _ in range(10):
        if status >= 200:
            break
        status, headers = _head(intake)  # 1xx answers come before the one that counts
    body = bytearray()
    try:
        if status not in {204, 304}:
            _read_body(intake, headers, body)
    except PeerFailedError as error:
        raise PeerFailedError(error.outcome, f"in the body: {error.detail}", _seen(status, headers, body)) from error
    return _seen(status, headers, body)


def _seen(status: int, headers: _Headers, body: bytearray) -> HTTPSeen:
    text = body.decode("utf-8", "replace")
    return HTTPSeen(status=status, headers=headers, body=text[:_BODY_SHOWN], report=read_report(text))


def _head(intake: "_Intake") -> tuple[int, _Headers]:
    raw = intake.head()
    first, *lines = raw.split(b"\r\n")
    status = _STATUS_LINE.fullmatch(first)
    if status is None:
        raise PeerFailedError(Outcome.NOT_HTTP, f"it answered {first[:40]!r}")
    headers = []
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not name.strip():
            raise PeerFailedError(Outcome.NOT_HTTP, f"no header field: {line[:40]!r}")
        headers.append((name.strip().decode("latin-1").lower(), value.strip().decode("latin-1")))
    return int(status[1]), tuple(headers)


def _read_body(intake: "_Intake", headers: _Headers, body: bytearray) -> None:
    """To its announced end and no further: a load balancer may keep the connection open well after its answer."""
    known = dict(headers)
    if known.get("transfer-encoding", "").lower() == "chunked":
        _read_chunks(intake, body)
    elif known.get("content-length", "").isascii() and known.get("content-length", "").isdigit():
        intake.take(int(known["content-length"][:9]), body)
    else:
        intake.take_all(body)


def _read_chunks(intake: "_Intake", body: bytearray) -> None:
    while len(body) < _BODY_LIMIT:
        size = intake.line().split(b";")[0].strip()
        if not re.fullmatch(rb"[0-9A-Fa-f]{1,8}", size):
            raise PeerFailedError(Outcome.NOT_HTTP, f"no size of a chunk: {size[:40]!r}")
        if int(size, 16) == 0:
            return
        intake.take(int(size, 16), body)
        if len(body) < _BODY_LIMIT:
            intake.line()


def read_report(body: str) -> ServerReport | None:
    """The report of a demo server, where the body is one."""
    try:
        plain: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(plain, dict) or not isinstance(plain.get("server"), str):
        return None
    if plain.get("received_over") not in {"plaintext", "tls"}:
        return None
    client = plain.get("client_certificate")
    headers = plain.get("headers")
    return ServerReport(
        server=plain["server"],
        received_over=plain["received_over"],
        tls_version=_text(plain.get("tls_version")),
        server_name=_text(plain.get("sni")),
        client_certificate=_text(client.get("subject")) if isinstance(client, dict) else None,
        headers=tuple(_pairs(headers)) if isinstance(headers, list) else (),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _pairs(headers: list[Any]) -> list[tuple[str, str]]:
    pairs = [pair for pair in headers if isinstance(pair, list) and len(pair) == 2]
    return [(name.lower(), value) for name, value in pairs if isinstance(name, str) and isinstance(value, str)]


class _Intake:
    """What was read from a stream and not used yet."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._buffer = bytearray()

    def head(self) -> bytes:
        """Up to the empty line. What does not begin like HTTP is told at once, not when the peer falls silent."""
        while (at := self._buffer.find(b"\r\n\r\n")) < 0:
            start = bytes(self._buffer[: len(_START)])
            if not _START.startswith(start):
                raise PeerFailedError(Outcome.NOT_HTTP, f"it answered {bytes(self._buffer[:40])!r}")
            if len(self._buffer) > _HEAD_LIMIT:
                raise PeerFailedError(Outcome.NOT_HTTP, f"more than {_HEAD_LIMIT} bytes of headers")
            self._more()
        taken = bytes(self._buffer[:at])
        del self._buffer[: at + 4]
        return taken

    def line(self) -> bytes:
        """Up to the end of the line."""
        while (at := self._buffer.find(b"\r\n")) < 0:
            if len(self._buffer) > _HEAD_LIMIT:
                raise PeerFailedError(Outcome.NOT_HTTP, f"more than {_HEAD_LIMIT} bytes in a line")
            self._more()
        taken = bytes(self._buffer[:at])
        del self._buffer[: at + 2]
        return taken

    def take(self, count: int, into: bytearray) -> None:
        """The next `count` bytes, as far as the limit of a body allows."""
        left = min(count, _BODY_LIMIT - len(into))
        while left > 0:
            if not self._buffer:
                self._more()
            taken = self._buffer[:left]
            into += taken
            left -= len(taken)
            del self._buffer[: len(taken)]

    def take_all(self, into: bytearray) -> None:
        """Everything to the end of the stream, as far as the limit of a body allows."""
        into += self._buffer
        while len(into) < _BODY_LIMIT and (data := self._stream.read()):
            into += data

    def _more(self) -> None:
        data = self._stream.read()
        if not data:
            begun = "in the middle of an HTTP answer" if self._buffer else "after the request"
            raise PeerFailedError(Outcome.CLOSED, begun)
        self._buffer += data
