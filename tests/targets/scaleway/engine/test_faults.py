"""Scaleway's API fails in the middle of a run: the provider tries again, or Pulumi reports it and the next run heals.

The provider tries 429, 5xx and broken connections three more times, after 2, 4 and 8 seconds; nothing else.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable

import pytest

from lbpatterns.doubles.scaleway_lb import Double

from .client import ZONE, ScalewayAccount
from .cloud import Cloud

Build = Callable[..., Cloud]

WHOLE = {"ips": 1, "lbs": 1, "certificates": 1, "backends": 2, "frontends": 1, "routes": 1, "acls": 1}


def shop_of(build: Build) -> Cloud:
    """Something of each kind; not built yet."""
    return build("small", routes=["api"], denied=[["203.0.113.0/24"]])


def exists(double: Double) -> dict[str, int]:
    return {kind: count for kind, count in double.state().items() if count}


def in_state(shop: Cloud) -> int:
    """How many of Scaleway's resources the state knows; the component is none of them."""
    return sum("id" in one for one in shop.resources().values())


def assert_whole(shop: Cloud, double: Double) -> None:
    """Everything is there once, the state knows it, and there is nothing left to do."""
    assert exists(double) == WHOLE
    assert in_state(shop) == sum(WHOLE.values()) - WHOLE["acls"]  # which belong to their frontend
    assert shop.preview() == {}


def assert_destroys(shop: Cloud) -> None:
    shop.destroy()
    assert shop.is_gone()


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("too_many_requests", "/backends$"),
        ("server_error", "/frontends$"),
        ("unavailable", "/certificates$"),
        ("reset", "/lbs$"),
        ("reset", "/acls$"),
    ],
)
def test_what_passes_is_tried_again(build: Build, double: Double, kind: str, path: str) -> None:
    shop = shop_of(build)
    double.add_fault(kind, method="POST", path=path, times=1)  # type: ignore[arg-type]
    shop.up()
    assert [fault["fired"] for fault in double.faults()] == [1]
    assert_whole(shop, double)
    assert_destroys(shop)


def test_a_change_and_a_deletion_are_tried_again(build: Build, double: Double, account: ScalewayAccount) -> None:
    shop = shop_of(build)
    shop.up()
    double.add_fault("server_error", method="PUT", path="/backends/", times=1)
    double.add_fault("reset", method="DELETE", path="/routes/", times=1)
    shop.change(servers=["10.0.0.9"], routes=[])
    shop.up()
    assert [backend.pool for backend in account.backends()] == [["10.0.0.9"]]
    double.add_fault("too_many_requests", method="DELETE", path="/frontends/", times=1)
    double.add_fault("unavailable", method="DELETE", path="/ips/", times=1)
    assert_destroys(shop)
    assert [fault["fired"] for fault in double.faults()] == [1, 1, 1, 1]


def test_a_slow_answer_is_waited_for(build: Build, double: Double) -> None:
    shop = shop_of(build)
    double.add_fault("slow", path="/(lbs|backends|frontends)$", method="POST", seconds=1.5)
    shop.up()
    assert_whole(shop, double)
    assert_destroys(shop)


@pytest.mark.parametrize(
    ("kind", "path", "said"),
    [
        ("transient_state", "/lbs$", "is in a transient state: pending"),
        ("transient_state", "/acls$", "is in a transient state: pending"),
        ("quota", "/frontends$", "quota exceeded"),
    ],
)
def test_what_is_not_tried_again_is_reported_and_the_next_run_heals(
    build: Build, double: Double, kind: str, path: str, said: str
) -> None:
    shop = shop_of(build)
    double.add_fault(kind, method="POST", path=path, times=1)  # type: ignore[arg-type]
    assert said in shop.failing_up()
    assert in_state(shop) == sum(exists(double).values()) - exists(double).get("acls", 0)  # nothing is lost
    shop.up()
    assert_whole(shop, double)
    assert_destroys(shop)


def test_an_outage_is_reported_and_the_next_run_heals(build: Build, double: Double) -> None:
    """It takes the provider 14 seconds to give up."""
    shop = shop_of(build)
    double.add_fault("unavailable", method="POST", path="/frontends$")
    assert "http error 503" in shop.failing_up()
    assert double.faults()[0]["fired"] == 4
    double.clear_faults()
    assert shop.up()["created"] == 2  # the frontend, and its route
    assert_whole(shop, double)
    assert_destroys(shop)


