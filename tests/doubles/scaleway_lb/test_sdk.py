"""The official Python SDK drives every call: it sends what it sends, and reads what the double answers."""

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from lbpatterns.doubles.scaleway_lb import Double
from lbpatterns.pki import Authority

from .client import LbClient
from .sdk import LbV1ZonedAPI, ScalewayException, lb, sdk_of


class Recorder:
    """The SDK, with a note of each method that was called."""

    def __init__(self, sdk: LbV1ZonedAPI) -> None:
        self._sdk = sdk
        self.called: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.called.add(name)
        return getattr(self._sdk, name)


def a_backend(sdk: Any, lb_id: str, **fields: Any) -> Any:
    """In the SDK's own spelling: milliseconds as text."""
    check = lb.HealthCheck(
        port=80,
        check_max_retries=3,
        check_send_proxy=False,
        check_delay="5000",
        check_timeout="1000",
        transient_check_delay="0.5s",
        https_config=lb.HealthCheckHttpsConfig(uri="/", method="GET", code=200, host_header="a", sni="b"),
    )
    defaults: dict[str, Any] = {
        "lb_id": lb_id,
        "forward_protocol": lb.Protocol.HTTP,
        "forward_port": 80,
        "forward_port_algorithm": lb.ForwardPortAlgorithm.LEASTCONN,
        "sticky_sessions": lb.StickySessionsType.COOKIE,
        "sticky_sessions_cookie_name": "session",
        "health_check": check,
        "server_ip": ["10.0.0.1"],
        "timeout_server": "300000",
        "timeout_queue": "1s",
    }
    return sdk.create_backend(**{**defaults, **fields})


def a_frontend(sdk: Any, backend: Any, port: int = 443, **fields: Any) -> Any:
    return sdk.create_frontend(
        lb_id=backend.lb.id,
        backend_id=backend.id,
        inbound_port=port,
        enable_http3=False,
        enable_access_logs=False,
        **fields,
    )


def use_addresses(sdk: Any, made: Any) -> None:
    ip = sdk.create_ip(is_ipv6=False, tags=["a"])
    assert sdk.get_ip(ip_id=ip.id) == ip
    changed = sdk.update_ip(ip_id=ip.id, reverse="lb.example.test", tags=["b"])
    assert (changed.reverse, changed.tags) == ("lb.example.test", ["b"])
    assert sdk.list_i_ps(ip_type=lb.ListIpsRequestIpType.IPV4, tags=["b"]).total_count == 1
    assert [one.id for one in sdk.list_i_ps_all(ip_address=ip.ip_address)] == [ip.id]
    sdk.release_ip(ip_id=ip.id)


def use_load_balancers(sdk: Any, made: Any) -> None:
    assert made.status == lb.LbStatus.TO_CREATE
    ready = sdk.wait_for_lb(lb_id=made.id)
    assert (ready.status, ready.name, len(ready.instances)) == (lb.LbStatus.READY, made.name, 1)
    level = lb.SSLCompatibilityLevel.SSL_COMPATIBILITY_LEVEL_MODERN
    changed = sdk.update_lb(lb_id=made.id, name="new", description="d", tags=["t"], ssl_compatibility_level=level)
    assert (changed.name, changed.description, changed.tags) == ("new", "d", ["t"])
    assert sdk.list_lbs(name="new").total_count == 1
    assert [one.id for one in sdk.list_lbs_all(tags=["t"], lb_ids=[made.id])] == [made.id]
    assert sdk.migrate_lb(lb_id=made.id, type_="LB-GP-M").status == lb.LbStatus.MIGRATING
    assert sdk.wait_for_lb(lb_id=made.id).type_ == "lb-gp-m"
    assert sdk.get_lb(lb_id=made.id).ssl_compatibility_level == level


def use_types(sdk: Any, made: Any) -> None:
    assert sdk.list_lb_types().total_count == len(sdk.list_lb_types_all()) > 2
    assert [kind.multicloud for kind in sdk.list_lb_types(page=1, page_size=3).lb_types] == [False, False, True]


