"""What the recordings show accepted is accepted, however little sense it makes."""

from typing import Any

import pytest

from .client import ZONE, LbClient


@pytest.fixture
def lb(client: LbClient) -> Any:
    return client.lb()


@pytest.mark.parametrize(
    "oddity",
    [
        {"forward_protocol": "tcp", "sticky_sessions": "cookie", "sticky_sessions_cookie_name": "session-id"},
        {"forward_protocol": "tcp", "ssl_bridging": True},
        {"ssl_bridging": True, "ignore_ssl_server_verify": True},
        {"ssl_bridging": False, "ignore_ssl_server_verify": True},
        {"forward_protocol": "http", "forward_port": 443, "ssl_bridging": False},
        {"server_ip": []},
        {"failover_host": "bucket.s3-website.fr-par.scw.cloud"},
    ],
    ids=lambda oddity: " ".join(f"{name}={value}" for name, value in oddity.items()),
)
def test_a_backend_that_cannot_work_is_created(client: LbClient, lb: Any, oddity: Any) -> None:
    backend = client.backend(lb, **oddity)
    body = {name: backend[name] for name in ("name", "forward_port", "forward_protocol")}
    changed = client.ok("PUT", f"{ZONE}/backends/{backend['id']}", {**body, **_settings(oddity)})
    for name, value in _settings(oddity).items():
        assert backend[name] == changed[name] == value


def _settings(oddity: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in oddity.items() if name != "server_ip"}


@pytest.mark.parametrize(
    "check",
    [
        {"check_send_proxy": True},
        {"https_config": {"uri": "http://test.com/health", "method": "POST", "code": 404, "host_header": "test.com"}},
        {"port": 81},
    ],
)
def test_a_health_check_that_does_not_fit_is_set(client: LbClient, lb: Any, check: Any) -> None:
    backend = client.backend(lb, forward_protocol="tcp", proxy_protocol="proxy_protocol_none")
    whole = {"port": 80, "check_max_retries": 2, **check}
    answer = client.ok("PUT", f"{ZONE}/backends/{backend['id']}/healthcheck", whole)
    assert ("tcp_config" in answer) is ("https_config" not in check)
    assert client.ok("GET", f"{ZONE}/backends/{backend['id']}")["health_check"] == answer


@pytest.mark.parametrize("protocol", ["tcp", "http"])
@pytest.mark.parametrize("port", [80, 443])
def test_http3_needs_no_certificate_and_no_http(client: LbClient, lb: Any, protocol: str, port: int) -> None:
    backend = client.backend(lb, forward_protocol=protocol)
    frontend = client.frontend(backend, inbound_port=port, enable_http3=True)
    assert (frontend["enable_http3"], frontend["certificate_ids"]) == (True, [])


def test_a_certificate_before_a_tcp_backend_ends_tls_of_anything(client: LbClient, lb: Any) -> None:
    """Legal: DOC:api-cli/setting-up-ssl-offloading does it."""
    certificate = client.certificate(lb)
    frontend = client.frontend(client.backend(lb, forward_protocol="tcp"), certificate_ids=[certificate["id"]])
    assert frontend["certificate"]["id"] == certificate["id"]


def test_certificates_keep_their_order(client: LbClient, lb: Any) -> None:
    """Clients see the first one."""
    ids = [client.certificate(lb)["id"] for _ in range(3)]
    frontend = client.frontend(client.backend(lb), certificate_ids=ids[::-1])
    assert frontend["certificate_ids"] == ids[::-1]
    assert frontend["certificate"]["id"] == ids[2]
    body = {"name": "f", "inbound_port": 443, "backend_id": frontend["backend"]["id"], "certificate_ids": ids[:1]}
    assert client.ok("PUT", f"{ZONE}/frontends/{frontend['id']}", body)["certificate_ids"] == ids[:1]


def test_the_deprecated_certificate_id_is_a_list_of_one(client: LbClient, lb: Any) -> None:
    certificate = client.certificate(lb)
    frontend = client.frontend(client.backend(lb), certificate_id=certificate["id"])
    assert frontend["certificate_ids"] == [certificate["id"]]


def test_a_frontend_may_be_given_another_backend(client: LbClient, lb: Any) -> None:
    """The Terraform provider replaces the frontend; the API changes it, as the Cloud Controller Manager expects."""
    first, second = client.backend(lb), client.backend(lb)
    frontend = client.frontend(first)
    body = {"name": "f", "inbound_port": 443, "backend_id": second["id"]}
    assert client.ok("PUT", f"{ZONE}/frontends/{frontend['id']}", body)["backend"]["id"] == second["id"]
    client.ok("DELETE", f"{ZONE}/backends/{first['id']}")


def test_addresses_come_by_themselves_unless_told_otherwise(client: LbClient) -> None:
    """Recorded: an IPv4 by default, which outlives the load balancer when it is deleted with release_ip=false."""
    families = {
        "default": (client.lb(), [False]),
        "none": (client.lb(assign_flexible_ip=False), []),
        "both": (client.lb(assign_flexible_ip=True, assign_flexible_ipv6=True), [False, True]),
        "own": (client.lb(ip_ids=[client.ip(is_ipv6=True)["id"], client.ip()["id"]]), [False, True]),
    }
    for lb, expected in families.values():
        assert [":" in ip["ip_address"] for ip in lb["ip"]] == expected
    lb, _ = families["default"]
    client.ok("DELETE", f"{ZONE}/lbs/{lb['id']}?release_ip=false")
    assert client.ok("GET", f"{ZONE}/ips/{lb['ip'][0]['id']}")["lb_id"] is None
