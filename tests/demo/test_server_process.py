"""The demo servers as a process: ready in one line, quiet at the end, plain words for what is missing."""

import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
from pathlib import Path
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


def trusting(authority: Authority, client: Issued | None = None, directory: Path | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=authority.certificate_pem)
    if client is not None and directory is not None:
        path = directory / "client.pem"
        path.write_text(client.private_key_and_chain_pem)
        context.load_cert_chain(path)
    return context


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


def test_the_process_serves_both_says_when_ready_and_ends_quietly(
    authority: Authority, certificate: Issued, tmp_path: Path
) -> None:
    pem, ready_file = tmp_path / "server.pem", tmp_path / "ready"
    pem.write_text(certificate.private_key_and_chain_pem)
    words = [sys.executable, "-W", "error", "-m", "lbpatterns.demo.servers", "--http", "0", "--tls", "0"]
    words += ["--certificate", str(pem), "--name", "s7", "--ready-file", str(ready_file)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        ready = json.loads(line)
        assert json.loads(ready_file.read_text()) == ready
        assert ready["name"] == "s7"
        connection = http.client.HTTPConnection("127.0.0.1", ready["http"], timeout=10)
        connection.request("GET", "/")
        assert json.loads(connection.getresponse().read())["received_over"] == "plaintext"
        server = DemoServer(port=ready["tls"])  # not entered: it stands for the address
        assert ask_tls(server, trusting(authority))["server"] == "s7"
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=20)
        connection.close()
    assert (process.returncode, rest, errors) == (0, "", "")
    assert "PRIVATE" not in line


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "nothing to serve"),
        (["--tls", "0"], "--tls needs --certificate"),
        (["--tls", "0", "--certificate", os.devnull], "demo server: "),
        (["--http", "0", "--address", "192.0.2.1"], "demo server: "),
    ],
)
def test_the_process_says_what_it_lacks(words: list[str], message: str) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "lbpatterns.demo.servers", *words],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert answer.returncode == 1
    assert message in answer.stderr
    assert "Traceback" not in answer.stderr
