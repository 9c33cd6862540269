"""What is refused: each line of the table in COVERAGE.md, with its status and its words."""

from typing import Any

import pytest

from lbpatterns.doubles.scaleway_lb import Double
from lbpatterns.doubles.scaleway_lb.refusals import QUOTAS
from lbpatterns.pki import Authority

from .client import PROJECT, REGION_IPAM, REGION_VPC, ZONE, LbClient, only_detail


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("Test CA")


@pytest.fixture
def lb(client: LbClient) -> Any:
    return client.ok("GET", f"{ZONE}/lbs/{client.lb()['id']}")


def order(names: list[str]) -> dict[str, Any]:
    return {"name": "c", "letsencrypt": {"common_name": names[0], "subject_alternative_name": names[1:]}}


def test_lets_encrypt_names_have_to_resolve_to_the_load_balancer(double: Double, client: LbClient, lb: Any) -> None:
    path = f"{ZONE}/lbs/{lb['id']}/certificates"
    refusal = client.refused(400, "POST", path, order(["shop.example.test"]))
    assert only_detail(refusal) == ("dns_name", "constraint")
    assert refusal["details"][0]["help_message"] == "shop.example.test does not resolve to your Load Balancer IP"
    double.register_name("shop.example.test", client.ip()["ip_address"])
    client.refused(400, "POST", path, order(["shop.example.test"]))
    double.register_name("shop.example.test", lb["ip"][0]["ip_address"])
    client.ok("POST", path, order(["shop.example.test"]))
    client.refused(400, "POST", path, order(["shop.example.test", "www.example.test"]))
    double.forget_name("shop.example.test")
    client.refused(400, "POST", path, order(["shop.example.test"]))


def test_a_private_load_balancer_gets_no_certificate_of_lets_encrypt(client: LbClient) -> None:
    private = client.lb(assign_flexible_ip=False)
    assert private["ip"] == []
    body = order(["198-18-0-1.lb.fr-par.scw.cloud"])
    assert only_detail(client.refused(400, "POST", f"{ZONE}/lbs/{private['id']}/certificates", body)) == (
        "dns_name",
        "constraint",
    )


def test_lets_encrypt_needs_http_behind_port_80(client: LbClient, lb: Any) -> None:
    path, body = f"{ZONE}/lbs/{lb['id']}/certificates", order([lb["ip"][0]["reverse"]])
    client.frontend(client.backend(lb, forward_protocol="tcp"), inbound_port=80)
    refusal = client.refused(400, "POST", path, body)
    assert refusal == {"message": "The port 80 frontend must be associated to an HTTP backend"}


def test_lets_encrypt_accepts_http_behind_port_80_and_tcp_elsewhere(client: LbClient, lb: Any) -> None:
    client.frontend(client.backend(lb), inbound_port=80)
    client.frontend(client.backend(lb, forward_protocol="tcp"), inbound_port=443)
    client.certificate(lb)


def test_a_certificate_in_use_stays(client: LbClient, lb: Any) -> None:
    certificate = client.certificate(lb)
    frontend = client.frontend(client.backend(lb), certificate_ids=[certificate["id"]])
    refusal = client.refused(412, "DELETE", f"{ZONE}/certificates/{certificate['id']}")
    assert (refusal["type"], refusal["precondition"]) == ("precondition_failed", "resource_still_in_use")
    assert refusal["help_message"].endswith("rejected because the certificate is used on a frontend")
    client.ok("DELETE", f"{ZONE}/frontends/{frontend['id']}")
    client.ok("DELETE", f"{ZONE}/certificates/{certificate['id']}")


def test_a_backend_in_use_stays(client: LbClient, lb: Any) -> None:
    first, second = client.backend(lb), client.backend(lb)
    frontend = client.frontend(first)
    body = {"frontend_id": frontend["id"], "backend_id": second["id"], "match": {"path_begin": "/x"}}
    client.ok("POST", f"{ZONE}/routes", body)
    for backend, user in ((first, "frontend"), (second, "route")):
        refusal = client.refused(412, "DELETE", f"{ZONE}/backends/{backend['id']}")
        assert refusal["precondition"] == "resource_still_in_use"
        assert refusal["help_message"] == f"a backend cannot be deleted while still referenced by a {user}"
    client.ok("DELETE", f"{ZONE}/frontends/{frontend['id']}")
    client.ok("DELETE", f"{ZONE}/backends/{first['id']}")
    client.ok("DELETE", f"{ZONE}/backends/{second['id']}")


