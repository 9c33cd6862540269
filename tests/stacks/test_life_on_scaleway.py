"""The repository's stacks on Scaleway, as their own files configure them: only the configuration is another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from lbpatterns.demo.workspace import project_directory
from lbpatterns.doubles.scaleway_lb import Double, running
from lbpatterns.pki import DemoPKI
from tests.targets.scaleway.engine.cloud import Cloud

# What one load balancer of each is made of, as Scaleway counts it.
MADE_OF = {
    "offloaded": {"ips": 1, "lbs": 1, "backends": 2, "frontends": 2, "certificates": 2, "acls": 1},
    "bridged": {"ips": 1, "lbs": 1, "backends": 1, "frontends": 1, "certificates": 1},
    "passthrough": {"ips": 1, "lbs": 1, "backends": 2, "frontends": 1, "routes": 1},
}


def resources_of(pattern: str) -> int:
    """As Pulumi counts them: ACLs belong to their frontend; the stack and the component come on top."""
    return sum(count for kind, count in MADE_OF[pattern].items() if kind != "acls") + 2


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> Iterator[Double]:
    with running(mode="fast") as double:
        for name, value in double.environment().items():
            monkeypatch.setenv(name, value)
        yield double


def configuration(pattern: str, pki: DemoPKI) -> dict[str, Any]:
    """The stack's own file; only the certificates are issued elsewhere."""
    text = (project_directory() / "stacks" / f"Pulumi.{pattern}-scaleway.yaml").read_text()
    own: dict[str, Any] = yaml.safe_load(text)["config"]
    return own | {"lbpatterns:pki": str(pki.directory)}


@pytest.mark.parametrize("pattern", MADE_OF)
def test_built_unchanged_without_drift_and_gone(tmp_path: Path, double: Double, pattern: str) -> None:
    pki = DemoPKI.at(tmp_path / "pki")
    (tmp_path / "project").mkdir()
    stack = Cloud.of_stacks(tmp_path / "project", double, f"{pattern}-scaleway", configuration(pattern, pki))
    made = resources_of(pattern)
    assert len(stack.preview()) == made
    assert not any(double.state().values())
    assert stack.up() == {"created": made}
    assert {kind: count for kind, count in double.state().items() if count} == MADE_OF[pattern]
    (address,) = [one["outputs"]["ipAddress"] for name, one in stack.resources().items() if name.endswith("-ip")]
    assert stack.outputs()["endpoint"] == f"{address}:443"
    assert stack.up() == {"unchanged": made}
    assert stack.refresh() == {"unchanged": made}
    assert stack.preview() == {}
    stack.writes()
    stack.destroy()
    assert stack.is_gone()
    assert stack.writes()[-2:] == ["DELETE lbs", "DELETE ips"]


def test_what_scaleway_cannot_do_is_said_before_anything_is_built(tmp_path: Path, double: Double) -> None:
    """The stack as it stands for Envoy: servers with certificates of an internal CA."""
    pki = DemoPKI.at(tmp_path / "pki")
    (tmp_path / "project").mkdir()
    given = configuration("bridged", pki) | {"lbpatterns:publicServerCertificates": False}
    stack = Cloud.of_stacks(tmp_path / "project", double, "bridged", given)
    ended = stack.try_run("preview")
    words = ended.stdout + ended.stderr
    assert ended.returncode != 0
    assert "backend: target `scaleway` cannot do a trust anchor of your own on the backend leg." in words
    for way_out in ("publicly trusted certificates", "PassthroughLB", "insecure_skip_verify", "target `envoy`"):
        assert way_out in words
    assert "Traceback" not in words
    assert "BEGIN" not in words
    assert double.log() == []