def use_backends(sdk: Any, made: Any) -> None:
    backend = a_backend(sdk, made.id, name="b")
    assert sdk.get_backend(backend_id=backend.id).health_check.https_config.sni == "b"
    changed = sdk.update_backend(
        backend_id=backend.id,
        name="renamed",
        forward_protocol=lb.Protocol.HTTP,
        forward_port=81,
        forward_port_algorithm=lb.ForwardPortAlgorithm.ROUNDROBIN,
        sticky_sessions=lb.StickySessionsType.NONE,
        sticky_sessions_cookie_name="",
        timeout_server="1000",
        ssl_bridging=True,
        host="backend.internal",
    )
    assert (changed.name, changed.forward_port, changed.ssl_bridging) == ("renamed", 81, True)
    assert changed.host == "backend.internal"
    assert sdk.add_backend_servers(backend_id=backend.id, server_ip=["10.0.0.2"]).pool == ["10.0.0.1", "10.0.0.2"]
    assert sdk.remove_backend_servers(backend_id=backend.id, server_ip=["10.0.0.1"]).pool == ["10.0.0.2"]
    assert sdk.set_backend_servers(backend_id=backend.id, server_ip=["10.0.0.3"]).pool == ["10.0.0.3"]
    check = sdk.update_health_check(
        backend_id=backend.id,
        port=82,
        check_max_retries=1,
        check_send_proxy=True,
        check_delay="2000",
        mysql_config=lb.HealthCheckMysqlConfig(user="check"),
    )
    assert (check.port, check.mysql_config.user, check.https_config) == (82, "check", None)
    assert sdk.list_backends(lb_id=made.id, name="ren").total_count == 1
    assert len(sdk.list_backends_all(lb_id=made.id)) == 1
    (server,) = sdk.get_lb_stats(lb_id=made.id, backend_id=backend.id).backend_servers_stats
    assert (server.ip, server.server_state) == ("10.0.0.3", lb.BackendServerStatsServerState.RUNNING)
    assert sdk.list_backend_stats(lb_id=made.id).total_count == len(sdk.list_backend_stats_all(lb_id=made.id)) == 1
    sdk.delete_backend(backend_id=backend.id)


def use_frontends(sdk: Any, made: Any) -> None:
    backend = a_backend(sdk, made.id)
    frontend = a_frontend(sdk, backend, name="f", timeout_client="30000", connection_rate_limit=10)
    assert (sdk.get_frontend(frontend_id=frontend.id).connection_rate_limit, frontend.backend.id) == (10, backend.id)
    changed = sdk.update_frontend(
        frontend_id=frontend.id,
        name="renamed",
        inbound_port=8443,
        backend_id=backend.id,
        enable_http3=True,
    )
    assert (changed.name, changed.inbound_port, changed.enable_http3) == ("renamed", 8443, True)
    assert sdk.list_frontends(lb_id=made.id, order_by=lb.ListFrontendsRequestOrderBy.NAME_ASC).total_count == 1
    assert len(sdk.list_frontends_all(lb_id=made.id)) == 1
    sdk.delete_frontend(frontend_id=frontend.id)


def use_certificates(sdk: Any, made: Any) -> None:
    name = made.ip[0].reverse
    ordered = lb.CreateCertificateRequestLetsencryptConfig(common_name=name, subject_alternative_name=[f"www.{name}"])
    certificate = sdk.create_certificate(lb_id=made.id, name="c", letsencrypt=ordered)
    assert certificate.status == lb.CertificateStatus.PENDING
    ready = sdk.wait_for_certificate(certificate_id=certificate.id)
    assert (ready.status, ready.subject_alternative_name) == (lb.CertificateStatus.READY, [f"www.{name}"])
    chain = Authority("Test CA").issue(["shop.example.test"]).private_key_and_chain_pem
    brought = lb.CreateCertificateRequestCustomCertificate(certificate_chain=chain)
    custom = sdk.create_certificate(lb_id=made.id, custom_certificate=brought)
    assert (custom.common_name, custom.type_) == ("shop.example.test", lb.CertificateType.CUSTOM)
    assert sdk.update_certificate(certificate_id=custom.id, name="renamed").name == "renamed"
    assert sdk.get_certificate(certificate_id=custom.id).name == "renamed"
    assert sdk.list_certificates(lb_id=made.id, name="renamed").total_count == 1
    assert len(sdk.list_certificates_all(lb_id=made.id)) == 2
    for one in (certificate, custom):
        sdk.delete_certificate(certificate_id=one.id)


