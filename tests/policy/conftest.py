"""Stacks on Scaleway's double, for policies that are put to them by the real engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lbpatterns.cli.policy import pack_folder
from lbpatterns.doubles.scaleway_lb import Double, running
from lbpatterns.pki import DemoPKI
from tests.targets.scaleway.engine.cloud import Cloud

Build = Callable[..., Cloud]


@pytest.fixture(scope="module")
def one_double() -> Iterator[Double]:
    with running(mode="fast") as double:
        yield double


@pytest.fixture
def build(tmp_path: Path, one_double: Double, monkeypatch: pytest.MonkeyPatch) -> Iterator[Build]:
    """`build(program)`: a stack of a program's text, on an empty double."""
    one_double.reset()
    for name, value in one_double.environment().items():
        monkeypatch.setenv(name, value)

    def of_program(program: str, **configuration: Any) -> Cloud:
        return Cloud.of_program(tmp_path / "project", one_double, program, **configuration)

    yield of_program
    one_double.reset()


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The folder that `lbpatterns policy path` prints, in a cache of this test."""
    with monkeypatch.context() as context:  # Pulumi itself is looked for in the user's own cache
        context.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        return str(pack_folder())


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> DemoPKI:
    return DemoPKI.at(tmp_path_factory.mktemp("pki"))
