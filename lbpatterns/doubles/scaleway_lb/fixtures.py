"""A pytest fixture. A project that wants it says `pytest_plugins = ["lbpatterns.doubles.scaleway_lb.fixtures"]`."""

from collections.abc import Iterator

import pytest

from lbpatterns.doubles.scaleway_lb.double import Double, running


@pytest.fixture(scope="session")
def _scaleway_double_server() -> Iterator[Double]:
    with running(mode="fast") as double:
        yield double


@pytest.fixture
def scaleway_double(_scaleway_double_server: Double) -> Iterator[Double]:
    """A double in fast mode, empty at the beginning of each test. One server serves a whole session."""
    _scaleway_double_server.reset()
    yield _scaleway_double_server
    _scaleway_double_server.reset()
