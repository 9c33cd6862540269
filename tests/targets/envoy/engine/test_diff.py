"""Changes are told place by place, and what they mean."""

import json
from collections.abc import Callable

import pytest

from lbpatterns.targets.envoy.differences import Change
from lbpatterns.targets.envoy.engine import Engine

from .conftest import Plain

Checked = Callable[..., Plain]
Spec = Callable[..., Plain]
FreePort = Callable[[], int]


class TestDiff:
    def test_the_same_is_no_change(
        self, engine: Engine, checked: Checked, offloaded: Spec, free_port: FreePort
    ) -> None:
        asked = checked(offloaded(free_port()))
        foreseen = engine.create(asked, preview=True)
        floats = json.loads(json.dumps(asked), parse_int=float)  # what Pulumi's state makes of numbers
        assert not engine.diff(foreseen, asked).any
        assert not engine.diff(foreseen, floats).any

    def test_changes_are_told_place_by_place(
        self, engine: Engine, checked: Checked, offloaded: Spec, free_port: FreePort
    ) -> None:
        before = checked(offloaded(free_port()))
        after = checked(offloaded(before["spec"]["frontends"][0]["port"], servers=("127.0.0.1", "127.0.0.2"), to=10))
        after["name"] = before["name"]
        after["spec"]["backend"]["timeouts"] = {"connect": 1.0}
        old = engine.create(before, preview=True)
        assert engine.diff(old, after).changes == {
            "spec.backend.servers[1]": Change.ADD,
            "spec.backend.port": Change.UPDATE,
            "spec.backend.timeouts": Change.ADD,
        }
        back = engine.diff(engine.create(after, preview=True), before)
        assert back.changes["spec.backend.timeouts"] is Change.DELETE
        assert back.replaces == ()

    @pytest.mark.parametrize(
        "pattern", ["spec.backend.port", "spec.backend", "spec", 'spec["backend"].port', "spec.*.port"]
    )
    def test_ignored_changes_are_none(
        self, engine: Engine, checked: Checked, offloaded: Spec, free_port: FreePort, pattern: str
    ) -> None:
        asked = checked(offloaded(free_port(), to=10))
        old = engine.create(checked(offloaded(asked["spec"]["frontends"][0]["port"]), name=asked["name"]), preview=True)
        assert engine.diff(old, asked).any
        assert not engine.diff(old, asked, [pattern]).any

    def test_a_new_name_replaces_and_what_needs_the_same_port_goes_first(
        self, engine: Engine, checked: Checked, offloaded: Spec, free_port: FreePort
    ) -> None:
        port = free_port()
        old = engine.create(checked(offloaded(port), name="old"), preview=True)
        same, other = checked(offloaded(port), name="new"), checked(offloaded(free_port()), name="new")
        everywhere = checked(offloaded(port), name="new", bind_address="0.0.0.0")
        assert engine.diff(old, same).replaces == ("name",)
        assert engine.diff(old, same).delete_before_replace
        assert engine.diff(old, everywhere).delete_before_replace
        assert not engine.diff(old, other).delete_before_replace
        assert not engine.diff(old, {**everywhere, "name": "old"}).delete_before_replace
