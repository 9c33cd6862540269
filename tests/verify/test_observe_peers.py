"""Peers that refuse, fall silent, break off or send garbage: each is named for what it did, and in time."""

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lbpatterns.core.observation import Observation, Outcome
from lbpatterns.pki import Authority
from lbpatterns.verify.connection import Wire
from lbpatterns.verify.observe import Probe, observe

Script = Callable[[socket.socket], object]


@contextlib.contextmanager
def peer(script: Script) -> Iterator[int]:
    """The port of a peer that runs `script` on every connection, one after the other, and closes it."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.settimeout(10)
                script(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def say(data: bytes) -> Script:
    """Read once, answer with `data`, wait until the other side has left."""

    def script(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass

    return script


def say_nothing(connection: socket.socket) -> None:
    """Read until the other side has left."""
    while connection.recv(65536):
        pass


def close_at_once(connection: socket.socket) -> None:
    """Read once and close."""
    connection.recv(65536)


def reset(connection: socket.socket) -> None:
    """Read once and reset the connection."""
    connection.recv(65536)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def asking(port: int, **differences: Any) -> Observation:
    same: dict[str, Any] = {"name": "leg", "host": "127.0.0.1", "port": port, "server_name": "a.test", "timeout": 5.0}
    return observe(Probe(**(same | differences)))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.mark.parametrize("tls", [True, False])
def test_a_port_on_which_nobody_listens_refuses(tls: bool) -> None:
    assert asking(free_port(), tls=tls).outcome is Outcome.REFUSED


@pytest.mark.parametrize("tls", [True, False])
@pytest.mark.parametrize(("script", "outcome"), [(close_at_once, Outcome.CLOSED), (reset, Outcome.RESET)])
def test_a_peer_that_leaves_is_named_for_how(tls: bool, script: Script, outcome: Outcome) -> None:
    with peer(script) as port:
        seen = asking(port, tls=tls)
    assert (seen.outcome, seen.tls, seen.http) == (outcome, None, None)


@pytest.mark.parametrize("tls", [True, False])
def test_silence_ends_with_the_timeout(tls: bool) -> None:
    with peer(say_nothing) as port:
        seen = asking(port, tls=tls, timeout=0.3)
    assert seen.outcome is Outcome.TIMED_OUT
    assert 0.25 < seen.seconds < 2


@pytest.mark.parametrize("tls", [True, False])
@pytest.mark.parametrize("start", [b"", b"\x16\x03\x03\x40\x00\x02", b"HTTP/1.1 200 OK\r\nX: "])
def test_a_slow_drip_does_not_stretch_the_timeout(tls: bool, start: bytes) -> None:
    """A timeout for each read alone would never end."""

    def drip(connection: socket.socket) -> None:
        connection.sendall(start)
        for _ in range(200):
            connection.sendall(b"a")
            time.sleep(0.03)

    with peer(drip) as port:
        seen = asking(port, tls=tls, timeout=0.4)
    assert seen.outcome in {Outcome.TIMED_OUT, Outcome.NOT_TLS, Outcome.NOT_HTTP}
    assert seen.seconds < 2


@pytest.mark.parametrize(("tls", "outcome"), [(True, Outcome.NOT_TLS), (False, Outcome.NOT_HTTP)])
@pytest.mark.parametrize("banner", [b"220 mail.example.test ESMTP\r\n", b"x" * 1_000_000], ids=["mail", "a million"])
def test_a_banner_is_neither_tls_nor_http(tls: bool, outcome: Outcome, banner: bytes) -> None:
    with peer(say(banner)) as port:
        seen = asking(port, tls=tls)
    assert seen.outcome is outcome
    assert repr(banner[:20])[2:-1] in seen.detail
    assert len(seen.detail) < 300


@pytest.mark.parametrize(
    ("number", "words"),
    [(40, "handshake failure"), (70, "protocol version"), (112, "unrecognized name"), (80, "internal error")],
)
def test_an_alert_is_told_by_its_name(number: int, words: str) -> None:
    with peer(say(b"\x15\x03\x03\x00\x02\x02" + bytes([number]))) as port:
        seen = asking(port)
    assert (seen.outcome, seen.detail, seen.tls) == (Outcome.ALERT, words, None)


def test_an_alert_in_answer_to_plain_http_tells_that_tls_is_spoken() -> None:
    with peer(say(b"\x15\x03\x03\x00\x02\x02\x28")) as port:
        seen = asking(port, tls=False)
    assert seen.outcome is Outcome.NOT_HTTP
    assert "it speaks TLS: alert handshake failure" in seen.detail


def test_a_400_in_answer_to_plain_http_does_not_hide_that_tls_is_spoken() -> None:
    """Some servers explain in plain HTTP that their port speaks TLS."""

    def explain(connection: socket.socket) -> None:
        over_tls = connection.recv(1, socket.MSG_PEEK) == b"\x16"
        plain = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
        say(b"\x15\x03\x03\x00\x02\x02\x28" if over_tls else plain)(connection)

    with peer(explain) as port:
        seen = asking(port, tls=False)
    assert seen.http is not None
    assert seen.http.status == 400
    assert seen.detail == "it speaks TLS: alert handshake failure"


def test_a_request_does_not_wait_for_a_delayed_acknowledgement() -> None:
    with peer(say_nothing) as port, contextlib.closing(Wire("127.0.0.1", port, time.monotonic() + 5)) as wire:
        assert wire._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_certificate_without_proof_of_its_key_is_not_verified() -> None:
    """Anybody can send a certificate: here a peer without the key breaks off right behind it."""
    authority = Authority("Test CA")
    der = ssl.PEM_cert_to_DER_cert(authority.issue(["a.test"]).certificate_pem)

    def handshake(kind: int, body: bytes) -> bytes:
        message = bytes([kind]) + len(body).to_bytes(3, "big") + body
        return b"\x16\x03\x03" + len(message).to_bytes(2, "big") + message

    hello = handshake(2, b"\x03\x03" + bytes(32) + b"\x00" + b"\xc0\x2b" + b"\x00" + b"\x00\x05\xff\x01\x00\x01\x00")
    listed = len(der).to_bytes(3, "big") + der
    certificate = handshake(11, len(listed).to_bytes(3, "big") + listed)
    with peer(say(hello + certificate + b"\x15\x03\x03\x00\x02\x02\x28")) as port:
        seen = asking(port, expected_name="a.test", ca_bundle_pem=authority.certificate_pem)
    assert seen.outcome is Outcome.ALERT
    assert seen.tls is not None
    assert seen.tls.leaf is not None
    assert seen.tls.leaf.names == ("a.test",)
    assert not seen.tls.verified
    assert "proven" in (seen.tls.error or "")


@settings(max_examples=60, deadline=None)
@given(
    answer=st.one_of(
        st.binary(max_size=200),
        st.builds(
            lambda kind, body: bytes([kind, 3, 3]) + len(body).to_bytes(2, "big") + body,
            st.integers(20, 23),
            st.binary(max_size=200),
        ),
        st.binary(max_size=200).map(lambda tail: b"HTTP/1.1 200 OK\r\n" + tail),
    ),
    tls=st.booleans(),
)
def test_no_answer_makes_observing_fail(answer: bytes, tls: bool) -> None:
    with peer(say(answer)) as port:
        seen = asking(port, tls=tls)
    assert isinstance(seen.outcome, Outcome)
    assert seen.seconds < 4


def test_an_answer_is_not_waited_for_beyond_its_length() -> None:
    """Load balancers keep the connection of a local reply open for a second and longer."""

    def linger(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
        connection.recv(65536)

    with peer(linger) as port:
        assert asking(port, tls=False).seconds < 0.5


def test_a_host_without_an_address_cannot_be_reached() -> None:
    seen = asking(443, host="nowhere.invalid")
    assert seen.outcome is Outcome.UNREACHABLE
    assert seen.detail.startswith("nowhere.invalid: ")


def test_every_address_of_a_host_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    with peer(say(b"HTTP/1.1 204 No Content\r\n\r\n")) as port:
        found = [
            (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.2", free_port())),
            (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port)),
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: found)
        assert asking(port, host="two.test", tls=False).outcome is Outcome.ANSWERED


def test_a_resolver_that_hangs_does_not_stretch_the_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: released.wait(10) and [])
    seen = asking(443, host="slow.test", timeout=0.2)
    released.set()
    assert (seen.outcome, seen.detail) == (Outcome.TIMED_OUT, "looking up slow.test")
    assert seen.seconds < 1
