"""Fixtures of the Envoy target's tests."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.targets.envoy.running import (
    RunningEnvoy,
)


@pytest.fixture
def envoy() -> Iterator[RunningEnvoy]:
    # Not `tmp_path`: the path of a socket must be short, and here the test itself connects to it.
    with tempfile.TemporaryDirectory(prefix="lbp-") as directory:
        running = RunningEnvoy(Path(directory))
        try:
            yield running
        finally:
            running.stop()
