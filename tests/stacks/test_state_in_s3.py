"""The state in a bucket: a stack's whole life, updates at the same time, a killed update, and no key in clear."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pulumi import automation as auto

from lbpatterns.demo.run import free_port
from lbpatterns.demo.workspace import PASSPHRASE, Workspace

from .conftest import Running
from .s3 import PATIENCE, REGION, SECRET_KEY, Asked, Bucket, Held, ObjectStorage, Together, WorkspaceInBucket
from .test_life import BRIDGED, key_lines, listens

STATE = (Path(__file__).parents[2] / "docs" / "state.md").read_text(encoding="utf-8")
UP = ("up", "--yes", "--skip-preview", "--stack", "bridged")


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStorage]:
    with ObjectStorage(tmp_path_factory.mktemp("storage")) as storage:
        yield storage


@pytest.fixture
def bucket(storage: ObjectStorage, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    monkeypatch.delenv("AWS_PROFILE", raising=False)  # this machine's, of which the double knows nothing
    return storage.bucket()


@pytest.fixture(params=[{"lbpatterns:target": "envoy"}], ids=["envoy"])
def target(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = request.param
    return found


@pytest.fixture
def compressed(request: pytest.FixtureRequest) -> bool:
    return bool(getattr(request, "param", False))


@pytest.fixture
def workspace(workspace: Workspace, bucket: Bucket, compressed: bool) -> Workspace:
    return WorkspaceInBucket(workspace.directory, bucket, compressed)


@pytest.fixture
def unlocked(running: Running, bucket: Bucket) -> Iterator[None]:
    """A test that fails half-way leaves no lock, which would keep its stack from being taken down."""
    yield
    if bucket.locks():
        running.stack.cancel()


@contextmanager
def begun(workspace: Workspace, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A `pulumi` that runs beside the test, in a session of its own, of which nothing is left at the end."""
    environment = workspace.environment()
    found = shutil.which("pulumi", path=environment["PATH"])
    assert found is not None
    with (workspace.directory / "begun.log").open("ab") as log:
        process = subprocess.Popen(
            [found, *arguments, "--non-interactive"],
            cwd=workspace.directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE)
        deadline = time.monotonic() + PATIENCE
        while (left := session(process.pid)) and time.monotonic() < deadline:
            time.sleep(0.05)  # plugins and programs see for themselves that their engine is gone
        for pid in left:
            os.kill(pid, 9)
        assert left == []


def session(leader: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "-s", str(leader)], capture_output=True, text=True, check=False).stdout
    return [int(pid) for pid in listed.split()]


def shape(refusal: str) -> str:
    """The message about a lock without what is different each time."""
    without_url = re.sub(r"s3://\S+?/\.pulumi/locks/\S+?/[0-9a-f-]{36}\.json\?\S+: created", "URL: created", refusal)
    without_who = re.sub(r"created by \S+@\S+ \(pid \d+\) at \S+", "created by WHO", without_url)
    return without_who.strip()


def knows_the_load_balancer(asked: Asked) -> bool:
    """The first state that has a resource of a target in it: the load balancer is built, and the update goes on."""
    written = asked.checkpoint() or {}
    resources = written.get("checkpoint", {}).get("latest", {}).get("resources", [])
    return any(one.get("custom") and not one["type"].startswith("pulumi:") for one in resources)


def takes_the_lock(asked: Asked) -> bool:
    return asked.method == "PUT" and "/.pulumi/locks/" in asked.key


BUILT = ["lbpatterns-envoy:index:LoadBalancer", "lbpatterns:index:BridgedLB", "pulumi:pulumi:Stack"]


@pytest.mark.parametrize(
    ("running", "compressed"),
    [("offloaded", False), ("bridged", True)],
    indirect=True,
    ids=["offloaded", "bridged-gzip"],
)
def test_the_life_of_a_stack(running: Running, bucket: Bucket) -> None:
    assert running.up() == {"create": 3}
    assert running.evidence().proven
    running.port = free_port()
    running.set("port", running.port)
    changed = running.up()
    assert set(changed) <= {"update", "same"}  # in place
    assert changed["update"] >= 1
    assert listens(running.port)
    name = running.stack.name
    running.workspace.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes", "--stack", name)
    running.workspace.pulumi("preview", "--expect-no-changes", "--stack", name)
    assert len(bucket.types()) == 3
    running.workspace.destroy(name)
    assert bucket.types() == []
    assert bucket.locks() == []
    assert running.folders() == []
    assert bucket.history() == ["update", "update", "refresh", "destroy"]
    no_secret_lies_in(bucket, running)
    as_scaleway_takes_it(bucket)


def no_secret_lies_in(bucket: Bucket, running: Running) -> None:
    """In no version of any object: checkpoints, what they replaced, history, backups, locks."""
    kept = bucket.everything()
    for folder in ("stacks", "history", "backups", "locks"):
        assert any(key.startswith(f".pulumi/{folder}/") for key in kept), folder
    assert any(".json.bak" in key or ".json.gz.bak" in key for key in kept)
    assert any("BEGIN CERTIFICATE" in text for text in kept.values())  # what is no secret is found
    secret = [*key_lines(running), "PRIVATE KEY", PASSPHRASE, SECRET_KEY]
    assert len(secret) >= 10
    for key, text in kept.items():
        assert not [line for line in secret if line in text], key


