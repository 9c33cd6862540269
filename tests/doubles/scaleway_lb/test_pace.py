"""The states that follow a call: in realistic mode by the virtual clock, in fast mode with the first GET."""

import time
from typing import Any

import pytest

from lbpatterns.doubles.scaleway_lb import Double, running

from .client import REGION_IPAM, ZONE, LbClient
from .conftest import client_of


def status(client: LbClient, lb: Any) -> str:
    return str(client.ok("GET", f"{ZONE}/lbs/{lb['id']}")["status"])


def test_a_load_balancer_takes_its_time_to_be_ready(realistic: Double, slow_client: LbClient) -> None:
    lb = slow_client.lb()
    assert lb["status"] == "to_create"
    assert lb["instances"] == []
    realistic.advance(1)
    assert status(slow_client, lb) == "creating"
    realistic.advance(30)
    assert status(slow_client, lb) == "ready"
    assert slow_client.ok("GET", f"{ZONE}/lbs/{lb['id']}")["instances"][0]["status"] == "ready"


def test_time_passes_by_itself_too() -> None:
    with running(mode="realistic") as double, client_of(double) as client:
        lb = client.lb()
        begun = time.monotonic()
        while status(client, lb) != "ready" and time.monotonic() < begun + 30:
            time.sleep(0.05)
        assert status(client, lb) == "ready"
        assert time.monotonic() - begun > 1


def test_a_deleted_load_balancer_is_there_for_a_while(realistic: Double, slow_client: LbClient) -> None:
    lb = slow_client.lb()
    realistic.advance(30)
    slow_client.ok("DELETE", f"{ZONE}/lbs/{lb['id']}?release_ip=false")
    assert status(slow_client, lb) == "to_delete"
    assert slow_client.ok("GET", f"{ZONE}/ips/{lb['ip'][0]['id']}")["lb_id"] == lb["id"]
    realistic.advance(30)
    assert slow_client.refused(404, "GET", f"{ZONE}/lbs/{lb['id']}") == {"message": "lbs not Found"}
    assert slow_client.ok("GET", f"{ZONE}/ips/{lb['ip'][0]['id']}")["lb_id"] is None


def test_a_load_balancer_that_is_deleted_at_once_never_becomes_ready(realistic: Double, slow_client: LbClient) -> None:
    lb = slow_client.lb()
    slow_client.ok("DELETE", f"{ZONE}/lbs/{lb['id']}?release_ip=true")
    assert status(slow_client, lb) == "to_delete"
    realistic.advance(30)
    slow_client.refused(404, "GET", f"{ZONE}/lbs/{lb['id']}")
    assert not any(realistic.state().values())


def test_migrating_answers_the_old_type_first(realistic: Double, slow_client: LbClient) -> None:
    lb = slow_client.lb()
    realistic.advance(30)
    answer = slow_client.ok("POST", f"{ZONE}/lbs/{lb['id']}/migrate", {"type": "LB-GP-M"})
    assert (answer["status"], answer["type"]) == ("migrating", "lb-s")
    realistic.advance(30)
    after = slow_client.ok("GET", f"{ZONE}/lbs/{lb['id']}")
    assert (after["status"], after["type"]) == ("ready", "lb-gp-m")


def test_a_certificate_of_lets_encrypt_is_pending_first(realistic: Double, slow_client: LbClient) -> None:
    lb = slow_client.lb()
    realistic.advance(30)
    pending = slow_client.certificate(lb)
    assert (pending["status"], pending["fingerprint"]) == ("pending", "")
    assert pending["not_valid_after"] == pending["not_valid_before"] == "0001-01-01T00:00:00Z"
    realistic.advance(30)
    ready = slow_client.ok("GET", f"{ZONE}/certificates/{pending['id']}")
    assert (ready["status"], len(ready["fingerprint"])) == ("ready", 40)
    assert ready["not_valid_before"] < ready["not_valid_after"]


