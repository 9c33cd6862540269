"""HTTP/1.1 requests as bytes: read strictly, so that a report never shows a guess (RFC 9112)."""

import re
from dataclasses import dataclass
from http import HTTPStatus

from lbpatterns.demo.channels import Intake, MalformedError

HEAD_LIMIT = 65536
BODY_LIMIT = 16 * 1024 * 1024
_REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([\x21-\x7e]+) HTTP/1\.([01])")
_REQUEST_START = re.compile(rb"[\r\n!#$%&'*+.^_`|~0-9A-Za-z-]")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;.*)?", re.DOTALL)


@dataclass(frozen=True)
class Request:
    """The head of a request. Header names as received, duplicates kept, in order."""

    method: str
    path: str
    minor_version: int
    headers: tuple[tuple[str, str], ...]

    def values(self, name: str) -> list[str]:
        """Every value of one header, given in lower case."""
        return [value for header, value in self.headers if header.lower() == name]

    @property
    def keeps_alive(self) -> bool:
        """Whether the client lets the connection live on after the answer."""
        wishes = {wish.strip().lower() for value in self.values("connection") for wish in value.split(",")}
        return "keep-alive" in wishes if self.minor_version == 0 else "close" not in wishes

    @property
    def expects_continue(self) -> bool:
        """Whether the client waits for `100 Continue` before it sends the body."""
        return [value.lower() for value in self.values("expect")] == ["100-continue"]


async def read_request(intake: Intake) -> Request:
    """The next request's head. EOFError where the client has left, MalformedError where it is not HTTP/1."""
    # A client that speaks TLS says nothing more until it is answered: its first byte has to do.
    start = await intake.at_least(1)
    if not _REQUEST_START.match(start):
        raise MalformedError(f"no HTTP/1 request: it begins with {start.hex()}")
    head = (await intake.until(b"\r\n\r\n", HEAD_LIMIT)).lstrip(b"\r\n")
    first, *rest = head.split(b"\r\n")
    line = _REQUEST_LINE.fullmatch(first)
    if line is None:
        raise MalformedError(f"no HTTP/1 request: {first[:40]!r}")
    headers = []
    for raw in rest:
        field = _FIELD.fullmatch(raw)
        if field is None:
            raise MalformedError(f"no header field: {raw[:40]!r}")
        headers.append((field[1].decode(), field[2].decode("latin-1")))
    request = Request(line[1].decode(), line[2].decode(), int(line[3]), tuple(headers))
    if request.minor_version == 1 and len(request.values("host")) != 1:
        raise MalformedError("a request of HTTP/1.1 has exactly one Host")
    return request


async def drain_body(intake: Intake, request: Request) -> None:
    """Read the body and forget it. MalformedError where its length is ambiguous or beyond `BODY_LIMIT` bytes."""
    codings, lengths = request.values("transfer-encoding"), set(request.values("content-length"))
    if codings and lengths:
        raise MalformedError("both Transfer-Encoding and Content-Length")
    if codings:
        if [coding.strip().lower() for coding in codings] != ["chunked"]:
            raise MalformedError(f"an unknown Transfer-Encoding: {codings}")
        await _drain_chunks(intake)
    elif lengths:
        length = lengths.pop()
        if lengths or not re.fullmatch("[0-9]{1,12}", length) or int(length) > BODY_LIMIT:
            raise MalformedError(f"no Content-Length that is accepted here: {length[:40]!r}")
        await intake.drop(int(length))


async def _drain_chunks(intake: Intake) -> None:
    total = 0
    while True:
        line = await intake.until(b"\r\n", 1024)
        match = _CHUNK_SIZE.fullmatch(line)
        if match is None:
            raise MalformedError(f"no size of a chunk: {line[:40]!r}")
        size = int(match[1], 16)
        total += size
        if total > BODY_LIMIT:
            raise MalformedError(f"a body of more than {BODY_LIMIT} bytes")
        if size == 0:
            break
        await intake.drop(size)
        if await intake.until(b"\r\n", 2) != b"":
            raise MalformedError("a chunk is longer than its size says")
    trailers = 0
    while trailer := await intake.until(b"\r\n", HEAD_LIMIT):
        trailers += len(trailer)
        if trailers > HEAD_LIMIT:
            raise MalformedError("trailers beyond the limit of a head")


def response(status: HTTPStatus, body: bytes, *, close: bool, head_only: bool = False) -> bytes:
    """An answer with a JSON body. `head_only` leaves the body out, as HEAD wants it, and keeps its length."""
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        "Content-Type: application/json\r\n"
        "Cache-Control: no-store\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"{'Connection: close' if close else 'Connection: keep-alive'}\r\n\r\n"
    ).encode()
    return head if head_only else head + body
