"""Load balancers to build: certificates, specs in their plain form, an engine with a state directory of its own."""

import contextlib
import gc
import http.server
import os
import random
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lbpatterns.cli import machine
from lbpatterns.core.plain import to_plain
from lbpatterns.core.spec import Backend, Frontend, LBSpec, Mode, PemCertificate, Protocol, Server
from lbpatterns.pki.authority import Authority, Issued
from lbpatterns.targets.envoy.engine import Engine
from lbpatterns.targets.envoy.process import started_at

from .stacks import Project

Plain = dict[str, Any]


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority("Test CA")


@pytest.fixture(scope="session")
def leaf(authority: Authority) -> Issued:
    return authority.issue(["shop.test"])


@pytest.fixture
def free_port() -> Callable[[], int]:
    """A port that nobody listens on. From below the ephemeral range, where no client's connection takes it away."""

    def find() -> int:
        while True:
            port = random.randint(12000, 32000)
            with socket.socket() as probe, contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port

    return find


@pytest.fixture
def offloaded(leaf: Issued) -> Callable[..., Plain]:
    """The plain form of an offloaded load balancer."""

    def spec(
        port: int, *, certificate: str | None = None, servers: tuple[str, ...] = ("127.0.0.1",), to: int = 9
    ) -> Plain:
        pem = certificate or leaf.private_key_and_chain_pem
        plain = to_plain(
            LBSpec(
                name="shop",
                mode=Mode.OFFLOADED,
                frontends=(Frontend(port=port, certificates=(PemCertificate(private_key_and_chain_pem=pem),)),),
                backend=Backend(
                    servers=tuple(Server(address=address) for address in servers), port=to, protocol=Protocol.HTTP
                ),
            )
        )
        assert isinstance(plain, dict)
        return plain

    return spec


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A state directory; whatever still runs in it when the test is over is killed."""
    directory = tmp_path / "state"
    yield directory
    for pid in running_in(directory):
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A Pulumi project; whatever still runs for it when the test is over is killed."""
    found = machine.find_pulumi()
    if found is None:
        pytest.skip("this machine has no Pulumi: make setup")
    made = Project(tmp_path, found)
    yield made
    for pid in running_in(made.state):
        os.kill(pid, signal.SIGKILL)
    gc.collect()  # what is left open has to be found here, not in the middle of another test


@pytest.fixture
def engine(state: Path) -> Engine:
    return Engine(state)


@pytest.fixture
def checked(engine: Engine) -> Callable[..., Plain]:
    """Inputs as `check` passes them on to `create`."""

    def inputs(spec: Plain, resource_name: str = "shop", **others: Any) -> Plain:
        answer = engine.check({}, {"spec": spec, **others}, resource_name=resource_name, random_seed=os.urandom(8))
        assert answer.problems == ()
        return dict(answer.inputs)

    return inputs


class _Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def http_server() -> Iterator[int]:
    """The port of a server that answers every GET."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture
def fake_envoy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put a shell program in Envoy's place: it takes every configuration, and then does as it is told."""

    def put(body: str) -> None:
        program = tmp_path / "fake-envoy"
        program.write_text(f'#!/bin/sh\ncase "$*" in *"--mode validate"*) exit 0 ;; esac\n{body}\n')
        program.chmod(0o755)
        monkeypatch.setenv("LBPATTERNS_ENVOY", str(program))

    return put


def running_in(directory: Path) -> list[int]:
    """The processes that work in a directory or below it, also when it is gone."""
    found = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):
            where = str(link.readlink()).removesuffix(" (deleted)")
            if Path(where).is_relative_to(directory) and started_at(int(link.parent.name)):
                found.append(int(link.parent.name))
    return found


def is_listening(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0


def left_in(state: Path) -> list[str]:
    """What lies in a state directory, but for the folder of locks, which has to be empty."""
    if not state.exists():
        return []
    return sorted(path.name for path in state.iterdir() if path.name != ".ports" or list(path.iterdir()))
