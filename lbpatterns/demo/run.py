"""`lbpatterns demo`: build each pattern with a real Pulumi on a real Envoy, send real traffic, judge every leg."""

from __future__ import annotations

import json
import random
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from rich.console import Console

from lbpatterns.demo.behind import ServersBehind, start_servers
from lbpatterns.demo.evidence import Evidence, gather, legs_from
from lbpatterns.demo.failures import DemoError
from lbpatterns.demo.show import show_commands, show_evidence, show_refusal
from lbpatterns.demo.workspace import Workspace, project_directory
from lbpatterns.demo.wrong import Refusal, declare_wrongly
from lbpatterns.pki import DemoPKI

SCHEMA_VERSION = 1
PIPED_WIDTH = 132  # columns where nobody tells: a log, a pipe


@dataclass(slots=True)
class Demo:
    """One run: where it works, what it has built so far, and what it has seen."""

    console: Console
    directory: Path
    patterns: tuple[str, ...]
    keep: bool
    evidence: list[Evidence]
    refusals: list[Refusal]
    kept: bool = False

    def run(self) -> None:
        """Build, prove, refuse; everything that was started is ended again unless it is to be kept."""
        with ExitStack() as ending:
            pki = DemoPKI.at(self.directory / "pki")
            with self._step("starting the servers behind"):
                servers = start_servers(self.directory, pki, self.patterns, {})
            ending.callback(servers.stop)
            project = self.directory / "project"
            project.mkdir()
            workspace = Workspace.of_stacks(project)
            for pattern in self.patterns:
                self._configure(workspace, pattern, pki, servers)
                ending.callback(self._take_down, workspace, pattern)
                with self._step(f"pulumi up: {pattern}"):
                    workspace.up(pattern)
                with self._step(f"sending traffic through and past the {pattern} load balancer"):
                    self.evidence.append(self._prove(workspace, pattern, pki))
            for pattern in self.patterns:
                with self._step(f"pulumi up: {pattern}, declared wrongly"):
                    self.refusals.append(declare_wrongly(pattern, self.directory, pki.directory))
            if self.keep:
                self._say_how_to_end(workspace, servers)
                ending.pop_all()  # only now: a demo that fails on the way keeps nothing
                self.kept = True

    def _configure(self, workspace: Workspace, pattern: str, pki: DemoPKI, servers: ServersBehind) -> None:
        values: dict[str, Any] = {
            "lbpatterns:target": "envoy",
            "lbpatterns:pki": str(pki.directory),
            "lbpatterns:servers": list(servers.addresses),
            "lbpatterns:serverPort": str(servers.ports[pattern]),
            "lbpatterns:port": str(free_port()),
        }
        if pattern == "offloaded":
            values["lbpatterns:redirectPort"] = str(free_port())
        workspace.configure(pattern, values)

    def _take_down(self, workspace: Workspace, pattern: str) -> None:
        with self._step(f"pulumi destroy: {pattern}"):
            workspace.destroy(pattern)

    def _prove(self, workspace: Workspace, pattern: str, pki: DemoPKI) -> Evidence:
        outputs = workspace.outputs(pattern)
        anchor = pki.path_of("public_ca")
        return gather(
            pattern,
            outputs["endpoint"],
            legs_from(outputs["legs"]),
            client_certificate_pem=pki.client.private_key_and_chain_pem,
            ca_file=str(anchor),
            client_file=str(pki.path_of("client")),
        )

    @contextmanager
    def _step(self, words: str) -> Iterator[None]:
        begun = monotonic()
        with self.console.status(f"{words} …"):
            yield
        self.console.print(f"[dim]{monotonic() - begun:5.1f} s[/]  {words}", highlight=False)

    def _say_how_to_end(self, workspace: Workspace, servers: ServersBehind) -> None:
        self.console.print("\n[bold]All of it is still running.[/] To talk to it:\n")
        for evidence in self.evidence:
            show_commands(self.console, evidence)
        names = ("PULUMI_HOME", "PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", "LBPATTERNS_STATE_DIR")
        environment = workspace.environment()
        self.console.print("\nTo look at it with Pulumi, and to end it:\n")
        lines = [
            f"cd {workspace.directory}",
            'eval "$(lbpatterns env)"',
            *(f"export {name}={environment[name]}" for name in names),
            *(f"pulumi destroy --yes --stack {pattern}" for pattern in self.patterns),
            f"kill {' '.join(map(str, servers.pids()))}",
            f"rm -r {self.directory}",
        ]
        for line in lines:
            self.console.print(f"  {line}", soft_wrap=True, highlight=False, markup=False)


def free_port() -> int:
    """A port of 127.0.0.1 on which nothing listens, below the range from which connections take theirs."""
    for _attempt in range(1000):
        port = random.randint(12000, 32000)  # noqa: S311 (no secret: any free port will do)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise DemoError("no port of 127.0.0.1 between 12000 and 32000 is free", fix="see what listens there: `ss -ltn`")


def run_demo(patterns: tuple[str, ...], *, keep: bool = False, as_json: bool = False) -> int:
    """Run the demo. Answers the exit status: 0 when all is proven and refused as it should be, 1 otherwise.

    With `as_json` the result goes to standard output as JSON, and everything else to standard error.
    """
    console = Console(stderr=as_json)
    if not console.is_terminal:
        console = Console(stderr=as_json, width=PIPED_WIDTH)
    directory = Path(tempfile.mkdtemp(prefix="lbpatterns-demo-"))
    demo = Demo(console, directory, patterns, keep, [], [])
    former = signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends it like an interrupt: nothing is left
    try:
        project_directory()
        demo.run()
    except DemoError as error:
        console.print(f"[bold red]The demo cannot go on.[/] {error}", highlight=False)
        console.print(f"[bold]fix:[/] {error.fix}", highlight=False)
        return 1
    except KeyboardInterrupt:
        console.print("interrupted; everything that was started has been ended")
        return 130
    finally:
        signal.signal(signal.SIGTERM, former)
        if not demo.kept:
            with suppress(OSError):
                shutil.rmtree(directory)
    return _conclude(demo, as_json=as_json)


def _conclude(demo: Demo, *, as_json: bool) -> int:
    proven = all(evidence.proven for evidence in demo.evidence)
    refused = all(refusal.as_expected for refusal in demo.refusals)
    if as_json:
        document = {
            "schema_version": SCHEMA_VERSION,
            "proven": proven,
            "refused": refused,
            "patterns": [evidence.as_plain() for evidence in demo.evidence],
            "wrong_declarations": [refusal.as_plain() for refusal in demo.refusals],
        }
        json.dump(document, sys.stdout, indent=2)
        sys.stdout.write("\n")
        return 0 if proven and refused else 1
    for evidence in demo.evidence:
        show_evidence(demo.console, evidence)
    for refusal in demo.refusals:
        show_refusal(demo.console, refusal)
    legs = [verdict for evidence in demo.evidence for verdict in evidence.verdicts]
    count = sum(verdict.proven for verdict in legs)
    style = "bold green" if proven and refused else "bold red"
    refusals = sum(refusal.as_expected for refusal in demo.refusals)
    demo.console.print(
        f"[{style}]{count} of {len(legs)} legs proven; {refusals} of {len(demo.refusals)} wrong declarations refused[/]"
    )
    if not demo.keep:
        demo.console.print(
            "Try next: `lbpatterns demo --keep bridged` leaves it running; the README goes on with `pulumi up`.",
            highlight=False,
        )
    return 0 if proven and refused else 1
