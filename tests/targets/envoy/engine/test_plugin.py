"""The plugin under a real Pulumi: what a user sees and keeps, in every turn a stack can take."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pulumi
import pytest
from pulumi import automation
from pulumi.automation import CommandError

from lbpatterns.pki.authority import Authority, Issued
from lbpatterns.targets.envoy.process import Process
from lbpatterns.targets.envoy.resources import LoadBalancer

from .conftest import Plain, is_listening, left_in, running_in
from .stacks import Project

Program = Callable[[], None]
Spec = Callable[..., Plain]
FreePort = Callable[[], int]


# When a run fails, the Automation API leaves its event loop and its coroutine open (`LanguageServer.Run` in Pulumi's
# SDK). Nothing of ours is hidden by this: the plugin is another process.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def declares(spec: Plain, resource_name: str = "shop", **others: object) -> Program:
    def program() -> None:
        made = LoadBalancer(resource_name, spec=spec, **others)  # type: ignore[arg-type] # whatever a test asks for
        pulumi.export("pid", made.pid)
        pulumi.export("ports", made.ports)

    return program


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    while any(pid == running for running in running_in(Path("/"))):
        time.sleep(0.01)


def test_a_life_without_accidents(project: Project, offloaded: Spec, free_port: FreePort, authority: Authority) -> None:
    """Preview, up, nothing to do, changes in place one by one, import by another stack's eyes, destroy."""
    port, moved = free_port(), free_port()
    preview = project.preview(declares(offloaded(port)))
    assert preview.change_summary == {automation.OpType.CREATE: 2}
    assert not project.state.exists()

    up = project.up(declares(offloaded(port)))
    pid = up.outputs["pid"].value
    assert up.outputs["ports"].value == [port]
    assert is_listening(port)
    assert project.up(declares(offloaded(port))).summary.resource_changes == {"same": 2}

    renewed = authority.issue(["shop.test"]).private_key_and_chain_pem
    before = project.text
    project.preview(declares(offloaded(port, certificate=renewed, to=10)), diff=True)
    said = project.text.removeprefix(before)
    assert "private_key_and_chain_pem: [secret]" in said
    assert "9 => 10" in said
    for spec in (offloaded(port, certificate=renewed), offloaded(port, to=10), offloaded(moved)):
        up = project.up(declares(spec))
        assert up.summary.resource_changes == {"update": 1, "same": 1}
        assert up.outputs["pid"].value == pid
    assert (is_listening(port), is_listening(moved)) == (False, True)
    assert up.outputs["ports"].value == [moved]

    project.destroy()
    assert (left_in(project.state), running_in(project.state), is_listening(moved)) == ([], [], False)


def test_what_drifted_is_seen_by_refresh_and_healed_by_up(
    project: Project, offloaded: Spec, free_port: FreePort
) -> None:
    program = declares(offloaded(free_port()))
    pid = project.up(program).outputs["pid"].value
    (resource,) = project.resources()
    lds = Path(resource["outputs"]["directory"]) / "lds.json"
    lds.write_text("{}")
    assert project.refresh().summary.resource_changes == {"update": 1, "same": 1}
    up = project.up(program)
    assert up.summary.resource_changes == {"update": 1, "same": 1}
    assert up.outputs["pid"].value == pid
    assert project.resources()[0]["outputs"]["configuration"] == resource["outputs"]["configuration"]

    kill(pid)
    assert project.refresh().summary.resource_changes == {"delete": 1, "same": 1}
    up = project.up(program)
    assert up.summary.resource_changes == {"create": 1, "same": 1}
    assert up.outputs["pid"].value != pid
    project.destroy()
    assert (left_in(project.state), running_in(project.state)) == ([], [])


def test_a_new_name_on_the_same_port_replaces_and_leaves_one(
    project: Project, offloaded: Spec, free_port: FreePort
) -> None:
    spec = offloaded(free_port())
    project.up(declares(spec))
    project.up(declares(spec, name="renamed"))
    assert [one["id"] for one in project.resources()] == ["renamed"]
    assert left_in(project.state) == ["renamed"]
    assert len(running_in(project.state)) == 1
    project.destroy()


