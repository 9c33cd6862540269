"""Lists: pages, order, filters, and the count of all."""

from typing import Any

import pytest

from .client import PROJECT, REGION_IPAM, ZONE, LbClient


@pytest.fixture
def lb(client: LbClient) -> Any:
    return client.lb(name="with-backends")


def names(answer: Any, key: str) -> list[str]:
    return [one["name"] for one in answer[key]]


def test_pages_are_disjoint_complete_and_end(client: LbClient, lb: Any) -> None:
    for number in range(7):
        client.backend(lb, name=f"b{number}")
    path = f"{ZONE}/lbs/{lb['id']}/backends"
    pages = [client.ok("GET", f"{path}?page={page}&page_size=3") for page in (1, 2, 3, 4)]
    assert [names(page, "backends") for page in pages] == [["b0", "b1", "b2"], ["b3", "b4", "b5"], ["b6"], []]
    assert {page["total_count"] for page in pages} == {7}


def test_without_a_page_size_a_page_holds_fifty_and_never_more_than_a_hundred(client: LbClient, lb: Any) -> None:
    for _ in range(105):
        client.ip(tags=["many"])
    listed = [len(client.ok("GET", f"{ZONE}/ips?tags=many{query}")["ips"]) for query in ("", "&page_size=500")]
    assert listed == [50, 100]


def test_the_order_is_that_of_creation_unless_another_is_asked_for(client: LbClient, lb: Any) -> None:
    for name in ("b", "c", "a"):
        client.backend(lb, name=name)
    path = f"{ZONE}/lbs/{lb['id']}/backends"
    orders = {
        order: names(client.ok("GET", f"{path}?order_by={order}"), "backends")
        for order in ("created_at_asc", "created_at_desc", "name_asc", "name_desc")
    }
    assert orders["created_at_asc"] == names(client.ok("GET", path), "backends") == ["b", "c", "a"]
    assert orders["created_at_desc"] == ["a", "c", "b"]
    assert orders["name_asc"] == ["a", "b", "c"]
    assert orders["name_desc"] == ["c", "b", "a"]


def test_a_name_finds_all_that_contain_it(client: LbClient, lb: Any) -> None:
    backend = client.backend(lb, name="tf-lb-datasource0")
    client.backend(lb, name="tf-lb-datasource1")
    client.backend(lb, name="another")
    path = f"{ZONE}/lbs/{lb['id']}/backends"
    found = client.ok("GET", f"{path}?name=tf-lb-datasource")
    assert (names(found, "backends"), found["total_count"]) == (["tf-lb-datasource0", "tf-lb-datasource1"], 2)
    assert client.ok("GET", f"{path}?name=")["total_count"] == 3
    frontend = client.frontend(backend, name="listening")
    assert client.ok("GET", f"{ZONE}/lbs/{lb['id']}/frontends?name=list")["total_count"] == 1
    certificate = client.certificate(lb, name="cert")
    assert (
        client.ok("GET", f"{ZONE}/lbs/{lb['id']}/certificates?name=cert")["certificates"][0]["id"] == certificate["id"]
    )
    acl = {"name": "deny all", "index": 1, "action": {"type": "deny"}}
    client.ok("POST", f"{ZONE}/frontends/{frontend['id']}/acls", acl)
    assert client.ok("GET", f"{ZONE}/frontends/{frontend['id']}/acls?name=allow") == {"acls": [], "total_count": 0}


def test_load_balancers_are_found_by_zone_project_tag_and_id(client: LbClient, lb: Any) -> None:
    other_project = "5f1d0a0e-0000-4000-8000-000000000000"
    other = client.lb(name="other", project_id=other_project, tags=["blue", "green"])
    client.lb(zone="nl-ams-1", name="elsewhere")

    def found(query: str) -> list[str]:
        return names(client.ok("GET", f"{ZONE}/lbs?{query}"), "lbs")

    assert found("") == ["with-backends", "other"]
    assert found(f"project_id={PROJECT}") == found(f"organization_id={PROJECT}") == ["with-backends"]
    assert found("tags=blue") == found("tags=blue&tags=red") == ["other"]
    assert found("tags=red") == []
    assert found(f"lb_ids={other['id']}") == ["other"]
    assert found(f"lb_ids={other['id']}&lb_ids={lb['id']}") == ["with-backends", "other"]
    assert found("name=with") == ["with-backends"]
    assert found("name=with&tags=blue") == []


