"""`lbpatterns servers`: what the repository's stacks forward to, on the ports that their configuration names."""

from __future__ import annotations

import signal
import sys
import tempfile
from pathlib import Path

import yaml

from lbpatterns.demo.behind import start_servers
from lbpatterns.demo.failures import DemoError
from lbpatterns.demo.workspace import project_directory
from lbpatterns.pki import DemoPKI

_ORDERS = (signal.SIGTERM, signal.SIGINT)
PATTERNS = ("offloaded", "bridged", "passthrough")


def serve() -> int:
    """Run the servers until interrupted. Answers 0, or 1 when one of them cannot start."""
    for order in _ORDERS:
        signal.signal(order, _end)
    try:
        root = project_directory()
        pki = DemoPKI.at(root / ".lbpatterns" / "pki")
        ports = {pattern: _server_port(root, pattern) for pattern in PATTERNS}
        with tempfile.TemporaryDirectory(prefix="lbpatterns-servers-") as directory:
            servers = start_servers(Path(directory), pki, PATTERNS, ports)
            try:
                for pattern, port in servers.ports.items():
                    where = ", ".join(f"{address}:{port}" for address in servers.addresses)
                    sys.stdout.write(f"{pattern}: {where}\n")
                sys.stdout.write(f"certificates: {pki.directory}\nCtrl-C ends them.\n")
                sys.stdout.flush()
                signal.pause()
            finally:
                servers.stop()
    except KeyboardInterrupt:
        return 0
    except DemoError as error:
        sys.stderr.write(f"error: {error}\n  fix: {error.fix}\n")
        return 1
    return 0


def _end(_signal: int, _frame: object) -> None:
    """The first order to end is followed; one that comes right behind it must not end the ending."""
    for order in _ORDERS:
        signal.signal(order, signal.SIG_IGN)
    raise KeyboardInterrupt


def _server_port(root: Path, pattern: str) -> int:
    settings = yaml.safe_load((root / "stacks" / f"Pulumi.{pattern}.yaml").read_text())
    return int(settings["config"]["lbpatterns:serverPort"])
