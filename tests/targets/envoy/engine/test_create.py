"""A create leaves a load balancer that serves what was asked for, or nothing at all."""

import json
import os
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lbpatterns.core.spec import UNKNOWN
from lbpatterns.pki.authority import Authority
from lbpatterns.targets.envoy import files
from lbpatterns.targets.envoy.engine import DEFAULT_SECONDS, Engine, patience
from lbpatterns.targets.envoy.errors import CancelledByUserError, EngineError
from lbpatterns.targets.envoy.process import Process

from .clients import get
from .conftest import Plain, left_in, running_in

Checked = Callable[..., Plain]
Spec = Callable[..., Plain]
FreePort = Callable[[], int]


class TestCreate:
    def test_it_waits_for_a_health_check_that_hangs(self, offloaded: Spec) -> None:
        """Envoy serves only after the first check of every backend, and a hanging one takes its whole timeout."""
        spec = offloaded(18080)
        assert patience({"spec": spec}) == DEFAULT_SECONDS
        slow = {"protocol": "http", "timeout": 40.0}
        assert patience({"spec": spec | {"backend": spec["backend"] | {"health_check": slow}}}) == DEFAULT_SECONDS + 40

    def test_it_serves_what_was_asked_for(
        self,
        engine: Engine,
        checked: Checked,
        offloaded: Spec,
        free_port: FreePort,
        authority: Authority,
        http_server: int,
    ) -> None:
        port = free_port()
        made = engine.create(checked(offloaded(port, to=http_server)), urn="urn")
        assert get(port, authority) == 200
        assert (made["host"], made["ports"]) == ("127.0.0.1", [port])
        assert Process(made["pid"], made["started_at"]).is_alive()

    def test_all_it_writes_is_for_its_owner_alone(
        self, engine: Engine, checked: Checked, offloaded: Spec, free_port: FreePort
    ) -> None:
        directory = Path(engine.create(checked(offloaded(free_port())))["directory"])
        assert directory.stat().st_mode & 0o777 == 0o700
        assert {
            path.name: path.stat().st_mode & 0o777 for path in directory.iterdir() if path.stat().st_mode & 0o077
        } == {}

    def test_a_preview_does_nothing_and_knows_all_but_the_process(
        self, engine: Engine, state: Path, checked: Checked, offloaded: Spec, free_port: FreePort
    ) -> None:
        asked = checked(offloaded(free_port()))
        foreseen = engine.create(asked, preview=True)
        assert {key for key, value in foreseen.items() if value is UNKNOWN} == {"pid", "started_at"}
        assert not state.exists()
        made = engine.create(asked)
        assert {**foreseen, "pid": made["pid"], "started_at": made["started_at"]} == made

    def test_a_port_in_use_is_named_with_who_has_it_and_nothing_is_left(
        self, engine: Engine, state: Path, checked: Checked, offloaded: Spec, free_port: FreePort
    ) -> None:
        port = free_port()
        with socket.create_server(("127.0.0.1", port)):
            with pytest.raises(EngineError, match=rf"port {port} on 127.0.0.1 is in use by \S+ \(pid {os.getpid()}\)"):
                engine.create(checked(offloaded(port)))
            assert (left_in(state), running_in(state)) == ([], [])

    def test_an_envoy_that_never_gets_ready_leaves_its_words_and_nothing_else(
        self,
        engine: Engine,
        state: Path,
        checked: Checked,
        offloaded: Spec,
        free_port: FreePort,
        fake_envoy: Callable[[str], None],
    ) -> None:
        fake_envoy("echo out of sockets; exec sleep 60")
        with pytest.raises(
            EngineError, match=r"gave up after 0.5 s of waiting for Envoy to be ready\n.*out of sockets"
        ):
            engine.create(checked(offloaded(free_port())), seconds=0.5)
        assert (left_in(state), running_in(state)) == ([], [])

    def test_an_envoy_that_ends_leaves_its_words_and_nothing_else(
        self,
        engine: Engine,
        state: Path,
        checked: Checked,
        offloaded: Spec,
        free_port: FreePort,
        fake_envoy: Callable[[str], None],
    ) -> None:
        fake_envoy("echo no such luck; exit 3")
        with pytest.raises(EngineError, match=r"Envoy ended before it was ready\n.*no such luck"):
            engine.create(checked(offloaded(free_port())))
        assert (left_in(state), running_in(state)) == ([], [])

    def test_what_envoy_does_not_take_is_said_in_its_words_before_anything_runs(
        self, engine: Engine, state: Path, checked: Checked, offloaded: Spec, free_port: FreePort
    ) -> None:
        asked = checked(offloaded(free_port()))
        asked["spec"]["backend"]["timeouts"] = {"connect": -1.0}
        with pytest.raises(EngineError):
            engine.create(asked)
        assert (left_in(state), running_in(state)) == ([], [])

    def test_a_create_that_is_cancelled_leaves_nothing(
        self,
        engine: Engine,
        state: Path,
        checked: Checked,
        offloaded: Spec,
        free_port: FreePort,
        fake_envoy: Callable[[str], None],
    ) -> None:
        fake_envoy("exec sleep 60")
        with pytest.raises(CancelledByUserError):
            engine.create(checked(offloaded(free_port())), cancelled=lambda: bool(running_in(state)))
        assert (left_in(state), running_in(state)) == ([], [])

    def test_of_two_at_once_on_one_port_one_serves_and_the_other_leaves_nothing(
        self, engine: Engine, state: Path, checked: Checked, offloaded: Spec, free_port: FreePort
    ) -> None:
        """Both Envoys would bind it: they listen with SO_REUSEPORT."""
        port = free_port()
        wanted = [checked(offloaded(port), resource_name=name) for name in ("left", "right")]

        def create(asked: Plain) -> str:
            try:
                return str(engine.create(asked, urn=asked["name"])["name"])
            except EngineError as error:
                return str(error)

        with ThreadPoolExecutor(2) as pool:
            answers = sorted(pool.map(create, wanted), key=len)
        assert [answers[0]] == left_in(state)
        assert f"port {port} on 127.0.0.1 is in use" in answers[1]
        assert len(running_in(state)) == 1

    def test_a_name_that_is_taken_is_an_error_that_tells_how_to_import_it(
        self, engine: Engine, checked: Checked, offloaded: Spec, free_port: FreePort
    ) -> None:
        engine.create(checked(offloaded(free_port()), name="taken"), urn="one")
        with pytest.raises(EngineError, match="pulumi import"):
            engine.create(checked(offloaded(free_port()), name="taken"), urn="two")

    def test_what_a_killed_run_left_half_done_is_cleared_away(
        self, engine: Engine, state: Path, checked: Checked, offloaded: Spec, free_port: FreePort
    ) -> None:
        half = engine.create(checked(offloaded(free_port())), urn="one")
        files.write(Path(half["directory"]) / "creating.json", json.dumps({"pid": 2**22 + 1, "started_at": "1"}))
        made = engine.create(checked(offloaded(half["ports"][0])), urn="two")
        assert left_in(state) == [made["name"]]
        assert running_in(state) == [made["pid"]]

    def test_what_was_made_for_the_same_resource_and_never_noted_down_is_made_anew(
        self, engine: Engine, state: Path, checked: Checked, offloaded: Spec, free_port: FreePort
    ) -> None:
        spec = offloaded(free_port())
        engine.create(checked(spec), urn="one")
        made = engine.create(checked(spec), urn="one")
        assert left_in(state) == [made["name"]]
        assert running_in(state) == [made["pid"]]
