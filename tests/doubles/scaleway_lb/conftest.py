"""A double for each test, a client without an SDK, and the official SDK."""

import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from lbpatterns.doubles.scaleway_lb import Double
from lbpatterns.doubles.scaleway_lb import running as running_double
from lbpatterns.doubles.scaleway_lb.fixtures import _scaleway_double_server, scaleway_double

from .client import TOKEN, LbClient
from .sdk import LbV1ZonedAPI, sdk_of

__all__ = ["_scaleway_double_server", "scaleway_double"]  # fixtures, for pytest to find


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def double(scaleway_double: Double) -> Double:
    return scaleway_double


@pytest.fixture
def realistic() -> Iterator[Double]:
    """Nothing happens by itself but what a test's own `advance` brings, however busy the machine."""
    with running_double(mode="realistic", clock_runs=False) as double:
        yield double


def client_of(double: Double) -> LbClient:
    return LbClient(base_url=double.url, headers={"X-Auth-Token": TOKEN}, trust_env=False, timeout=30)


@pytest.fixture
def client(double: Double) -> Iterator[LbClient]:
    with client_of(double) as client:
        yield client


@pytest.fixture
def slow_client(realistic: Double) -> Iterator[LbClient]:
    """A client of the double in realistic mode."""
    with client_of(realistic) as client:
        yield client


@pytest.fixture
def sdk(double: Double) -> LbV1ZonedAPI:
    return sdk_of(double)


@pytest.fixture
def slow_sdk(realistic: Double, monkeypatch: pytest.MonkeyPatch) -> LbV1ZonedAPI:
    """The SDK at the double in realistic mode; where its waiters would sleep, the virtual clock moves instead."""
    clock = SimpleNamespace(time=time.time, sleep=realistic.advance)
    monkeypatch.setattr("scaleway_core.utils.waiter.time", clock)
    return sdk_of(realistic)