def test_addresses_are_found_by_family_address_and_tag_and_ordered_by_address(client: LbClient) -> None:
    first, second, ipv6 = client.ip(tags=["a"]), client.ip(tags=["a", "b"]), client.ip(is_ipv6=True)

    def found(query: str) -> list[str]:
        return [ip["id"] for ip in client.ok("GET", f"{ZONE}/ips?{query}")["ips"]]

    assert found("") == found("ip_type=all") == [second["id"], first["id"], ipv6["id"]]
    assert found("ip_type=ipv4") == [second["id"], first["id"]]
    assert found("ip_type=ipv6") == [ipv6["id"]]
    assert found(f"ip_address={first['ip_address']}") == [first["id"]]
    assert found("ip_address=nonsense") == []
    assert found("tags=b") == [second["id"]]


def test_routes_are_those_of_a_zone_or_of_a_frontend(client: LbClient, lb: Any) -> None:
    backend = client.backend(lb)
    frontends = [client.frontend(backend, inbound_port=port) for port in (1, 2)]
    for frontend in frontends:
        body = {"frontend_id": frontend["id"], "backend_id": backend["id"], "match": {"path_begin": "/"}}
        client.ok("POST", f"{ZONE}/routes", body)
    assert client.ok("GET", f"{ZONE}/routes")["total_count"] == 2
    (route,) = client.ok("GET", f"{ZONE}/routes?frontend_id={frontends[1]['id']}")["routes"]
    assert route["frontend_id"] == frontends[1]["id"]
    assert client.ok("GET", "/lb/v1/zones/nl-ams-1/routes")["total_count"] == 0


def test_private_addresses_are_found_by_what_has_them(client: LbClient, lb: Any) -> None:
    """The query of the Terraform provider, and those of its data sources."""
    network, spare = client.private_network(), client.private_network()
    attach = {"private_network_id": network["id"]}
    client.ok("POST", f"{ZONE}/lbs/{lb['id']}/attach-private-network", attach)
    client.ok("POST", f"{REGION_IPAM}/ips", {"project_id": PROJECT, "source": {"private_network_id": spare["id"]}})

    def count(query: str) -> int:
        return int(client.ok("GET", f"{REGION_IPAM}/ips?{query}")["total_count"])

    provider = f"order_by=created_at_desc&private_network_id={network['id']}&resource_id={lb['id']}"
    assert count(f"{provider}&resource_type=lb_server") == 1
    assert count("") == count("resource_type=unknown_type") == count("is_ipv6=false") == 2
    assert count("resource_type=instance_server") == count("is_ipv6=true") == count("resource_name=nobody") == 0
    assert count("resource_name=with-backends&resource_type=lb_server") == count("attached=True") == 1
    assert count(f"vpc_id={network['vpc_id']}") == 2
    assert count(f"private_network_id={spare['id']}&attached=false") == 1


@pytest.mark.parametrize(
    ("path", "key"),
    [
        (f"{ZONE}/lbs", "lbs"),
        (f"{ZONE}/ips", "ips"),
        (f"{ZONE}/routes", "routes"),
        (f"{ZONE}/subscribers", "subscribers"),
        ("/vpc/v2/regions/fr-par/vpcs", "vpcs"),
        ("/vpc/v2/regions/fr-par/private-networks", "private_networks"),
        (f"{REGION_IPAM}/ips", "ips"),
    ],
)
def test_an_empty_list_is_an_empty_list(client: LbClient, path: str, key: str) -> None:
    assert client.ok("GET", path) == {key: [], "total_count": 0}
