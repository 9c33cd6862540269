"""What goes over the wire: null, absent and empty, numbers and text, dates, unknown calls and fields, the token."""

import re
from typing import Any

import httpx
import pytest

from lbpatterns.doubles.scaleway_lb import Double, running
from lbpatterns.pki import Authority

from .client import PROJECT, REGION_VPC, TOKEN, ZONE, LbClient, only_detail

NANOSECONDS, MICROSECONDS = r"\.\d{9}Z$", r"\.\d{6}Z$"


@pytest.fixture
def lb(client: LbClient) -> Any:
    return client.lb()


def test_what_was_never_sent_is_answered_as_null_false_or_empty(client: LbClient, lb: Any) -> None:
    backend = client.backend(lb)
    absent = {name: backend[name] for name in ("ignore_ssl_server_verify", "max_connections", "timeout_server")}
    assert set(absent.values()) == {None}
    assert (backend["ssl_bridging"], backend["send_proxy_v2"], backend["host"], backend["failover_host"]) == (
        False,
        False,
        "",
        None,
    )
    assert backend["proxy_protocol"] == "proxy_protocol_unknown"
    assert backend["health_check"]["tcp_config"] == {}
    sent = client.backend(lb, ignore_ssl_server_verify=False, max_connections=0, redispatch_attempt_count=0)
    assert (sent["ignore_ssl_server_verify"], sent["max_connections"]) == (False, 0)


def test_null_and_absent_are_the_same(client: LbClient, lb: Any) -> None:
    absent = client.backend(lb)
    null = client.backend(lb, server_ip=None, max_retries=None, timeout_queue=None, host=None, ssl_bridging=None)
    for name in absent.keys() - {"id", "lb", "created_at", "updated_at"}:
        assert null[name] == absent[name]
    assert client.lb(tags=None)["tags"] == []


@pytest.mark.parametrize("five_seconds", [5000, "5000", "5s"])
def test_durations_may_be_numbers_or_text(client: LbClient, lb: Any, five_seconds: Any) -> None:
    check = {"port": 80, "check_max_retries": 2, "check_delay": five_seconds, "transient_check_delay": "0.5s"}
    backend = client.backend(lb, timeout_server=five_seconds, timeout_queue="4.000000000s", health_check=check)
    assert (backend["timeout_server"], backend["timeout_queue"]) == (5000, "4s")
    assert backend["health_check"]["check_delay"] == 5000
    assert backend["health_check"]["transient_check_delay"] == "0.500s"


def test_a_put_that_leaves_something_out_takes_it_back(client: LbClient, lb: Any) -> None:
    """The SDK: "Note that the request type is PUT and not PATCH. You must set all parameters."."""
    backend = client.backend(lb, ssl_bridging=True, timeout_server=5000)
    body = {"name": "b", "forward_protocol": "http", "forward_port": 80}
    after = client.ok("PUT", f"{ZONE}/backends/{backend['id']}", body)
    assert (after["ssl_bridging"], after["timeout_server"]) == (False, None)
    assert after["health_check"] == backend["health_check"]


def test_a_rate_limit_of_zero_is_none(client: LbClient, lb: Any) -> None:
    frontend = client.frontend(client.backend(lb), connection_rate_limit=0)
    assert frontend["connection_rate_limit"] is None
    assert (frontend["certificate"], frontend["certificate_ids"], frontend["timeout_client"]) == (None, [], None)


def test_access_rules_without_subnets_or_values(client: LbClient, lb: Any) -> None:
    frontend = client.frontend(client.backend(lb))
    path = f"{ZONE}/frontends/{frontend['id']}/acls"
    acl = {"name": "a", "index": 1, "action": {"type": "allow", "redirect": None}, "match": {"ip_subnet": None}}
    match = client.ok("POST", path, acl)["match"]
    assert (match["ip_subnet"], match["http_filter_value"], match["http_filter_option"]) == (["0.0.0.0/0"], [], None)
    assert match["http_filter"] == "acl_http_filter_none"


