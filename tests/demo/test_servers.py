"""Demo servers answer every request with what they received, survive garbage, and leave nothing behind."""

import contextlib
import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lbpatterns.demo.servers import DemoServer
from lbpatterns.pki import Authority, Issued

NAME = "backend.internal"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("Test CA")


@pytest.fixture(scope="module")
def certificate(authority: Authority) -> Issued:
    return authority.issue([NAME])


@pytest.fixture(scope="module")
def plain() -> Iterator[DemoServer]:
    with DemoServer("plain") as server:
        yield server


def trusting(authority: Authority, client: Issued | None = None, directory: Path | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=authority.certificate_pem)
    if client is not None and directory is not None:
        path = directory / "client.pem"
        path.write_text(client.private_key_and_chain_pem)
        context.load_cert_chain(path)
    return context


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


def ask_tls(server: DemoServer, context: ssl.SSLContext, name: str = NAME) -> dict[str, Any]:
    with (
        socket.create_connection((server.address, server.port), timeout=10) as connection,
        context.wrap_socket(connection, server_hostname=name) as session,
    ):
        session.sendall(f"GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
        return body_of(read_all(session))


def body_of(answer: bytes) -> dict[str, Any]:
    body = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert isinstance(body, dict)
    return body


@settings(max_examples=40, deadline=None)
@given(
    garbage=st.one_of(
        st.binary(max_size=300), st.binary(max_size=100).map(lambda tail: b"\x16\x03\x01\x00\x60\x01" + tail)
    )
)
def test_no_bytes_kill_a_tls_server(tls: DemoServer, garbage: bytes) -> None:
    say(tls, garbage)


@pytest.fixture(scope="module")
def tls(authority: Authority, certificate: Issued) -> Iterator[DemoServer]:
    """Asked once more when the module is done: it must still answer after all the garbage."""
    with DemoServer("tls", certificate=certificate) as server:
        yield server
        assert ask_tls(server, trusting(authority))["server"] == "tls"


def test_a_tls_request_is_reported_with_its_session(tls: DemoServer, authority: Authority) -> None:
    context = trusting(authority)
    context.set_alpn_protocols(["h2", "http/1.1"])
    report = ask_tls(tls, context)
    assert report["received_over"] == "tls"
    assert report["tls_version"] == "TLSv1.3"
    assert report["cipher"].startswith("TLS_")
    assert report["alpn"] == "http/1.1"
    assert report["sni"] == NAME
    assert report["bytes_first"].startswith("160301")


def test_without_a_server_name_none_is_reported(tls: DemoServer, authority: Authority) -> None:
    context = trusting(authority)
    context.check_hostname = False
    with (
        socket.create_connection((tls.address, tls.port), timeout=10) as connection,
        context.wrap_socket(connection) as session,
    ):
        session.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert body_of(read_all(session))["sni"] is None


def test_plain_http_to_a_tls_server_is_a_failure_and_not_a_report(tls: DemoServer) -> None:
    reports = len(tls.reports)
    say(tls, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert any("HTTP_REQUEST" in failure for failure in tls.failures)
    assert len(tls.reports) == reports


def test_a_large_body_comes_through_tls(tls: DemoServer, authority: Authority) -> None:
    connection = http.client.HTTPSConnection(tls.address, tls.port, timeout=10, context=trusting_any_name(authority))
    connection.request("POST", "/", b"x" * 2_000_000)
    assert json.loads(connection.getresponse().read())["method"] == "POST"
    connection.close()


def trusting_any_name(authority: Authority) -> ssl.SSLContext:
    context = trusting(authority)
    context.check_hostname = False
    return context


@pytest.mark.parametrize("presents", [True, False])
def test_a_client_certificate_is_reported_where_one_is_presented(
    authority: Authority, certificate: Issued, tmp_path: Path, presents: bool
) -> None:
    clients = Authority("Client CA")
    client = clients.issue(["client.example.test"], client=True, common_name="A client")
    with DemoServer(certificate=certificate, client_ca_pem=clients.certificate_pem) as server:
        report = ask_tls(server, trusting(authority, client if presents else None, tmp_path))
    assert report["client_certificate"] == (
        {
            "subject": "CN=A client",
            "issuer": "CN=Client CA",
            "names": ["client.example.test"],
            "sha256": client.leaf_sha256,
        }
        if presents
        else None
    )


def test_a_client_without_the_required_certificate_is_refused(authority: Authority, certificate: Issued) -> None:
    clients = Authority("Client CA")
    with DemoServer(
        certificate=certificate, client_ca_pem=clients.certificate_pem, client_certificate_required=True
    ) as server:
        with pytest.raises(ssl.SSLError, match="CERTIFICATE_REQUIRED"):
            ask_tls(server, trusting(authority))
        assert server.reports == []
        deadline = time.monotonic() + 10  # the alert is sent a moment before the failure is noted
        while not server.failures and time.monotonic() < deadline:
            time.sleep(0.01)
        assert "PEER_DID_NOT_RETURN_A_CERTIFICATE" in server.failures[0]


def test_the_certificate_changes_while_the_server_runs(authority: Authority, certificate: Issued) -> None:
    renewed = authority.issue([NAME])
    with DemoServer(certificate=certificate) as server:
        seen = [leaf_of(server, authority)]
        server.set_certificate(renewed.private_key_and_chain_pem)
        seen.append(leaf_of(server, authority))
    assert seen == [certificate.leaf_sha256, renewed.leaf_sha256]


@pytest.mark.parametrize("announced", [True, False])
def test_a_client_that_leaves_is_no_failure(authority: Authority, certificate: Issued, announced: bool) -> None:
    with (
        DemoServer(certificate=certificate) as server,
        socket.create_connection((server.address, server.port), timeout=10) as connection,
    ):
        session = trusting(authority).wrap_socket(connection, server_hostname=NAME, suppress_ragged_eofs=False)
        with session:
            session.sendall(f"GET / HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode())
            assert session.recv(65536).startswith(b"HTTP/1.1 200")
            if announced:
                assert session.unwrap().recv(1) == b""
            else:
                socket.socket.shutdown(session, socket.SHUT_WR)
                with contextlib.suppress(ssl.SSLError):  # OpenSSL answers an end without announcement with an alert
                    while session.recv(65536):
                        pass
        assert server.failures == []


def leaf_of(server: DemoServer, authority: Authority) -> str:
    import hashlib

    with (
        socket.create_connection((server.address, server.port), timeout=10) as connection,
        trusting(authority).wrap_socket(connection, server_hostname=NAME) as session,
    ):
        return hashlib.sha256(session.getpeercert(binary_form=True) or b"").hexdigest()


def test_closing_cuts_open_connections_and_leaves_no_thread() -> None:
    before = threading.active_count()
    with DemoServer() as server:
        idle = socket.create_connection((server.address, server.port), timeout=10)
        idle.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert idle.recv(65536).startswith(b"HTTP/1.1 200")
        half = socket.create_connection((server.address, server.port), timeout=10)
        half.sendall(b"GET / HT")
    assert threading.active_count() == before
    for connection in (idle, half):
        with connection, contextlib.suppress(ConnectionResetError):
            assert connection.recv(10) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((server.address, server.port), timeout=10)


def test_a_port_that_is_taken_is_an_error(plain: DemoServer) -> None:
    with pytest.raises(OSError, match="in use"), DemoServer(port=plain.port):
        pytest.fail("two servers on one port")


def test_a_certificate_that_does_not_load_is_an_error_that_hides_the_key(certificate: Issued) -> None:
    text = certificate.private_key_pem.replace("MIG", "XXX")
    with pytest.raises(ssl.SSLError) as raised:
        DemoServer(certificate=text + certificate.chain_pem)
    assert "PRIVATE" not in str(raised.value)


def test_many_clients_at_once_are_all_answered(plain: DemoServer) -> None:
    answers: list[bytes] = []

    def ask() -> None:
        answers.append(say(plain, b"GET / HTTP/1.0\r\n\r\n"))

    threads = [threading.Thread(target=ask) for _ in range(40)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(b"200 OK" in answer for answer in answers) == 40
    assert time.monotonic() - started < 10
