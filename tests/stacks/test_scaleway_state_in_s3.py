"""The whole of Scaleway: a load balancer there, with the state of its stack in Object Storage."""

from __future__ import annotations

from pathlib import Path

import pytest

from lbpatterns.demo.workspace import Workspace
from lbpatterns.doubles.scaleway_lb import Double
from lbpatterns.pki import DemoPKI
from tests.targets.scaleway.engine.cloud import Cloud

from .s3 import ObjectStorage, WorkspaceInBucket
from .test_life_on_scaleway import configuration, double, resources_of

__all__ = ["double"]


@pytest.mark.parametrize("pattern", ["bridged"])
def test_the_life_of_a_stack(tmp_path: Path, double: Double, pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    pki = DemoPKI.at(tmp_path / "pki")
    (tmp_path / "project").mkdir()
    with ObjectStorage(tmp_path) as storage:
        bucket = storage.bucket()
        project = Workspace.of_stacks(tmp_path / "project").directory
        stack = Cloud.on(WorkspaceInBucket(project, bucket, False), double, pattern, configuration(pattern, pki))
        made = resources_of(pattern)
        assert stack.up() == {"created": made}
        assert len(bucket.types()) == made
        stack.set("lbpatterns:port", "8443")
        assert stack.up()["updated"] >= 1
        assert stack.refresh() == {"unchanged": made}
        assert stack.preview() == {}
        stack.destroy()
        assert stack.is_gone()
        assert bucket.types() == []
        assert bucket.locks() == []
        assert bucket.history() == ["update", "update", "refresh", "destroy"]
        secret = [pki.frontend.private_key_pem.splitlines()[1], "PRIVATE KEY", double.environment()["SCW_SECRET_KEY"]]
        kept = bucket.everything()
        assert any("BEGIN CERTIFICATE" in text for text in kept.values())
        assert [key for key, text in kept.items() if any(line in text for line in secret)] == []
