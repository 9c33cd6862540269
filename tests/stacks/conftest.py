"""The repository's own stacks, through the real engine, plugin and Envoy, with real servers behind."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pulumi import automation as auto

from lbpatterns.cli.machine import environment, find_pulumi
from lbpatterns.demo.evidence import Evidence, gather, legs_from
from lbpatterns.demo.run import free_port
from lbpatterns.demo.servers import DemoServer
from lbpatterns.demo.workspace import Workspace
from lbpatterns.pki import DemoPKI, Issued


@dataclass
class Running:
    """One stack: what it is configured with, the servers behind it, and everything that Pulumi printed."""

    pattern: str
    workspace: Workspace
    pki: DemoPKI
    servers: ExitStack
    target: dict[str, Any]
    port: int = field(default_factory=free_port)
    redirect_port: int = field(default_factory=free_port)
    server_port: int = 0
    said: list[str] = field(default_factory=list)
    server: DemoServer | None = None
    _stack: auto.Stack | None = None

    @property
    def stack(self) -> auto.Stack:
        if self._stack is None:
            self.workspace.configure(self.pattern, self.configuration())
            options = auto.LocalWorkspaceOptions(env_vars=self.workspace.environment())
            self._stack = auto.select_stack(self.pattern, work_dir=str(self.workspace.directory), opts=options)
        return self._stack

    def configuration(self) -> dict[str, Any]:
        values: dict[str, Any] = {
            "lbpatterns:pki": str(self.pki.directory),
            "lbpatterns:servers": ["127.0.0.1"],
            "lbpatterns:serverPort": str(self.server_port),
            "lbpatterns:port": str(self.port),
            "lbpatterns:redirectPort": str(self.redirect_port),
        }
        return values | self.target

    def set(self, key: str, value: Any) -> None:
        self.stack.set_config(f"lbpatterns:{key}", auto.ConfigValue(str(value)))

    def serve(self, certificate: Issued | None = None, **options: Any) -> DemoServer:
        """Start the server behind (again), on the port that it had."""
        self.servers.close()
        self.server = DemoServer("behind", certificate=certificate, port=self.server_port, **options)
        self.servers.enter_context(self.server)
        self.server_port = self.server.port
        return self.server

    def up(self) -> dict[str, int]:
        """`pulumi up`; answers how many resources were created, updated, left the same."""
        done = self.stack.up(on_output=self.said.append)
        return {str(key): count for key, count in (done.summary.resource_changes or {}).items()}

    def evidence(self) -> Evidence:
        outputs = self.stack.outputs()
        client = self.pki.client.private_key_and_chain_pem
        legs = legs_from(outputs["legs"].value)
        return gather(self.pattern, outputs["endpoint"].value, legs, client_certificate_pem=client)

    def envoy(self) -> dict[str, Any]:
        """The outputs of the one Envoy resource in the state."""
        deployment = self.stack.export_stack().deployment or {}
        (resource,) = [one for one in deployment["resources"] if one["type"].startswith("lbpatterns-envoy:")]
        outputs: dict[str, Any] = resource["outputs"]
        return outputs

    def folders(self) -> list[Path]:
        """What the Envoy target keeps on disk for load balancers."""
        return [path for path in (self.workspace.directory / "envoy").iterdir() if not path.name.startswith(".")]

    def kill_envoy(self) -> None:
        os.kill(int(self.envoy()["pid"]), signal.SIGKILL)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """The repository's stacks in a project of their own, with the state in a folder of it."""
    project = tmp_path / "project"
    project.mkdir()
    return Workspace.of_stacks(project)


@pytest.fixture
def target() -> dict[str, Any]:
    """What the configuration says about the target."""
    return {"lbpatterns:target": "envoy"}


@pytest.fixture
def running(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    workspace: Workspace,
    target: dict[str, Any],
) -> Iterator[Running]:
    """The stack whose pattern is the fixture's parameter, with a server behind it; destroyed at the end."""
    assert find_pulumi() is not None, "Pulumi is not set up; run `make setup`"
    monkeypatch.setenv("PATH", environment()["PATH"])
    with ExitStack() as servers:
        pki = DemoPKI.at(tmp_path / "pki")
        running = Running(request.param, workspace, pki, servers, target)
        certificates = {"bridged": pki.server, "passthrough": pki.passthrough_server}
        client_ca = pki.client_ca_pem if request.param == "passthrough" else None
        running.serve(certificates.get(request.param), client_ca_pem=client_ca)
        try:
            yield running
        finally:
            running.stack.destroy(on_output=running.said.append)