def test_a_private_network_gets_its_address_when_it_is_ready(realistic: Double, slow_client: LbClient) -> None:
    lb, network = slow_client.lb(), slow_client.private_network()
    path = f"{ZONE}/lbs/{lb['id']}"
    realistic.advance(30)
    attached = slow_client.ok("POST", f"{path}/attach-private-network", {"private_network_id": network["id"]})
    assert (attached["status"], attached["ipam_ids"], attached["dhcp_config"]) == ("pending", [], {"ip_id": None})
    realistic.advance(30)
    (ready,) = slow_client.ok("GET", f"{path}/private-networks")["private_network"]
    (ip_id,) = ready["ipam_ids"]
    assert (ready["status"], ready["dhcp_config"]) == ("ready", {"ip_id": ip_id})
    holder = slow_client.ok("GET", f"{REGION_IPAM}/ips/{ip_id}")["resource"]
    assert (holder["id"], holder["type"], holder["name"]) == (lb["id"], "lb_server", "lb")
    slow_client.ok("POST", f"{path}/detach-private-network", {"private_network_id": network["id"]})
    (leaving,) = slow_client.ok("GET", f"{path}/private-networks")["private_network"]
    assert leaving["status"] == "pending"
    realistic.advance(30)
    assert slow_client.ok("GET", f"{path}/private-networks") == {"private_network": [], "total_count": 0}
    assert slow_client.ok("GET", f"{REGION_IPAM}/ips")["total_count"] == 0


def test_a_private_network_that_is_detached_at_once_never_becomes_ready(
    realistic: Double, slow_client: LbClient
) -> None:
    lb, network = slow_client.lb(), slow_client.private_network()
    path, body = f"{ZONE}/lbs/{lb['id']}", {"private_network_id": network["id"]}
    slow_client.ok("POST", f"{path}/attach-private-network", body)
    realistic.advance(1)
    slow_client.ok("POST", f"{path}/detach-private-network", body)
    slow_client.refused(404, "POST", f"{path}/detach-private-network", body)
    realistic.advance(1.5)
    assert [one["status"] for one in slow_client.ok("GET", f"{path}/private-networks")["private_network"]] == [
        "pending"
    ]
    realistic.advance(30)
    assert slow_client.ok("GET", f"{path}/private-networks")["total_count"] == 0
    assert slow_client.ok("GET", f"{REGION_IPAM}/ips")["total_count"] == 0


def test_in_fast_mode_the_first_get_is_final(double: Double, client: LbClient) -> None:
    lb, network = client.lb(), client.private_network()
    path = f"{ZONE}/lbs/{lb['id']}"
    assert lb["status"] == "to_create"
    assert status(client, lb) == "ready"
    certificate = client.certificate(lb)
    assert certificate["status"] == "pending"
    assert client.ok("GET", f"{ZONE}/certificates/{certificate['id']}")["status"] == "ready"
    assert client.ok("POST", f"{path}/migrate", {"type": "LB-GP-L"})["status"] == "migrating"
    assert client.ok("GET", path)["type"] == "lb-gp-l"
    attach = {"private_network_id": network["id"]}
    assert client.ok("POST", f"{path}/attach-private-network", attach)["status"] == "pending"
    assert client.ok("GET", f"{path}/private-networks")["private_network"][0]["status"] == "ready"
    client.ok("POST", f"{path}/detach-private-network", attach)
    assert client.ok("GET", f"{path}/private-networks")["total_count"] == 0
    client.ok("DELETE", f"{path}?release_ip=true")
    client.refused(404, "GET", path)
    assert double.state()["lbs"] == double.state()["ips"] == double.state()["certificates"] == 0


def test_a_load_balancer_takes_all_it_holds_with_it(double: Double, client: LbClient) -> None:
    lb = client.lb()
    backend = client.backend(lb)
    frontend = client.frontend(backend)
    acl = {"name": "a", "index": 1, "action": {"type": "allow"}}
    client.ok("POST", f"{ZONE}/frontends/{frontend['id']}/acls", acl)
    match = {"host_header": "shop.example.test"}
    client.ok("POST", f"{ZONE}/routes", {"frontend_id": frontend["id"], "backend_id": backend["id"], "match": match})
    client.certificate(lb)
    assert all(double.state()[kind] == 1 for kind in ("frontends", "backends", "acls", "routes", "certificates"))
    client.ok("DELETE", f"{ZONE}/lbs/{lb['id']}?release_ip=true")
    assert not any(double.state().values())


@pytest.mark.parametrize(("mode", "at_once"), [("double", "ready"), ("realistic", "to_create")])
def test_the_machine_takes_up_a_new_configuration(mode: str, at_once: str, request: pytest.FixtureRequest) -> None:
    """Pending in the answer to the write; in fast mode ready with the next GET."""
    double: Double = request.getfixturevalue(mode)
    client: LbClient = request.getfixturevalue("client" if mode == "double" else "slow_client")
    lb = client.lb()
    assert status(client, lb) == at_once
    double.advance(30)
    client.ok("GET", f"{ZONE}/lbs/{lb['id']}")
    backend = client.backend(lb)
    assert backend["lb"]["instances"][0]["status"] == "pending"
    double.advance(1)
    after = client.ok("GET", f"{ZONE}/backends/{backend['id']}")
    assert after["lb"]["instances"][0]["status"] == "ready"
