"""The servers behind the demo's load balancers: processes that report what they received."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from lbpatterns.demo.failures import DemoError
from lbpatterns.pki import DemoPKI

STARTS_WITHIN = 20.0  # seconds; a busy machine takes 1


@dataclass(slots=True)
class ServersBehind:
    """Running demo servers. `ports` maps a pattern to the port that its servers listen on, at every address."""

    directory: Path
    addresses: tuple[str, ...]
    ports: dict[str, int]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def stop(self) -> None:
        """End all of them, also when the order to end comes twice."""
        orders = {signal.SIGINT, signal.SIGTERM}
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, orders)
        try:
            for process in self.processes:
                with suppress(ProcessLookupError):
                    process.send_signal(signal.SIGTERM)
            for process in self.processes:
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)

    def pids(self) -> list[int]:
        """Process ids, for whoever keeps them running."""
        return [process.pid for process in self.processes]


def start_servers(directory: Path, pki: DemoPKI, patterns: tuple[str, ...], ports: dict[str, int]) -> ServersBehind:
    """Two servers a pattern where this machine has two loopback addresses, one otherwise.

    `ports` may fix a pattern's port; a pattern that it lacks gets a free one.
    """
    addresses = loopback_addresses()
    started = ServersBehind(directory, addresses, {})
    try:
        for pattern in patterns:
            for number, address in enumerate(addresses, 1):
                port = started.ports.get(pattern, ports.get(pattern, 0))
                started.ports[pattern] = _start(started, pki, pattern, f"{pattern}-{number}", address, port)
    except BaseException:
        started.stop()
        raise
    return started


def loopback_addresses() -> tuple[str, ...]:
    """Addresses that servers of this machine can tell apart: Linux answers on all of 127.0.0.0/8, others on one."""
    try:
        with socket.create_server(("127.0.0.2", 0)):
            return ("127.0.0.1", "127.0.0.2")
    except OSError:
        return ("127.0.0.1",)


def _start(started: ServersBehind, pki: DemoPKI, pattern: str, name: str, address: str, port: int) -> int:
    kind = "http" if pattern == "offloaded" else "tls"
    ready = started.directory / f"{name}.ready"
    log = started.directory / f"{name}.log"
    command = [sys.executable, "-m", "lbpatterns.demo.servers", "--name", name, "--address", address]
    command += [f"--{kind}", str(port), "--ready-file", str(ready)]
    if pattern == "bridged":
        command += ["--certificate", str(pki.path_of("server"))]
    if pattern == "passthrough":
        command += [
            "--certificate",
            str(pki.path_of("passthrough_server")),
            "--client-ca",
            str(pki.path_of("client_ca")),
        ]
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            start_new_session=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
    started.processes.append(process)
    deadline = time.monotonic() + STARTS_WITHIN
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            words = log.read_text(errors="replace").strip() or "it said nothing"
            raise DemoError(
                f"demo server {name} on {address}:{port or 'a free port'} did not start: {words}",
                fix="see whether something else listens there: `ss -ltnp`",
            )
        time.sleep(0.02)
    return int(json.loads(ready.read_text())[kind])
