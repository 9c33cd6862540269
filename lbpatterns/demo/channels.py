"""Streams of bytes as a server sees them: plain, after a PROXY header, inside TLS.

TLS runs over memory buffers rather than `loop.start_tls`, because bytes that were already read (a PROXY header and
what came with it) cannot be handed to the latter.
"""

import asyncio
import contextlib
import ipaddress
import ssl
import struct
from dataclasses import dataclass
from typing import Protocol

_CHUNK = 65536
_V2_SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
_V1_LIMIT = 107  # the longest header of version 1, its CRLF included (PROXY protocol specification, section 2.1)
_V2_LIMIT = 4096


class MalformedError(ValueError):
    """The peer has sent something that is not what this protocol allows."""


class Channel(Protocol):
    """A stream of bytes in both directions."""

    async def read(self) -> bytes:
        """Some bytes, or none at the end."""

    async def write(self, data: bytes) -> None:
        """Send everything."""


class PlainChannel:
    """A TCP connection. `first_bytes` are the first 16 after a PROXY header, for telling plaintext from TLS."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._pushed_back = b""
        self.first_bytes = b""

    async def read(self) -> bytes:
        """Some bytes, or none at the end."""
        data, self._pushed_back = self._pushed_back, b""
        data = data or await self._reader.read(_CHUNK)
        if len(self.first_bytes) < 16:
            self.first_bytes = (self.first_bytes + data)[:16]
        return data

    async def write(self, data: bytes) -> None:
        """Send everything."""
        self._writer.write(data)
        await self._writer.drain()

    async def read_proxy_header(self) -> "ProxyHeader":
        """The PROXY header that must come first; the bytes after it stay to be read. Raises MalformedError."""
        intake = Intake(self)
        start = await intake.at_least(len(_V2_SIGNATURE) + 4) if await _is_v2(intake) else b""
        header = await _read_v2(intake, start) if start else _parse_v1(await intake.until(b"\r\n", _V1_LIMIT))
        self._pushed_back, self.first_bytes = intake.rest(), b""
        return header


class TLSChannel:
    """TLS over another channel, as the server of it."""

    def __init__(self, below: Channel, context: ssl.SSLContext) -> None:
        self._below = below
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.session = context.wrap_bio(self._incoming, self._outgoing, server_side=True)

    async def handshake(self) -> None:
        """Raises ssl.SSLError when it fails; the alert that says so has then been sent."""
        while True:
            try:
                self.session.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush()
                await self._feed()
            except ssl.SSLError:
                await self._flush()
                raise
            else:
                await self._flush()
                return

    async def read(self) -> bytes:
        """Some bytes, or none at the end, whether or not the peer announced it."""
        while True:
            try:
                return self.session.read(_CHUNK)
            except ssl.SSLWantReadError:
                await self._flush()  # a key update asks for an answer
                await self._feed()
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""

    async def write(self, data: bytes) -> None:
        """Send everything."""
        self.session.write(data)
        await self._flush()

    async def close(self) -> None:
        """Announce the end to the peer, without waiting for its answer."""
        with contextlib.suppress(ssl.SSLError):  # SSLWantReadError: the peer has not announced its own end, nor need it
            self.session.unwrap()
        await self._flush()

    async def _feed(self) -> None:
        data = await self._below.read()
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    async def _flush(self) -> None:
        if self._outgoing.pending:
            await self._below.write(self._outgoing.read())


class Intake:
    """What was read from a channel and not used yet."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._buffer = bytearray()

    async def until(self, end: bytes, limit: int) -> bytes:
        """The bytes up to `end`, which is dropped. EOFError at the end of the stream, MalformedError beyond `limit`."""
        searched = 0
        while (at := self._buffer.find(end, searched)) < 0:
            if len(self._buffer) > limit:
                break
            searched = max(0, len(self._buffer) - len(end) + 1)
            await self._more()
        if at < 0 or at > limit:
            raise MalformedError(f"more than {limit} bytes where {end!r} was due")
        taken = bytes(self._buffer[:at])
        del self._buffer[: at + len(end)]
        return taken

    async def at_least(self, count: int) -> bytes:
        """The next `count` bytes, which stay in the buffer."""
        while len(self._buffer) < count:
            await self._more()
        return bytes(self._buffer[:count])

    async def drop(self, count: int) -> None:
        """Read `count` bytes and forget them, without keeping them all in memory."""
        while count > len(self._buffer):
            count -= len(self._buffer)
            self._buffer.clear()
            await self._more()
        del self._buffer[:count]

    def rest(self) -> bytes:
        """Everything not used yet; the buffer is empty afterwards."""
        rest = bytes(self._buffer)
        self._buffer.clear()
        return rest

    async def _more(self) -> None:
        data = await self._channel.read()
        if not data:
            raise EOFError("the stream has ended")
        self._buffer += data


@dataclass(frozen=True)
class ProxyHeader:
    """A PROXY header. `source` is the client's address and port; None where the sender speaks for itself."""

    version: int
    source: tuple[str, int] | None


async def _is_v2(intake: Intake) -> bool:
    """Decided at the first byte that differs: a header of version 1 may be shorter than the signature of version 2."""
    for count in range(1, len(_V2_SIGNATURE) + 1):
        if (await intake.at_least(count))[-1] != _V2_SIGNATURE[count - 1]:
            return False
    return True


def _parse_v1(line: bytes) -> ProxyHeader:
    match line.decode("latin-1").split(" "):
        case ["PROXY", "UNKNOWN", *_]:
            return ProxyHeader(1, None)
        case ["PROXY", "TCP4" | "TCP6" as family, source, destination, source_port, destination_port]:
            version = 4 if family == "TCP4" else 6
            addresses = [_address(text, version) for text in (source, destination)]
            ports = [_port(text) for text in (source_port, destination_port)]
            return ProxyHeader(1, (addresses[0], ports[0]))
    raise MalformedError(f"no PROXY header: {line[:40]!r}")


def _address(text: str, version: int) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise MalformedError(f"no address in a PROXY header: {text!r}") from None
    if address.version != version:
        raise MalformedError(f"the address {text} is not one of IPv{version}")
    return str(address)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise MalformedError(f"no port in a PROXY header: {text!r}")
    return int(text)


async def _read_v2(intake: Intake, start: bytes) -> ProxyHeader:
    version_and_command, family, length = struct.unpack("!BBH", start[len(_V2_SIGNATURE) :])
    if version_and_command >> 4 != 2 or version_and_command & 0xF > 1 or length > _V2_LIMIT:
        raise MalformedError(f"no PROXY header of version 2: {start.hex()}")
    payload = (await intake.at_least(len(start) + length))[len(start) :]
    await intake.drop(len(start) + length)
    size = {0x1: 4, 0x2: 16}.get(family >> 4, 0)
    if version_and_command & 0xF == 0 or not size:  # LOCAL, or an address family without ports
        return ProxyHeader(2, None)
    if length < 2 * size + 4:
        raise MalformedError(f"{length} bytes of addresses in a PROXY header, {2 * size + 4} expected")
    source = ipaddress.ip_address(payload[:size])
    return ProxyHeader(2, (str(source), int.from_bytes(payload[2 * size : 2 * size + 2], "big")))