def test_a_change_that_failed_is_made_by_the_next_run(build: Build, double: Double, account: ScalewayAccount) -> None:
    shop = shop_of(build)
    shop.up()
    shop.change(servers=["10.0.0.9"])
    double.add_fault("transient_state", method="PUT", path="/backends/[^/]*$", times=1)
    assert "is in a transient state" in shop.failing_up()
    assert {tuple(backend.pool) for backend in account.backends()} != {("10.0.0.9",)}
    shop.up()
    assert {tuple(backend.pool) for backend in account.backends()} == {("10.0.0.9",)}
    assert_whole(shop, double)
    assert_destroys(shop)


def test_half_a_change_of_a_backend_is_completed_by_the_next_run(
    build: Build, double: Double, account: ScalewayAccount
) -> None:
    """The provider writes a backend in three calls; the second one fails."""
    shop = shop_of(build)
    shop.up()
    shop.change(servers=["10.0.0.9"], checked="/new")
    double.add_fault("transient_state", method="PUT", path="/backends/.*/healthcheck$")
    assert "is in a transient state" in shop.failing_up()
    double.clear_faults()
    shop.up()
    backends = account.backends()
    assert {tuple(backend.pool) for backend in backends} == {("10.0.0.9",)}
    assert {backend.health_check.http_config.uri for backend in backends} == {"/new"}
    assert_whole(shop, double)
    assert_destroys(shop)


def test_a_deletion_that_failed_is_made_by_the_next_run(build: Build, double: Double) -> None:
    shop = shop_of(build)
    shop.up()
    double.add_fault("transient_state", method="DELETE", path="/(backends|ips)/", times=2)
    ended = shop.try_run("destroy", "--yes", "--skip-preview")
    assert ended.returncode != 0
    assert "is in a transient state" in ended.stdout
    assert exists(double).keys() >= {"ips", "lbs", "backends"}
    assert_destroys(shop)


class TestAnAnswerThatIsLost:
    """Scaleway did what it was asked for, and the connection broke: the provider asks again."""

    def test_a_second_backend_serves_nobody_and_goes_with_the_load_balancer(self, build: Build, double: Double) -> None:
        shop = shop_of(build)
        double.add_fault("lost_answer", method="POST", path="/backends$", times=1)
        shop.up()
        assert exists(double) == WHOLE | {"backends": 3}
        assert shop.preview() == {}
        assert_destroys(shop)

    def test_a_load_balancer_is_never_built_twice(self, build: Build, double: Double, account: ScalewayAccount) -> None:
        """Its address is taken by the first one. That one is deleted by hand, and the next run builds it."""
        shop = shop_of(build)
        double.add_fault("lost_answer", method="POST", path="/lbs$", times=1)
        said = shop.failing_up()
        left = account.load_balancer()
        assert f"is attached to load balancer {left.id}" in said
        account.api.delete_lb(lb_id=left.id, release_ip=False, zone=ZONE)
        shop.up()
        assert_whole(shop, double)
        assert_destroys(shop)

    def test_a_frontend_is_never_built_twice(self, build: Build, double: Double, account: ScalewayAccount) -> None:
        """Its port is taken by the first one, which Pulumi can be told of instead of deleting it."""
        shop = shop_of(build)
        double.add_fault("lost_answer", method="POST", path="/frontends$", times=1)
        said = shop.failing_up()
        left = account.frontend(443)
        assert f"443 is already used by frontend {left.name}" in said
        account.api.delete_frontend(frontend_id=left.id, zone=ZONE)
        shop.up()
        assert_whole(shop, double)
        assert_destroys(shop)


def test_an_interrupted_run_is_completed_by_the_next(build: Build, double: Double) -> None:
    """Ctrl-C while Scaleway takes its time: what is under way is waited for, and nothing is lost from the state."""
    shop = shop_of(build)
    double.add_fault("slow", method="POST", path="/frontends$", seconds=3)
    with _started(shop, "up", "--yes", "--skip-preview") as run:
        deadline = time.monotonic() + 60
        while not double.faults()[0]["fired"]:
            assert run.poll() is None, "it ended too early"
            assert time.monotonic() < deadline
            time.sleep(0.02)
        run.send_signal(signal.SIGINT)
        said, _ = run.communicate(timeout=60)
    assert run.returncode != 0
    assert "Traceback" not in said
    assert exists(double)["frontends"] == 1
    assert "routes" not in exists(double)
    double.clear_faults()
    assert shop.up()["created"] == 1
    assert_whole(shop, double)
    assert_destroys(shop)


def _started(shop: Cloud, *arguments: str) -> subprocess.Popen[str]:
    """A `pulumi` that runs on its own, and has a process group of its own."""
    environment = shop.workspace.environment()
    pulumi = shutil.which("pulumi", path=environment["PATH"])
    assert pulumi is not None
    options = ("--stack", shop.name, "--non-interactive", "--color", "never")
    return subprocess.Popen(
        [pulumi, *arguments, *options],
        cwd=shop.workspace.directory,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