def test_a_route_echoes_its_one_matcher(client: LbClient, lb: Any) -> None:
    backend = client.backend(lb)
    frontend = client.frontend(backend)
    body = {"frontend_id": frontend["id"], "backend_id": backend["id"], "match": {"host_header": "a", "sni": None}}
    route = client.ok("POST", f"{ZONE}/routes", body)
    assert route["match"] == {"host_header": "a", "match_subdomains": False}


def test_writes_answer_nanoseconds_and_reads_microseconds(client: LbClient, lb: Any) -> None:
    assert re.search(NANOSECONDS, lb["created_at"])
    read = client.ok("GET", f"{ZONE}/lbs/{lb['id']}")
    assert re.search(MICROSECONDS, read["created_at"])
    backend = client.backend(lb)
    assert re.search(MICROSECONDS, backend["lb"]["created_at"])
    body = {"name": "b", "forward_port": 80, "forward_protocol": "http"}
    changed = client.ok("PUT", f"{ZONE}/backends/{backend['id']}", body)
    assert re.search(MICROSECONDS, changed["created_at"])
    assert re.search(NANOSECONDS, changed["updated_at"])
    frontend = client.frontend(backend)
    assert re.search(MICROSECONDS, frontend["created_at"])
    network = client.private_network()
    assert re.search(MICROSECONDS, network["created_at"])


def test_a_custom_certificate_is_named_after_its_first_dns_name(client: LbClient, lb: Any) -> None:
    """The subject's common name is ignored, addresses are dropped, the fingerprint stays empty (recorded)."""
    issued = Authority("Test CA").issue(
        ["shop.example.test", "www.example.test"], common_name="ignored", ips=["192.0.2.1"]
    )
    body = {"name": "c", "custom_certificate": {"certificate_chain": issued.private_key_and_chain_pem}}
    certificate = client.ok("POST", f"{ZONE}/lbs/{lb['id']}/certificates", body)
    assert (certificate["type"], certificate["status"], certificate["fingerprint"]) == ("custom", "ready", "")
    assert certificate["common_name"] == "shop.example.test"
    assert certificate["subject_alternative_name"] == ["www.example.test"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", certificate["not_valid_after"])


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("lbs", "lbs not Found"),
        ("ips", "ips not Found"),
        ("backends", "backend not Found"),
        ("frontends", "frontend not Found"),
        ("certificates", "certificate not Found"),
        ("routes", "privateNetwork not Found"),  # recorded
    ],
)
def test_what_is_not_there_is_not_found_in_the_recorded_words(client: LbClient, path: str, message: str) -> None:
    assert client.refused(404, "GET", f"{ZONE}/{path}/{PROJECT}") == {"message": message}


def test_what_is_not_there_in_vpc_has_a_type(client: LbClient) -> None:
    refusal = client.refused(404, "GET", f"{REGION_VPC}/private-networks/{PROJECT}")
    assert refusal == {
        "message": "resource is not found",
        "resource": "private_network",
        "resource_id": PROJECT,
        "type": "not_found",
    }


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/lb/v1/regions/fr-par/lbs"),
        ("GET", f"{ZONE}/lbz"),
        ("PATCH", f"{ZONE}/lbs/{PROJECT}"),
        ("GET", "/instance/v1/zones/fr-par-1/servers"),
        ("GET", "/"),
        ("GET", f"{ZONE}/lbs/"),
    ],
)
def test_an_unknown_call_fails_loudly(client: LbClient, method: str, path: str) -> None:
    refusal = client.refused(501, method, path)
    assert refusal["type"] == "unknown_to_the_double"
    assert f"{method} {path}" in refusal["message"]


@pytest.mark.parametrize(
    ("body", "argument", "reason"),
    [
        ({"colour": "red"}, "colour", "unknown"),
        ({"name": 1}, "name", "format"),
        ({"ip_ids": "x"}, "ip_ids", "format"),
        ({"assign_flexible_ip": "true"}, "assign_flexible_ip", "format"),
        ({"type": None}, "type", "format"),
        ({"ssl_compatibility_level": "best"}, "ssl_compatibility_level", "format"),
    ],
)
def test_an_unknown_field_or_type_fails_loudly(client: LbClient, body: Any, argument: str, reason: str) -> None:
    whole = {"project_id": PROJECT, "name": "lb", "type": "LB-S", **body}
    assert only_detail(client.refused(400, "POST", f"{ZONE}/lbs", whole)) == (argument, reason)


