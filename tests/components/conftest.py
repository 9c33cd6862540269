"""Components built with Pulumi's mocks: their shape, without an engine."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

import pulumi
import pulumi.runtime
import pytest

from lbpatterns.core.spec import LBSpec
from lbpatterns.core.target import Built, Feature
from lbpatterns.pki import Authority, Issued


class Recorded(pulumi.CustomResource):
    """What the recording target registers."""

    host: pulumi.Output[str]

    def __init__(self, name: str, spec: Any, opts: pulumi.ResourceOptions) -> None:
        from lbpatterns.core.plain import to_plain

        super().__init__("recorded:index:LoadBalancer", name, {"spec": to_plain(spec), "host": "192.0.2.1"}, opts)


@dataclass
class RecordingTarget:
    """A target of the tests' own: keeps each spec that it was asked to build."""

    supports: frozenset[Feature] = frozenset(Feature)
    built: list[LBSpec] = field(default_factory=list)

    name: ClassVar[str] = "recording"
    ways_out: ClassVar[Mapping[Feature, str]] = {Feature.CUSTOM_CA: "Use a publicly trusted certificate."}

    def create(self, spec: LBSpec, *, name: str, options: Any) -> Built:
        self.built.append(spec)
        resource = Recorded(f"{name}-recorded", spec, options)
        return Built(host=resource.host, load_balancer=resource)


class Mocks(pulumi.runtime.Mocks):
    """Keeps what is registered; every resource gets an id."""

    def __init__(self) -> None:
        self.registered: list[pulumi.runtime.MockResourceArgs] = []

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.registered.append(args)
        return f"{args.name}-id", dict(args.inputs)

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        return {}, None


Program = Callable[[], Mapping[str, Any]]


class Engine:
    """Runs a program to its end and answers the values of the Outputs that it returns."""

    def __init__(self) -> None:
        self.mocks = Mocks()

    def run(self, program: Program, *, preview: bool = False) -> dict[str, Any]:
        seen: dict[str, Any] = {}

        def remember(values: dict[str, Any]) -> None:
            seen.update(values)

        pulumi.runtime.set_mocks(self.mocks, project="shop", stack="test", preview=preview)
        run: Callable[[], None] = cast("Any", pulumi.runtime.test)(
            lambda: pulumi.Output.all(**program()).apply(remember)
        )
        run()
        return seen


@pytest.fixture(autouse=True)
def own_loop(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pulumi's Outputs belong to the loop that is current when they are made: each test gets one, and closes it."""
    opened: list[asyncio.AbstractEventLoop] = []
    new_event_loop = asyncio.new_event_loop

    def remembered() -> asyncio.AbstractEventLoop:
        opened.append(new_event_loop())
        return opened[-1]

    # Pulumi's mocks open a loop in every worker thread, for mocks that use Outputs, and never close it.
    monkeypatch.setattr(asyncio, "new_event_loop", remembered)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    asyncio.set_event_loop(None)
    for left in opened:
        _until_idle(left)
        left.close()
    # Outputs that failed report it when they are collected; inside `ast.parse` that ends in a SystemError on 3.11.
    gc.collect()


def _until_idle(loop: asyncio.AbstractEventLoop) -> None:
    """A worker thread of Pulumi's mocks may still be at its last answer."""
    deadline = time.monotonic() + 10
    while loop.is_running() and time.monotonic() < deadline:
        time.sleep(0.005)


@pytest.fixture
def engine() -> Iterator[Engine]:
    yield Engine()
    pulumi.runtime.set_all_config({})


@pytest.fixture
def target() -> RecordingTarget:
    return RecordingTarget()


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority("Test CA")


@pytest.fixture(scope="session")
def issued(authority: Authority) -> Issued:
    return authority.issue(["shop.example.test"])
