"""Stacks on Scaleway's double; whatever a test builds is destroyed, and a stack that cannot be is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lbpatterns.doubles.scaleway_lb import Double, running
from lbpatterns.pki import DemoPKI

from .client import ScalewayAccount
from .cloud import Cloud

PROGRAMS = Path(__file__).with_name("programs")


@pytest.fixture(scope="session")
def one_double() -> Iterator[Double]:
    with running(mode="fast") as double:
        yield double


@pytest.fixture
def double(one_double: Double, monkeypatch: pytest.MonkeyPatch) -> Iterator[Double]:
    """An empty double, and an environment that points every client there."""
    one_double.reset()
    for name, value in one_double.environment().items():
        monkeypatch.setenv(name, value)
    yield one_double
    one_double.reset()


@pytest.fixture
def account(double: Double) -> ScalewayAccount:
    """Scaleway's own SDK at the same double."""
    return ScalewayAccount(double)


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> DemoPKI:
    return DemoPKI.at(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def build(tmp_path: Path, double: Double, pki: DemoPKI) -> Callable[..., Cloud]:
    """`build("kitchen_sink", port=443)`: a stack of one of the programs beside this file, or of a program's text."""

    def of_program(program: str, **configuration: Any) -> Cloud:
        path = PROGRAMS / f"{program}.py"
        text = path.read_text() if "\n" not in program else program
        return Cloud.of_program(tmp_path / "project", double, text, pki=str(pki.directory), **configuration)

    return of_program