def test_each_frontend_has_a_port_of_its_own(client: LbClient, lb: Any) -> None:
    backend = client.backend(lb)
    client.frontend(backend, inbound_port=443)
    other = client.frontend(backend, inbound_port=444)
    body = {"name": "f", "inbound_port": 443, "backend_id": backend["id"]}
    again = client.refused(400, "POST", f"{ZONE}/lbs/{lb['id']}/frontends", body)
    assert only_detail(again) == ("inbound_port", "constraint")
    assert "443 is already used" in again["details"][0]["help_message"]
    client.refused(400, "PUT", f"{ZONE}/frontends/{other['id']}", body)
    client.ok("PUT", f"{ZONE}/frontends/{other['id']}", {**body, "inbound_port": 444})
    elsewhere = client.lb()
    client.frontend(client.backend(elsewhere), inbound_port=443)


def test_an_address_of_another_zone_is_refused(client: LbClient) -> None:
    foreign = client.ip(zone="nl-ams-1")
    body = {"project_id": PROJECT, "name": "lb", "type": "LB-S", "ip_ids": [foreign["id"]]}
    refusal = client.refused(400, "POST", f"{ZONE}/lbs", body)
    assert only_detail(refusal) == ("ip_ids", "constraint")
    assert "nl-ams-1" in refusal["details"][0]["help_message"]
    assert client.refused(404, "GET", f"{ZONE}/ips/{foreign['id']}") == {"message": "ips not Found"}


def test_what_belongs_to_another_load_balancer_is_refused(client: LbClient, lb: Any) -> None:
    other = client.lb()
    foreign, own = client.backend(other), client.backend(lb)
    certificate = client.certificate(other)
    path = f"{ZONE}/lbs/{lb['id']}/frontends"
    body = {"name": "f", "inbound_port": 443, "backend_id": foreign["id"]}
    assert only_detail(client.refused(400, "POST", path, body)) == ("backend_id", "constraint")
    body = {"name": "f", "inbound_port": 443, "backend_id": own["id"], "certificate_ids": [certificate["id"]]}
    assert only_detail(client.refused(400, "POST", path, body)) == ("certificate_ids", "constraint")
    frontend = client.frontend(own)
    route = {"frontend_id": frontend["id"], "backend_id": foreign["id"], "match": {"host_header": "x"}}
    assert only_detail(client.refused(400, "POST", f"{ZONE}/routes", route)) == ("backend_id", "constraint")


def test_port_80_takes_no_certificate(client: LbClient, lb: Any) -> None:
    certificate, backend = client.certificate(lb), client.backend(lb)
    body = {"name": "f", "inbound_port": 80, "backend_id": backend["id"], "certificate_ids": [certificate["id"]]}
    refusal = client.refused(400, "POST", f"{ZONE}/lbs/{lb['id']}/frontends", body)
    assert only_detail(refusal) == ("certificate_ids", "constraint")


@pytest.mark.parametrize(
    "match", [{}, {"match_subdomains": True}, {"host_header": "a", "path_begin": "/"}, {"sni": "shop.example.test"}]
)
def test_a_route_matches_one_thing_that_its_backend_can_see(client: LbClient, lb: Any, match: Any) -> None:
    backend = client.backend(lb, forward_protocol="http")
    frontend = client.frontend(backend)
    body = {"frontend_id": frontend["id"], "backend_id": backend["id"], "match": match}
    assert only_detail(client.refused(400, "POST", f"{ZONE}/routes", body)) == ("match", "constraint")


def test_a_certificate_is_either_brought_or_obtained(client: LbClient, lb: Any) -> None:
    path = f"{ZONE}/lbs/{lb['id']}/certificates"
    both = {**order([lb["ip"][0]["reverse"]]), "custom_certificate": {"certificate_chain": "x"}}
    for body in ({"name": "c"}, both):
        assert only_detail(client.refused(400, "POST", path, body)) == ("letsencrypt", "constraint")


def test_a_custom_certificate_holds_a_certificate_and_its_key(client: LbClient, lb: Any, authority: Authority) -> None:
    issued, other = authority.issue(["shop.example.test"]), authority.issue(["shop.example.test"])
    wrong = {
        "nothing": "",
        "no certificate": issued.private_key_pem,
        "no key": issued.chain_pem,
        "another's key": other.private_key_pem + issued.chain_pem,
        "a broken key": issued.private_key_pem.replace("M", "!", 1) + issued.chain_pem,
    }
    for chain in wrong.values():
        body = {"name": "c", "custom_certificate": {"certificate_chain": chain}}
        refusal = client.refused(400, "POST", f"{ZONE}/lbs/{lb['id']}/certificates", body)
        assert only_detail(refusal) == ("certificate_chain", "format")
        assert "BEGIN" not in str(refusal)