def use_routes(sdk: Any, made: Any) -> None:
    backend = a_backend(sdk, made.id)
    frontend = a_frontend(sdk, backend)
    match = lb.RouteMatch(match_subdomains=False, host_header="shop.example.test")
    route = sdk.create_route(frontend_id=frontend.id, backend_id=backend.id, match=match)
    assert sdk.get_route(route_id=route.id).match == match
    other = lb.RouteMatch(match_subdomains=False, path_begin="/api")
    assert sdk.update_route(route_id=route.id, backend_id=backend.id, match=other).match == other
    assert sdk.list_routes(frontend_id=frontend.id).total_count == len(sdk.list_routes_all()) == 1
    sdk.delete_route(route_id=route.id)
    sdk.delete_frontend(frontend_id=frontend.id)


def use_acls(sdk: Any, made: Any) -> None:
    frontend = a_frontend(sdk, a_backend(sdk, made.id), port=80)
    to_https = lb.AclActionRedirect(type_=lb.AclActionRedirectRedirectType.SCHEME, target="https", code=301)
    redirect = lb.AclAction(type_=lb.AclActionType.REDIRECT, redirect=to_https)
    deny = lb.AclAction(type_=lb.AclActionType.DENY)
    match = lb.AclMatch(
        ip_subnet=["192.0.2.0/24"],
        ips_edge_services=False,
        http_filter=lb.AclHttpFilter.HTTP_HEADER_MATCH,
        http_filter_value=["curl"],
        http_filter_option="user-agent",
        invert=False,
    )
    acl = sdk.create_acl(frontend_id=frontend.id, action=redirect, index=2, description="d", name="a", match=match)
    assert sdk.get_acl(acl_id=acl.id).action.redirect == to_https
    assert sdk.update_acl(acl_id=acl.id, name="b", action=deny, index=1).match == match
    assert sdk.list_acls(frontend_id=frontend.id, name="b").total_count == 1
    specs = [lb.AclSpec(name=f"s{index}", action=deny, index=index, description="") for index in (1, 2, 3)]
    assert sdk.set_acls(frontend_id=frontend.id, acls=specs).total_count == 3
    names = [one.name for one in sdk.list_acls_all(frontend_id=frontend.id)]
    assert names == ["s1", "s2", "s3"]
    with pytest.raises(ScalewayException):
        sdk.get_acl(acl_id=acl.id)
    sdk.delete_acl(acl_id=sdk.list_acls(frontend_id=frontend.id).acls[0].id)


def use_private_networks(sdk: Any, made: Any, network_id: str) -> None:
    attached = sdk.attach_private_network(lb_id=made.id, private_network_id=network_id)
    assert attached.status == lb.PrivateNetworkStatus.PENDING
    assert sdk.list_lb_private_networks(lb_id=made.id).private_network[0].status == lb.PrivateNetworkStatus.READY
    assert len(sdk.list_lb_private_networks_all(lb_id=made.id)) == 1
    sdk.detach_private_network(lb_id=made.id, private_network_id=network_id)
    assert sdk.list_lb_private_networks(lb_id=made.id).total_count == 0


def use_subscribers(sdk: Any, made: Any) -> None:
    subscriber = sdk.create_subscriber(name="s", email_config=lb.SubscriberEmailConfig(email="a@example.test"))
    assert sdk.get_subscriber(subscriber_id=subscriber.id) == subscriber
    hook = lb.SubscriberWebhookConfig(uri="https://example.test")
    changed = sdk.update_subscriber(subscriber_id=subscriber.id, name="t", webhook_config=hook)
    assert (changed.name, changed.email_config, changed.webhook_config) == ("t", None, hook)
    assert sdk.list_subscriber(name="t").total_count == len(sdk.list_subscriber_all()) == 1
    assert sdk.subscribe_to_lb(lb_id=made.id, subscriber_id=subscriber.id).subscriber == changed
    assert sdk.unsubscribe_from_lb(lb_id=made.id).subscriber is None
    sdk.subscribe_to_lb(lb_id=made.id, subscriber_id=subscriber.id)
    sdk.delete_subscriber(subscriber_id=subscriber.id)
    assert sdk.get_lb(lb_id=made.id).subscriber is None


