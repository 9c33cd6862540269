"""An update leaves the new configuration in force, or the former one, and cuts nobody off."""

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lbpatterns.core.spec import UNKNOWN
from lbpatterns.pki.authority import Authority, Issued
from lbpatterns.targets.envoy import engine as engine_module
from lbpatterns.targets.envoy import files
from lbpatterns.targets.envoy.engine import Engine
from lbpatterns.targets.envoy.errors import EngineError
from lbpatterns.targets.envoy.outputs import INPUTS
from lbpatterns.targets.envoy.program import arguments

from .clients import connect, get, kill, served_leaf
from .conftest import Plain, is_listening, left_in, running_in

Checked = Callable[..., Plain]
Spec = Callable[..., Plain]
FreePort = Callable[[], int]


class TestUpdate:
    def test_certificate_server_and_port_change_while_it_serves(
        self,
        engine: Engine,
        checked: Checked,
        offloaded: Spec,
        free_port: FreePort,
        authority: Authority,
        http_server: int,
    ) -> None:
        first, second = free_port(), free_port()
        renewed = authority.issue(["shop.test"])
        made = engine.create(checked(offloaded(first)))
        asked = checked(
            offloaded(second, certificate=renewed.private_key_and_chain_pem, to=http_server), name=made["name"]
        )
        updated = engine.update(made["name"], made, asked)
        assert (updated["pid"], updated["ports"]) == (made["pid"], [second])
        assert served_leaf(second, authority) == renewed.leaf_sha256
        assert get(second, authority) == 200
        assert not is_listening(first)
        assert files.digest(files.configuration_files(Path(made["directory"]))) == updated["configuration"]

    def test_no_request_fails_while_certificates_and_backends_change(
        self,
        engine: Engine,
        checked: Checked,
        offloaded: Spec,
        free_port: FreePort,
        authority: Authority,
        http_server: int,
    ) -> None:
        port, done, answers = free_port(), threading.Event(), []
        pems = [authority.issue(["shop.test"]).private_key_and_chain_pem for _ in range(2)]
        made = engine.create(checked(offloaded(port, certificate=pems[0], to=http_server)))

        def ask() -> None:
            while not done.is_set():
                answers.append(get(port, authority))

        clients = [threading.Thread(target=ask) for _ in range(2)]
        for client in clients:
            client.start()
        for round_, pool in enumerate(("default", "other", "default"), 1):
            spec = offloaded(port, certificate=pems[round_ % 2], to=http_server)
            spec["backend"]["name"] = pool  # another cluster; the former one goes away
            made = engine.update(made["name"], made, checked(spec, name=made["name"]))
        done.set()
        for client in clients:
            client.join()
        assert len(answers) > 20
        assert set(answers) == {200}

    def test_a_client_that_keeps_its_connection_is_served_while_backends_go_away(
        self,
        engine: Engine,
        checked: Checked,
        offloaded: Spec,
        free_port: FreePort,
        authority: Authority,
        http_server: int,
    ) -> None:
        """It was connected before, so that Envoy still sends it to the former backend, and tells it to come again."""
        port, done, answers = free_port(), threading.Event(), list[int]()
        made = engine.create(checked(offloaded(port, to=http_server)))

        def ask() -> None:
            connection = connect(port, authority)
            while not done.wait(0.1):
                connection.request("GET", "/")
                answer = connection.getresponse()
                answers.append(answer.status)
                answer.read()
            connection.close()

        def wait_for_answers(count: int) -> None:
            wanted = len(answers) + count
            while client.is_alive() and len(answers) < wanted:
                time.sleep(0.01)

        client = threading.Thread(target=ask)
        client.start()
        for pool in ("other", "default"):
            wait_for_answers(1)
            spec = offloaded(port, to=http_server)
            spec["backend"]["name"] = pool
            made = engine.update(made["name"], made, checked(spec, name=made["name"]))
        wait_for_answers(2)
        done.set()
        client.join()
        assert set(answers) == {200}

    def test_concurrency_restarts_it(
        self, engine: Engine, checked: Checked, offloaded: Spec, free_port: FreePort, authority: Authority
    ) -> None:
        port = free_port()
        made = engine.create(checked(offloaded(port)))
        updated = engine.update(made["name"], made, checked(offloaded(port), name=made["name"], concurrency=1))
        assert updated["pid"] != made["pid"]
        assert served_leaf(port, authority)

    def test_a_restart_that_fails_brings_the_former_one_back(
        self, engine: Engine, state: Path, checked: Checked, offloaded: Spec, free_port: FreePort, authority: Authority,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        port = free_port()
        made = engine.create(checked(offloaded(port)))
        calls: list[int] = []

        def wrong_at_first(envoy: str, concurrency: int) -> list[str]:
            calls.append(concurrency)
            return ["/bin/sh", "-c", "echo wrong; exit 1"] if len(calls) == 1 else arguments(envoy, concurrency)

        monkeypatch.setattr(engine_module, "arguments", wrong_at_first)
        with pytest.raises(EngineError, match="wrong"):
            engine.update(made["name"], made, checked(offloaded(port), name=made["name"], concurrency=1))
        assert served_leaf(port, authority)
        assert calls == [1, 2]
        assert len(running_in(state)) == 1
        engine.delete(made["name"], made)  # with a state that names the process that is gone
        assert (running_in(state), left_in(state)) == ([], [])

    def test_a_new_port_that_is_in_use_changes_nothing(
        self, engine: Engine, checked: Checked, offloaded: Spec, free_port: FreePort, authority: Authority
    ) -> None:
        port = free_port()
        made = engine.create(checked(offloaded(port)))
        with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(EngineError, match="is in use"):
            engine.update(made["name"], made, checked(offloaded(other.getsockname()[1]), name=made["name"]))
        found = engine.read(made["name"], made, {key: made[key] for key in INPUTS})
        assert found
        assert found.state == made
        assert served_leaf(port, authority)

    @pytest.mark.parametrize("broken", ["lds", "cds", "sds"])
    def test_what_envoy_refuses_is_put_back_and_said_in_its_words(
        self, engine: Engine, checked: Checked, offloaded: Spec, free_port: FreePort, authority: Authority, broken: str,
        monkeypatch: pytest.MonkeyPatch, leaf: Issued,
    ) -> None:  # fmt: skip
        """Validation lets nothing through that Envoy would refuse, so the file is spoilt on its way."""
        port = free_port()
        made = engine.create(checked(offloaded(port)))
        before, write = files.configuration_files(Path(made["directory"])), files.write

        def spoil(path: Path, text: str) -> None:
            if path.name.startswith(broken) and text != before.get(path.name):
                text = text.replace('"5s"', '"-5s"').replace('"common_tls_context"', '"no_such_field"')
                text = text.replace("MII", "XXX")
            write(path, text)

        monkeypatch.setattr(files, "write", spoil)
        pem = authority.issue(["shop.test"]).private_key_and_chain_pem
        spec = offloaded(port, certificate=pem, to=10)
        spec["frontends"][0]["minimum_tls_version"] = "1.3"
        with pytest.raises(EngineError, match=r"stays as it was: Envoy refused .*\n  envoy: ") as caught:
            engine.update(made["name"], made, checked(spec, name=made["name"]))
        assert "BEGIN" not in str(caught.value)
        assert files.configuration_files(Path(made["directory"])) == before
        assert served_leaf(port, authority) == leaf.leaf_sha256
        found = engine.read(made["name"], made, {key: made[key] for key in INPUTS})
        assert found
        assert found.state == made

    def test_an_envoy_that_died_is_started_again(
        self, engine: Engine, checked: Checked, offloaded: Spec, free_port: FreePort, authority: Authority
    ) -> None:
        asked = checked(offloaded(free_port()))
        made = engine.create(asked)
        kill(made)
        updated = engine.update(made["name"], made, asked)
        assert updated["pid"] != made["pid"]
        assert served_leaf(made["ports"][0], authority)

    def test_a_preview_keeps_the_process_unless_it_restarts(
        self, engine: Engine, checked: Checked, offloaded: Spec, free_port: FreePort
    ) -> None:
        made = engine.create(checked(offloaded(free_port())))
        asked = checked(offloaded(free_port()), name=made["name"])
        assert engine.update(made["name"], made, asked, preview=True)["pid"] == made["pid"]
        restarted = engine.update(made["name"], made, {**asked, "concurrency": 1}, preview=True)
        assert restarted["pid"] is UNKNOWN
