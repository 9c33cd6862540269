"""A type checker sees the arguments as they are: what is right passes, what is wrong is named."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")

RIGHT = """
import pulumi
from lbpatterns import (
    CookieStickinessArgs, FrontendArgs, HealthCheckArgs, HTTPRouteArgs, OffloadedBackendArgs, OffloadedLB,
    OffloadedLBArgs, PemCertificateArgs, ServerArgs,
)

later: pulumi.Output[str] = pulumi.Output.from_input("10.0.0.1")
backend = OffloadedBackendArgs(
    servers=["10.0.0.1", later, ServerArgs(address=later, port=81)],
    port=80,
    stickiness=CookieStickinessArgs(),
    health_check=HealthCheckArgs(path="/healthz", statuses=[(200, 299)]),
    balancing="least-connections",
)
frontend = FrontendArgs(certificates=[PemCertificateArgs(private_key_and_chain_pem=later)])
args = OffloadedLBArgs(frontends=[frontend], backend=backend, routes=[HTTPRouteArgs(host="a.test", backend=backend)])
endpoint: pulumi.Output[str] = OffloadedLB("shop", args).endpoint
"""
WRONG = """
OffloadedBackendArgs(servers=["x"], port="80")
OffloadedBackendArgs(servers=["x"], port=80, server_name="backend.internal")
OffloadedBackendArgs(servers=["x"], port=80, balancing="random")
OffloadedLBArgs(frontends=[frontend])
"""


def complaints_of_mypy(tmp_path: Path, program: str) -> list[str]:
    path = tmp_path / "program.py"
    path.write_text(program, encoding="utf-8")
    cache = f"--cache-dir={tmp_path / 'cache'}"
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", cache, str(path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    return [line for line in done.stdout.splitlines() if ": error: " in line]


def test_a_checker_passes_what_is_right_and_names_what_is_wrong(tmp_path: Path) -> None:
    errors = complaints_of_mypy(tmp_path, RIGHT + WRONG)
    first_wrong = len(RIGHT.splitlines()) + 2
    assert [int(line.split(":")[1]) - first_wrong for line in errors] == [0, 1, 2, 3], errors


def test_the_stack_of_the_readme_passes(tmp_path: Path) -> None:
    (snippet,) = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert complaints_of_mypy(tmp_path, snippet) == []