USES: tuple[Callable[[Any, Any], None], ...] = (
    use_addresses,
    use_load_balancers,
    use_types,
    use_backends,
    use_frontends,
    use_certificates,
    use_routes,
    use_acls,
    use_subscribers,
)


def public_methods() -> set[str]:
    return {name for name in vars(LbV1ZonedAPI) if not name.startswith("_")}


def test_the_sdk_drives_every_call(double: Double, client: LbClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scaleway_core.utils.waiter.time", SimpleNamespace(time=time.time, sleep=lambda seconds: None))
    sdk = Recorder(sdk_of(double))
    made = sdk.create_lb(name="lb", description="", type_="LB-S", assign_flexible_ip=True, tags=[])
    for use in USES:
        use(sdk, made)
    network = client.private_network()
    use_private_networks(sdk, made, network["id"])
    sdk.delete_lb(lb_id=made.id, release_ip=True)
    with pytest.raises(ScalewayException, match="lbs not Found") as caught:
        sdk.get_lb(lb_id=made.id)
    assert caught.value.status_code == 404
    assert public_methods() - sdk.called == set()
    left = {kind: count for kind, count in double.state().items() if count}
    assert left == {"private_networks": 1, "subnets": 2}  # which the SDK of load balancers cannot delete


def test_waiters_wait_until_a_state_is_final(realistic: Double, slow_sdk: LbV1ZonedAPI) -> None:
    made = slow_sdk.create_lb(description="", type_="LB-S")
    assert slow_sdk.get_lb(lb_id=made.id).status == lb.LbStatus.TO_CREATE
    assert slow_sdk.wait_for_lb(lb_id=made.id).status == lb.LbStatus.READY
    slow_sdk.migrate_lb(lb_id=made.id, type_="LB-GP-L")
    assert slow_sdk.get_lb(lb_id=made.id).status == lb.LbStatus.MIGRATING
    assert slow_sdk.wait_for_lb(lb_id=made.id).type_ == "lb-gp-l"
    config = lb.CreateCertificateRequestLetsencryptConfig(common_name=made.ip[0].reverse, subject_alternative_name=[])
    certificate = slow_sdk.create_certificate(lb_id=made.id, letsencrypt=config)
    assert slow_sdk.get_certificate(certificate_id=certificate.id).status == lb.CertificateStatus.PENDING
    assert slow_sdk.wait_for_certificate(certificate_id=certificate.id).fingerprint
    slow_sdk.delete_lb(lb_id=made.id, release_ip=True)
    with pytest.raises(ScalewayException, match="lbs not Found"):
        slow_sdk.wait_for_lb(lb_id=made.id)
    assert not any(realistic.state().values())


@pytest.mark.parametrize("page_size", [None, 1, 3, 50])
def test_lists_of_all_end_and_are_complete(double: Double, sdk: LbV1ZonedAPI, page_size: int | None) -> None:
    """The SDK asks for page after page until one is empty: a double that ignores `page` would never let it go."""
    made = sdk.create_lb(description="", type_="LB-S")
    backends = [a_backend(sdk, made.id, name=f"b{number}").id for number in range(7)]
    frontend = a_frontend(sdk, sdk.get_backend(backend_id=backends[0]))
    deny = lb.AclAction(type_=lb.AclActionType.DENY)
    specs = [lb.AclSpec(name=f"a{index}", action=deny, index=index, description="") for index in range(5)]
    sdk.set_acls(frontend_id=frontend.id, acls=specs)
    listed = sdk.list_backends_all(lb_id=made.id, page_size=page_size)
    assert [backend.id for backend in listed] == backends
    assert len(sdk.list_acls_all(frontend_id=frontend.id, page_size=page_size)) == 5
    assert len(sdk.list_backend_stats_all(lb_id=made.id, page_size=page_size)) == 7
    assert len(sdk.list_i_ps_all(page_size=page_size)) == 1
    assert len(sdk.list_lb_types_all(page_size=page_size)) == 4


def test_a_wrong_secret_key_is_told_apart(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    sdk = sdk_of(double)
    sdk.client.secret_key = "wrong"
    with pytest.raises(ScalewayException, match="denied_authentication") as caught:
        sdk.list_lbs()
    assert caught.value.status_code == 401
