"""What runs is found as it is; what drifted is seen; what is gone is gone."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from lbpatterns.pki.authority import Authority
from lbpatterns.targets.envoy import files
from lbpatterns.targets.envoy.engine import Engine

from .clients import kill, served_leaf
from .conftest import Plain, is_listening, left_in, running_in

Checked = Callable[..., Plain]
Spec = Callable[..., Plain]
FreePort = Callable[[], int]


class TestRead:
    def test_what_serves_as_asked_is_found_as_it_was_made(
        self, engine: Engine, checked: Checked, offloaded: Spec, free_port: FreePort
    ) -> None:
        asked = checked(offloaded(free_port()))
        made = engine.create(asked, secrets={"spec"})
        for state, inputs in ((made, asked), ({}, {})):  # a refresh, an import
            found = engine.read(made["name"], state, inputs)
            assert found
            assert (found.state, found.inputs, found.secrets) == (made, asked, frozenset({"spec"}))

    def test_an_envoy_that_is_gone_is_not_found_and_its_keys_go_but_not_its_log(
        self, engine: Engine, state: Path, checked: Checked, offloaded: Spec, free_port: FreePort
    ) -> None:
        asked = checked(offloaded(free_port()))
        made = engine.create(asked, urn="urn")
        kill(made)
        assert engine.read(made["name"], made, asked) is None
        directory = Path(made["directory"])
        assert {path.name for path in directory.iterdir()} == {"envoy.log", "inputs.json"}
        assert "PRIVATE KEY" not in (directory / "inputs.json").read_text()
        again = engine.create(checked(offloaded(free_port())), urn="urn")
        assert left_in(state) == [again["name"]]

    def test_nobody_of_that_name_is_not_found(self, engine: Engine) -> None:
        assert engine.read("nobody", {}, {}) is None

    @pytest.mark.parametrize("how", ["edited", "removed", "edited in place and put back", "folder removed"])
    def test_a_drift_is_seen_and_healed(
        self, engine: Engine, checked: Checked, offloaded: Spec, free_port: FreePort, authority: Authority, how: str
    ) -> None:
        asked = checked(offloaded(free_port()))
        made = engine.create(asked)
        lds = Path(made["directory"]) / "lds.json"
        good = lds.read_text()
        if how == "edited":
            lds.write_text(good.replace("127.0.0.1", "127.0.0.2"))
        elif how == "removed":
            lds.unlink()
        elif how == "folder removed":
            for path in lds.parent.iterdir():
                path.unlink()
            lds.parent.rmdir()
        else:
            files.write(lds, '{"version_info": "1", "resources": []}')
            while is_listening(made["ports"][0]):
                pass
            lds.write_text(good)
        found = engine.read(made["name"], made, asked)
        assert found
        assert found.state["configuration"] != made["configuration"]
        assert engine.diff(found.state, asked).drifted
        healed = engine.update(made["name"], found.state, asked)
        assert healed["configuration"] == made["configuration"]
        assert (healed["pid"] == made["pid"]) is (how != "folder removed")
        assert not engine.diff(healed, asked).any
        assert served_leaf(made["ports"][0], authority)


class TestDelete:
    def test_nothing_is_left_and_once_more_is_fine(
        self, engine: Engine, state: Path, checked: Checked, offloaded: Spec, free_port: FreePort
    ) -> None:
        made = engine.create(checked(offloaded(free_port())))
        engine.delete(made["name"], made)
        assert (left_in(state), running_in(state)) == ([], [])
        with socket.create_server(("127.0.0.1", made["ports"][0])):
            engine.delete(made["name"], made)
