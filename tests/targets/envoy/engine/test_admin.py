"""The admin interface, asked of real Envoys."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lbpatterns.targets.envoy.admin import Admin, AdminUnreachableError
from lbpatterns.targets.envoy.engine import Engine
from lbpatterns.targets.envoy.errors import EngineError
from lbpatterns.targets.envoy.inputs import rendered

from .conftest import Plain


@pytest.fixture
def asked(checked: Callable[..., Plain], offloaded: Callable[..., Plain], free_port: Callable[[], int]) -> Plain:
    return checked(offloaded(free_port()))


def test_it_tells_versions_listeners_and_life(engine: Engine, state: Path, asked: Plain) -> None:
    made = engine.create(asked)
    asking = Admin(Path(made["directory"]))
    configuration = rendered(asked, state)
    assert asking.is_live()
    status = asking.status()
    assert status.in_force(configuration.versions)
    assert set(configuration.versions) == set(status.subscriptions)
    assert all(one.attempts == 1 and one.refused == 0 for one in status.subscriptions.values())
    assert asking.listening() == set(configuration.binds)
    assert not status.in_force({**configuration.versions, "lds": "another"})
    engine.delete(made["name"], made)
    assert not asking.is_live()
    with pytest.raises(AdminUnreachableError):
        asking.status()


def test_a_path_that_is_too_long_for_a_socket_is_reached_all_the_same(tmp_path: Path, asked: Plain) -> None:
    engine = Engine(tmp_path / ("long" * 40))
    made = engine.create(asked)
    try:
        assert len(made["admin"]) > 150
        assert Admin(Path(made["directory"])).is_live()
    finally:
        engine.delete(made["name"], made)


def test_where_nothing_can_shorten_the_path_the_error_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(EngineError, match="LBPATTERNS_STATE_DIR"):
        Admin(Path("/" + "long" * 40)).status()
