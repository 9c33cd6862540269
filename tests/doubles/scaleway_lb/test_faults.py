"""Faults that a test switches on: which call fails, how, and how often."""

import time
from typing import Any

import httpx
import pytest

from lbpatterns.doubles.scaleway_lb import Double
from lbpatterns.doubles.scaleway_lb.faults import KINDS

from .client import ZONE, LbClient
from .sdk import LbV1ZonedAPI, ScalewayException

ANSWERS = {
    "server_error": (500, None),
    "unavailable": (503, None),
    "too_many_requests": (429, None),
    "transient_state": (409, "transient_state"),
    "quota": (403, "quotas_exceeded"),
    "forbidden": (403, "permissions_denied"),
}


@pytest.mark.parametrize(("kind", "status", "error_type"), [(kind, *answer) for kind, answer in ANSWERS.items()])
def test_a_fault_answers_instead_of_the_api(
    double: Double, client: LbClient, kind: Any, status: int, error_type: str | None
) -> None:
    double.add_fault(kind, times=1)
    refusal = client.refused(status, "POST", f"{ZONE}/lbs", {"project_id": "p", "name": "lb", "type": "LB-S"})
    assert refusal["message"]
    assert refusal.get("type") == error_type
    assert double.state()["lbs"] == 0
    client.lb()


def test_a_transient_state_names_the_resource(double: Double, client: LbClient) -> None:
    lb = client.lb()
    double.add_fault("transient_state")
    refusal = client.refused(409, "PUT", f"{ZONE}/lbs/{lb['id']}", {"name": "x", "description": ""})
    assert (refusal["resource_id"], refusal["current_state"]) == (lb["id"], "pending")


def test_too_many_requests_says_when_to_come_back(double: Double, client: LbClient) -> None:
    double.add_fault("too_many_requests")
    assert client.get(f"{ZONE}/lbs").headers["Retry-After"] == "1"


def test_a_reset_ends_the_connection_and_nothing_has_happened(double: Double, client: LbClient) -> None:
    double.add_fault("reset", method="POST", times=1)
    with pytest.raises(httpx.ReadError):
        client.ip()
    assert double.state()["ips"] == 0
    client.ip()
    assert [call["status"] for call in double.log()] == [0, 200]


def test_a_lost_answer_leaves_what_was_done(double: Double, client: LbClient) -> None:
    double.add_fault("lost_answer", method="POST", times=1)
    with pytest.raises(httpx.ReadError):
        client.ip()
    assert double.state()["ips"] == 1


def test_attaching_a_private_network_can_fail(double: Double, client: LbClient) -> None:
    lb, network = client.lb(), client.private_network()
    double.add_fault("attach_error", times=1)
    path, body = f"{ZONE}/lbs/{lb['id']}", {"private_network_id": network["id"]}
    assert client.ok("POST", f"{path}/attach-private-network", body)["status"] == "pending"
    (failed,) = client.ok("GET", f"{path}/private-networks")["private_network"]
    assert (failed["status"], failed["ipam_ids"]) == ("error", [])
    client.ok("POST", f"{path}/detach-private-network", body)
    assert client.ok("GET", f"{path}/private-networks")["total_count"] == 0


def test_a_slow_answer_comes_after_all(double: Double, client: LbClient) -> None:
    double.add_fault("slow", seconds=0.2, times=1)
    begun = time.monotonic()
    client.ip()
    assert time.monotonic() - begun >= 0.2
    assert double.state()["ips"] == 1


def test_a_slow_answer_holds_up_nobody_else(double: Double, client: LbClient) -> None:
    double.add_fault("slow", seconds=30, method="DELETE")
    with pytest.raises(httpx.ReadTimeout):
        client.delete(f"{ZONE}/ips/x", timeout=0.1)
    client.ip()


def test_a_fault_strikes_only_the_calls_it_is_for(double: Double, client: LbClient) -> None:
    double.add_fault("server_error", method="GET", path=r"/backends/[^/]+$")
    backend = client.backend(client.lb())
    client.refused(500, "GET", f"{ZONE}/backends/{backend['id']}")
    client.ok("GET", f"{ZONE}/lbs/{backend['lb']['id']}/backends")
    client.ok("DELETE", f"{ZONE}/backends/{backend['id']}")


def test_a_fault_lets_some_pass_and_then_fires_so_often(double: Double, client: LbClient) -> None:
    double.add_fault("unavailable", path="/ips", after=2, times=3)
    statuses = [client.get(f"{ZONE}/ips").status_code for _ in range(7)]
    assert statuses == [200, 200, 503, 503, 503, 200, 200]
    (report,) = double.faults()
    assert report == {"kind": "unavailable", "path": "/ips", "after": 2, "times": 3, "fired": 3}
    double.clear_faults()
    assert double.faults() == []


def test_faults_that_are_used_up_make_room_for_the_next(double: Double, client: LbClient) -> None:
    double.add_fault("server_error", times=1)
    double.add_fault("unavailable", times=1)
    assert [client.get(f"{ZONE}/ips").status_code for _ in range(3)] == [500, 503, 200]


def test_a_certificate_of_lets_encrypt_can_fail(double: Double, client: LbClient) -> None:
    """The order is accepted; the status tells, and the details say why."""
    lb = client.lb()
    double.add_fault("letsencrypt_error", times=1)
    failed, issued = client.certificate(lb), client.certificate(lb)
    assert failed["status"] == issued["status"] == "pending"
    after = client.ok("GET", f"{ZONE}/certificates/{failed['id']}")
    assert (after["status"], after["fingerprint"]) == ("error", "")
    assert "Let's Encrypt" in after["status_details"]
    assert client.ok("GET", f"{ZONE}/certificates/{issued['id']}")["status"] == "ready"
    assert double.faults()[0]["fired"] == 1


def test_the_sdk_raises_what_a_fault_answers(double: Double, sdk: LbV1ZonedAPI) -> None:
    double.add_fault("quota", path="/lbs$", method="POST")
    with pytest.raises(ScalewayException, match="quotas_exceeded") as caught:
        sdk.create_lb(description="", type_="LB-S")
    assert caught.value.status_code == 403


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_switched_on_through_the_door(double: Double, client: LbClient, kind: str) -> None:
    client.ok("POST", "/_double/faults", {"kind": kind, "path": "/nothing-like-it"})
    assert client.ok("GET", "/_double/faults") == {"faults": [{"kind": kind, "path": "/nothing-like-it", "fired": 0}]}
    client.ok("DELETE", "/_double/faults")
    assert double.faults() == []


@pytest.mark.parametrize(
    ("body", "argument"),
    [
        ({}, "kind"),
        ({"kind": "earthquake"}, "kind"),
        ({"kind": "slow", "path": "("}, "path"),
        ({"kind": "slow", "seconds": -1}, "seconds"),
        ({"kind": "slow", "times": 0}, "times"),
        ({"kind": "slow", "method": "BREW"}, "method"),
        ({"kind": "slow", "colour": "red"}, "colour"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(client: LbClient, body: Any, argument: str) -> None:
    refusal = client.refused(400, "POST", "/_double/faults", body)
    assert [detail["argument_name"] for detail in refusal["details"]] == [argument]
