"""Everything at once: listeners, SNI certificates, routes, ACLs, redirect, private network, IPv6, Let's Encrypt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lbpatterns.doubles.scaleway_lb import Double

from .client import ScalewayAccount
from .cloud import Cloud

Build = Callable[..., Cloud]


@pytest.fixture
def kitchen_sink(build: Build) -> Cloud:
    stack = build("kitchen_sink")
    assert set(stack.up()) == {"created"}
    stack.writes()
    return stack


def test_a_whole_life(build: Build, double: Double) -> None:
    stack = build("kitchen_sink")
    planned = stack.preview()
    assert set(planned.values()) == {"create"}
    assert stack.up() == {"created": len(planned)}
    state = {kind: count for kind, count in double.state().items() if count}
    assert state == {
        "ips": 2,
        "lbs": 1,
        "attachments": 1,
        "private_networks": 1,
        "subnets": state["subnets"],
        "ipam_ips": state["ipam_ips"],
        "certificates": 4,
        "backends": 4,
        "frontends": 3,
        "routes": 4,
        "acls": 10,
    }
    assert stack.up() == {"unchanged": len(planned)}
    assert stack.refresh() == {"unchanged": len(planned)}
    assert stack.preview() == {}
    stack.destroy()
    assert stack.is_gone()


def test_what_scaleway_was_told(kitchen_sink: Cloud, account: ScalewayAccount, double: Double) -> None:
    of_the_load_balancer(account)
    who_may_come_in(account)
    where_traffic_goes(account)
    statuses: list[Any] = [call["status"] for call in double.log()]
    assert set(statuses) <= {200, 201, 204, 404}  # nothing was refused on the way


def of_the_load_balancer(account: ScalewayAccount) -> None:
    balancer = account.load_balancer()
    assert balancer.type_ == "lb-gp-m"
    assert balancer.ssl_compatibility_level == "ssl_compatibility_level_modern"
    assert (balancer.tags, balancer.description) == (["team:shop"], "everything at once")
    assert len(balancer.ip) == 2
    frontends = {frontend.inbound_port: frontend for frontend in account.frontends()}
    main, redirecting = frontends[443], frontends[80]
    assert [main.enable_http3, main.enable_access_logs, main.connection_rate_limit] == [True, True, 500]
    assert len(main.certificate_ids) == 3
    assert redirecting.certificate_ids == []
    assert redirecting.backend is not None
    assert redirecting.backend.pool == []
    backends = {backend.name.rsplit("-", 1)[0]: backend for backend in account.backends()}
    web = backends["shop-backend-web"]
    assert (web.ssl_bridging, web.ignore_ssl_server_verify, web.host) == (True, False, "web.example.com")
    assert web.pool == ["172.16.0.2", "172.16.0.3"]
    assert (web.sticky_sessions, web.sticky_sessions_cookie_name) == ("cookie", "shop")
    assert [web.timeout_connect, web.timeout_server, web.timeout_tunnel] == [2500, 30000, 3600000]
    check = web.health_check
    assert check.https_config is not None
    assert [check.https_config.uri, check.https_config.sni, check.https_config.host_header] == [
        "/healthz",
        "web.example.com",
        "web.example.com",
    ]
    assert (check.https_config.code, check.check_delay, check.transient_check_delay) == (204, 10000, "0.500s")
    assert backends["shop-backend-api"].forward_port_algorithm == "leastconn"
    assert backends["shop-backend-static"].sticky_sessions == "table"


def who_may_come_in(account: ScalewayAccount) -> None:
    """On the port that redirects nobody is let in: whom a rule lets in elsewhere is redirected there."""
    by_port = {port: account.acls(port) for port in (443, 80, 8443)}
    told = {port: [(acl.action.type_, acl.match.ip_subnet) for acl in acls] for port, acls in by_port.items()}
    everybody, friends = ["0.0.0.0/0", "::/0"], ["203.0.113.0/24", "2001:db8::/32"]
    assert told[443] == told[8443] == [("allow", friends), ("deny", everybody), ("redirect", everybody)]
    assert told[80] == [("redirect", friends), ("deny", everybody), ("redirect", everybody), ("redirect", everybody)]
    first, last = by_port[80][0].action.redirect, by_port[80][-1].action.redirect
    for redirect in (first, last):
        assert (redirect.type_, redirect.target, redirect.code) == ("scheme", "https", 301)


def where_traffic_goes(account: ScalewayAccount) -> None:
    matches = [route.match for route in account.routes()]
    told = [(match.host_header, match.path_begin, match.match_subdomains) for match in matches]
    assert sorted(told, key=str) == sorted([("api.example.test", None, True), (None, "/static", False)] * 2, key=str)


def test_changes_stay_where_they_were_made(kitchen_sink: Cloud) -> None:
    """Size, limit and servers: each is one update in place of the resource that it belongs to."""
    balancers = {name: held.get("id") for name, held in kitchen_sink.resources().items()}
    changes = {
        "limit": ("750", {"shop-frontend-0"}),
        "type": ("LB-GP-L", {"shop-lb"}),
        "servers": ('["172.16.0.9"]', {"shop-backend-web", "shop-backend-api", "shop-backend-static"}),
    }
    for key, (value, changed) in changes.items():
        kitchen_sink.set(f"shop:{key}", value)
        planned = kitchen_sink.preview()
        assert set(planned.values()) == {"update"}
        assert set(planned) - {"shop"} == changed  # the component itself shows the declaration
        kitchen_sink.up()
    assert {name: held.get("id") for name, held in kitchen_sink.resources().items()} == balancers
    assert kitchen_sink.preview() == {}