def as_scaleway_takes_it(bucket: Bucket) -> None:
    """Signed for the region, and every object with a checksum that Scaleway's documentation lists."""
    for asked in bucket.asked():
        assert f"/{REGION}/s3/aws4_request" in asked.headers["authorization"]
        if asked.method == "PUT" and "x-amz-copy-source" not in asked.headers:
            assert asked.headers["x-amz-sdk-checksum-algorithm"] == "CRC32", asked.key
            assert "UNSIGNED-PAYLOAD" not in asked.headers.get("x-amz-checksum-sha256", ""), asked.key


@pytest.mark.usefixtures("unlocked")
@BRIDGED
def test_of_two_updates_at_once_one_gets_the_lock(running: Running, bucket: Bucket, storage: ObjectStorage) -> None:
    """The other is told at once who holds it; nothing of the first is lost."""
    assert running.stack.name in UP  # and it is configured now
    with storage.hold(Held(knows_the_load_balancer)) as held, begun(running.workspace, *UP) as first:
        held.wait()
        (lock,) = bucket.locks()
        second = running.workspace.try_pulumi(*UP)
        held.release()
        assert first.wait(PATIENCE) == 0, (running.workspace.directory / "begun.log").read_text()
    assert second.returncode != 0
    assert "the stack is currently locked by 1 lock(s)" in second.stderr
    assert "`pulumi cancel`" in second.stderr
    who = f"created by {pwd.getpwuid(os.getuid()).pw_name}@{socket.gethostname()} (pid {first.pid}) at "
    assert who in second.stderr
    assert lock["pid"] == first.pid
    (documented,) = re.findall(r"^```\n(error: the stack .*?)^```$", STATE, re.MULTILINE | re.DOTALL)
    assert shape(second.stderr) == shape(documented)
    assert bucket.locks() == []
    assert bucket.types() == BUILT
    assert running.up() == {"same": 3}
    assert len(running.folders()) == 1
    assert running.evidence().proven


@pytest.mark.usefixtures("unlocked")
@BRIDGED
def test_two_that_begin_in_the_same_moment_are_never_both_let_in(
    running: Running, bucket: Bucket, storage: ObjectStorage
) -> None:
    """Each has written its lock before either looks for the other's: both are refused, both take their lock back."""
    assert running.stack.name in UP  # and it is configured now
    with (
        storage.hold(Together(takes_the_lock, 2)),
        begun(running.workspace, *UP) as one,
        begun(running.workspace, *UP) as other,
    ):
        assert one.wait(PATIENCE) != 0
        assert other.wait(PATIENCE) != 0
    said = (running.workspace.directory / "begun.log").read_text()
    assert said.count("the stack is currently locked by 1 lock(s)") == 2
    assert bucket.locks() == []
    assert bucket.types() == []
    assert running.folders() == []


@pytest.mark.usefixtures("unlocked")
@pytest.mark.parametrize("recorded", [True, False], ids=["recorded", "unrecorded"])
@BRIDGED
def test_a_killed_update_leaves_a_lock_and_loses_nothing(
    running: Running, bucket: Bucket, storage: ObjectStorage, recorded: bool
) -> None:
    """Killed when the load balancer was built; the state with it has arrived in the bucket, or was lost on its way."""
    assert running.stack.name in UP  # and it is configured now
    rule = Held(knows_the_load_balancer, lost=not recorded)
    with storage.hold(rule) as held, begun(running.workspace, *UP) as first:
        held.wait()
        first.kill()
    (lock,) = bucket.locks()
    assert lock["pid"] == first.pid
    assert len(running.folders()) == 1
    built = running.envoy()["pid"] if recorded else None
    with pytest.raises(auto.ConcurrentUpdateError, match=re.escape("the stack is currently locked by 1 lock(s)")):
        running.up()

    running.stack.cancel()
    assert bucket.locks() == []
    assert running.up() == ({"same": 3} if recorded else {"create": 1, "same": 2})
    assert bucket.types() == BUILT
    assert len(running.folders()) == 1
    assert built in (None, running.envoy()["pid"])
    assert listens(running.port)
    interrupted = [one["type"] for one in bucket.deployment().get("pending_operations", [])]
    assert interrupted == ([] if recorded else ["creating"])
    if interrupted:
        running.workspace.pulumi("refresh", "--yes", "--skip-preview", "--clear-pending-creates", "--stack", "bridged")
        assert not bucket.deployment().get("pending_operations")

    pid = running.envoy()["pid"]
    running.workspace.destroy("bridged")
    assert bucket.types() == []
    assert running.folders() == []
    assert not listens(running.port)
    assert not Path(f"/proc/{int(pid)}/exe").exists()


def test_the_documented_address_is_the_one_that_is_tested(bucket: Bucket) -> None:
    """With the double's endpoint and bucket, and nothing else exchanged."""
    documented = re.findall(r"s3://[\w-]+\?\S+when_supported", STATE)
    assert set(documented) == {documented[0]}
    tested = documented[0].replace("https://s3.fr-par.scw.cloud", bucket.storage.endpoint)
    assert tested.replace("my-team-state", bucket.name) == bucket.url