def test_a_health_check_is_of_one_kind(client: LbClient, lb: Any) -> None:
    backend = client.backend(lb)
    body = {"port": 80, "check_max_retries": 2, "tcp_config": {}, "http_config": {"uri": "/"}}
    refusal = client.refused(400, "PUT", f"{ZONE}/backends/{backend['id']}/healthcheck", body)
    assert only_detail(refusal) == ("health_check", "constraint")


def test_types_are_those_that_are_listed(client: LbClient, lb: Any) -> None:
    body = {"project_id": PROJECT, "name": "lb", "type": "LB-XXL"}
    assert only_detail(client.refused(400, "POST", f"{ZONE}/lbs", body)) == ("type", "constraint")
    client.refused(400, "POST", f"{ZONE}/lbs/{lb['id']}/migrate", {"type": "LB-XXL"})
    for listed in client.ok("GET", f"{ZONE}/lb-types")["lb_types"]:
        assert client.lb(type=listed["name"])["type"] == listed["name"].lower()


def test_an_address_has_one_load_balancer_and_a_load_balancer_one_of_each_family(client: LbClient, lb: Any) -> None:
    taken, spare, spare_ipv6 = lb["ip"][0], client.ip(), client.ip(is_ipv6=True)
    body = {"project_id": PROJECT, "name": "lb", "type": "LB-S"}
    for ip_ids in ([taken["id"]], [spare["id"], client.ip()["id"]]):
        refusal = client.refused(400, "POST", f"{ZONE}/lbs", {**body, "ip_ids": ip_ids})
        assert only_detail(refusal) == ("ip_ids", "constraint")
    client.refused(404, "POST", f"{ZONE}/lbs", {**body, "ip_ids": [PROJECT]})
    patch = f"{ZONE}/ips/{{}}"
    client.refused(400, "PATCH", patch.format(spare["id"]), {"lb_id": lb["id"]})
    assert client.ok("PATCH", patch.format(spare_ipv6["id"]), {"lb_id": lb["id"]})["lb_id"] == lb["id"]
    refusal = client.refused(412, "DELETE", patch.format(taken["id"]))
    assert refusal["precondition"] == "resource_still_in_use"


def test_private_networks_are_attached_once_and_stay_while_they_are(client: LbClient, lb: Any) -> None:
    network = client.private_network()
    foreign = client.ok("POST", "/vpc/v2/regions/nl-ams/private-networks", {"name": "pn", "project_id": PROJECT})
    path = f"{ZONE}/lbs/{lb['id']}/attach-private-network"
    client.ok("POST", path, {"private_network_id": network["id"]})
    for refused in (network, foreign):
        refusal = client.refused(400, "POST", path, {"private_network_id": refused["id"]})
        assert only_detail(refusal) == ("private_network_id", "constraint")
    for kind, one in (("private-networks", network["id"]), ("vpcs", network["vpc_id"])):
        refusal = client.refused(412, "DELETE", f"{REGION_VPC}/{kind}/{one}")
        assert refusal["precondition"] == "resource_still_in_use"
    client.refused(404, "POST", f"{ZONE}/lbs/{lb['id']}/detach-private-network", {"private_network_id": PROJECT})


def test_addresses_are_booked_once_and_inside_the_network(client: LbClient, lb: Any) -> None:
    network = client.private_network(subnets=["172.16.32.0/22"])
    source = {"private_network_id": network["id"]}
    booking = {"project_id": PROJECT, "source": source, "address": "172.16.32.7"}
    booked = client.ok("POST", f"{REGION_IPAM}/ips", booking)
    assert booked["address"] == "172.16.32.7/22"
    for address, reason in (("172.16.32.7", "constraint"), ("10.0.0.1", "constraint"), ("seven", "format")):
        refusal = client.refused(400, "POST", f"{REGION_IPAM}/ips", {**booking, "address": address})
        assert only_detail(refusal) == ("address", reason)
    path = f"{ZONE}/lbs/{lb['id']}/attach-private-network"
    client.ok("POST", path, {"private_network_id": network["id"], "ipam_ids": [booked["id"]]})
    client.ok("GET", f"{ZONE}/lbs/{lb['id']}")
    assert client.refused(412, "DELETE", f"{REGION_IPAM}/ips/{booked['id']}")["type"] == "precondition_failed"
    attach = {"private_network_id": client.private_network()["id"], "ipam_ids": [booked["id"]]}
    assert only_detail(client.refused(400, "POST", path, attach)) == ("ipam_ids", "constraint")