def test_what_cannot_be_built_is_said_without_a_traceback_and_nothing_is_left(
    project: Project, offloaded: Spec, free_port: FreePort, leaf: Issued
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CommandError) as caught:
            project.up(declares(offloaded(port)))
    said = str(caught.value) + project.text
    assert f"port {port} on 127.0.0.1 is in use by" in said
    for pem in (leaf.private_key_pem, leaf.private_key_pem + leaf.chain_pem.replace("MII", "XXX")):
        with pytest.raises(CommandError) as caught:
            project.preview(declares(offloaded(free_port(), certificate=pem)))
        said = str(caught.value) + project.text
        assert "spec.frontends[0].certificates[0].private_key_and_chain_pem" in said
        assert leaf.private_key_pem.splitlines()[1] not in said
    assert "Traceback" not in said
    assert 'File "' not in said
    assert (left_in(project.state), running_in(project.state)) == ([], [])


def test_an_envoy_that_never_gets_ready_fails_the_run_with_its_words(
    project: Project, offloaded: Spec, free_port: FreePort, fake_envoy: Callable[[str], None]
) -> None:
    fake_envoy("echo out of sockets; exec sleep 60")

    def program() -> None:
        timeouts = pulumi.CustomTimeouts(create="1s")
        LoadBalancer("shop", spec=offloaded(free_port()), opts=pulumi.ResourceOptions(custom_timeouts=timeouts))

    with pytest.raises(CommandError) as caught:
        project.up(program)
    assert "out of sockets" in str(caught.value) + project.text
    assert (left_in(project.state), running_in(project.state)) == ([], [])


def test_a_run_that_fails_in_the_middle_converges_when_it_is_run_again(
    project: Project, offloaded: Spec, free_port: FreePort
) -> None:
    good, bad = offloaded(free_port()), offloaded(free_port())

    def program() -> None:
        LoadBalancer("good", spec=good)
        LoadBalancer("bad", spec=bad)

    with (
        socket.create_server(("127.0.0.1", bad["frontends"][0]["port"])),
        pytest.raises(CommandError, match="is in use"),
    ):
        project.up(program)
    assert len(running_in(project.state)) == len(project.resources()) == 1
    assert project.up(program).summary.resource_changes == {"create": 1, "same": 2}
    assert len(running_in(project.state)) == 2
    project.destroy()
    assert (left_in(project.state), running_in(project.state)) == ([], [])


def test_it_is_imported_by_its_id_with_its_secrets(project: Project, offloaded: Spec, free_port: FreePort) -> None:
    spec = offloaded(free_port())
    project.up(declares(spec))
    (resource,) = project.resources()
    project.forget()

    def program() -> None:
        LoadBalancer("shop", spec=spec, opts=pulumi.ResourceOptions(import_=resource["id"]))

    assert project.up(program).summary.resource_changes == {"create": 1, "import": 1}
    (imported,) = project.resources()
    assert imported["outputs"]["pid"] == resource["outputs"]["pid"]
    assert "ciphertext" in json.dumps(imported["outputs"]["spec"]["frontends"][0]["certificates"])
    assert project.up(declares(spec)).summary.resource_changes == {"same": 2}
    project.destroy()


def test_twenty_are_made_at_the_same_time(project: Project, offloaded: Spec, free_port: FreePort) -> None:
    specs = [offloaded(free_port()) for _ in range(20)]

    def program() -> None:
        for index, spec in enumerate(specs):
            LoadBalancer(f"shop-{index}", spec=spec)

    start = time.monotonic()
    project.up(program, parallel=32)
    assert time.monotonic() - start < 20
    assert len(running_in(project.state)) == 20
    project.destroy()
    assert (left_in(project.state), running_in(project.state)) == ([], [])


def test_a_process_that_is_a_stranger_by_now_is_not_touched(
    project: Project, offloaded: Spec, free_port: FreePort
) -> None:
    """The pid in the state may belong to somebody else when the stack is destroyed."""
    project.up(declares(offloaded(free_port())))
    (resource,) = project.resources()
    kill(resource["outputs"]["pid"])
    stack = project.stack(lambda: None)
    deployment = stack.export_stack()
    stranger = subprocess.Popen(["/bin/sleep", "60"])
    try:
        assert deployment.deployment
        for one in deployment.deployment["resources"]:
            if one["type"] == "lbpatterns-envoy:index:LoadBalancer":
                one["outputs"]["pid"] = stranger.pid
        stack.import_stack(deployment)
        project.destroy()
        assert stranger.poll() is None
        assert not Process(stranger.pid, resource["outputs"]["started_at"]).is_alive()
    finally:
        stranger.kill()
        stranger.wait()