def test_all_wrong_fields_are_named_at_once_and_none_of_their_values(client: LbClient, lb: Any) -> None:
    body = {"colour": "vermilion", "forward_port": "seventy", "health_check": {"port": 70000, "speed": "hasty"}}
    refusal = client.refused(400, "POST", f"{ZONE}/lbs/{lb['id']}/backends", body)
    found = {detail["argument_name"]: detail["reason"] for detail in refusal["details"]}
    assert found == {
        "colour": "unknown",
        "forward_port": "format",
        "health_check.port": "constraint",
        "health_check.speed": "unknown",
        "health_check.check_max_retries": "required",
    }
    assert not any(value in str(refusal) for value in ("vermilion", "seventy", "70000", "hasty"))


@pytest.mark.parametrize("query", ["colour=red", "page=0", "page=x", "page_size=0", "order_by=size", "colour="])
def test_an_unknown_parameter_fails_loudly(client: LbClient, query: str) -> None:
    refusal = client.refused(400, "GET", f"{ZONE}/lbs?{query}")
    assert only_detail(refusal)[0] == query.split("=", maxsplit=1)[0]


@pytest.mark.parametrize("content", [b"{", b"[]", b"1", b"\xff"])
def test_a_body_that_is_no_json_object_is_refused(client: LbClient, content: bytes) -> None:
    answer = client.post(f"{ZONE}/lbs", content=content)
    assert answer.status_code == 400
    assert only_detail(answer.json()) == ("body", "format")


def test_zones_and_projects_have_to_be_real(client: LbClient) -> None:
    assert only_detail(client.refused(400, "GET", "/lb/v1/zones/fr-par-9/lbs")) == ("zone", "constraint")
    assert only_detail(client.refused(400, "GET", "/vpc/v2/regions/mars/vpcs")) == ("region", "constraint")
    assert only_detail(client.refused(400, "POST", f"{ZONE}/ips", {})) == ("project_id", "constraint")
    both = {"project_id": PROJECT, "organization_id": PROJECT}
    client.refused(400, "POST", f"{ZONE}/ips", both)
    assert client.ok("POST", f"{ZONE}/ips", {"organization_id": PROJECT})["project_id"] == PROJECT


@pytest.mark.parametrize(
    ("token", "reason"), [(None, "invalid_argument"), ("", "invalid_argument"), ("secret", "invalid_argument")]
)
def test_without_a_secret_key_nothing_is_answered(double: Double, token: str | None, reason: str) -> None:
    headers = {} if token is None else {"X-Auth-Token": token}
    answer = httpx.get(f"{double.url}{ZONE}/lbs", headers=headers, trust_env=False)
    assert answer.status_code == 401
    assert answer.json() == {
        "message": "authentication is denied",
        "method": "api_key",
        "reason": reason,
        "type": "denied_authentication",
    }


def test_a_double_that_was_given_a_secret_key_accepts_no_other() -> None:
    with running(secret_key=TOKEN) as double:
        path = f"{double.url}{ZONE}/lbs"
        assert httpx.get(path, headers={"X-Auth-Token": TOKEN}, trust_env=False).status_code == 200
        refused = httpx.get(path, headers={"X-Auth-Token": PROJECT}, trust_env=False)
        assert (refused.status_code, refused.json()["reason"]) == (401, "not_found")


def test_answers_say_that_they_are_json(client: LbClient) -> None:
    for answer in (client.get(f"{ZONE}/lbs"), client.get(f"{ZONE}/lbs/x"), client.get("/nowhere")):
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["X-Request-Id"]
    gone = client.delete(f"{ZONE}/ips/{client.ip()['id']}")
    assert (gone.status_code, gone.content) == (204, b"")