def test_what_is_no_address_is_refused(client: LbClient, lb: Any) -> None:
    backend = client.backend(lb)
    refusal = client.refused(400, "PUT", f"{ZONE}/backends/{backend['id']}/servers", {"server_ip": ["server1"]})
    assert only_detail(refusal) == ("server_ip", "format")
    frontend = client.frontend(backend)
    acl = {"name": "a", "index": 1, "action": {"type": "deny"}, "match": {"ip_subnet": ["10.0.0.0/99"]}}
    refusal = client.refused(400, "POST", f"{ZONE}/frontends/{frontend['id']}/acls", acl)
    assert only_detail(refusal) == ("ip_subnet", "format")
    client.refused(400, "PUT", f"{ZONE}/frontends/{frontend['id']}/acls", {"acls": [{**acl, "match": None}, acl]})
    assert client.ok("GET", f"{ZONE}/frontends/{frontend['id']}/acls")["total_count"] == 0
    network = {"name": "pn", "project_id": PROJECT, "subnets": ["10/8/8"]}
    assert only_detail(client.refused(400, "POST", f"{REGION_VPC}/private-networks", network)) == ("subnets", "format")


def test_there_is_a_limit_to_everything(client: LbClient, lb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for resource in QUOTAS:
        monkeypatch.setitem(QUOTAS, resource, 1)
    backend = client.backend(lb)
    frontend, certificate = client.frontend(backend), client.certificate(lb)
    acl = {"name": "a", "index": 1, "action": {"type": "allow"}}
    client.ok("POST", f"{ZONE}/frontends/{frontend['id']}/acls", acl)
    network = client.private_network()
    path = f"{ZONE}/lbs/{lb['id']}"
    client.ok("POST", f"{path}/attach-private-network", {"private_network_id": network["id"]})
    one_more = [
        (f"{path}/backends", {k: v for k, v in backend.items() if k in {"name", "forward_port"}} | CHECK),
        (f"{path}/frontends", {"name": "f", "inbound_port": 81, "backend_id": backend["id"]}),
        (f"{path}/certificates", {"letsencrypt": {"common_name": certificate["common_name"]}}),
        (f"{ZONE}/frontends/{frontend['id']}/acls", acl),
        (f"{path}/attach-private-network", {"private_network_id": client.private_network()["id"]}),
    ]
    for call, body in one_more:
        refusal = client.refused(403, "POST", call, body)
        assert refusal["type"] == "quotas_exceeded"
        assert refusal["details"][0]["quota"] == refusal["details"][0]["current"] == 1


CHECK = {"health_check": {"port": 80, "check_max_retries": 1}}


def test_what_is_being_deleted_is_changed_no_more(realistic: Double, slow_client: LbClient) -> None:
    lb = slow_client.lb()
    backend = slow_client.backend(lb)
    slow_client.ok("DELETE", f"{ZONE}/lbs/{lb['id']}?release_ip=true")
    for method, path, body in (
        ("PUT", f"{ZONE}/lbs/{lb['id']}", {"name": "x", "description": ""}),
        ("DELETE", f"{ZONE}/lbs/{lb['id']}", None),
        ("PUT", f"{ZONE}/backends/{backend['id']}/servers", {"server_ip": []}),
    ):
        refusal = slow_client.refused(409, method, path, body)
        assert (refusal["type"], refusal["current_state"]) == ("transient_state", "to_delete")
        assert (refusal["resource"], refusal["resource_id"]) == ("lb", lb["id"])


def test_a_refusal_leaves_everything_as_it_was(double: Double, client: LbClient, lb: Any) -> None:
    """An address that was named before the one that is refused is still free."""
    spare, foreign = client.ip(), client.ip(zone="nl-ams-1")
    before = double.state()
    body = {"project_id": PROJECT, "name": "lb", "type": "LB-S", "ip_ids": [spare["id"], foreign["id"]]}
    client.refused(400, "POST", f"{ZONE}/lbs", body)
    client.refused(400, "POST", f"{ZONE}/lbs", {**body, "ip_ids": [spare["id"]], "type": "LB-XXL"})
    assert double.state() == before
    client.ok("DELETE", f"{ZONE}/ips/{spare['id']}")
