"""Backends: servers, health checks, statistics."""

import ipaddress
from typing import Any

from lbpatterns.doubles.scaleway_lb import find
from lbpatterns.doubles.scaleway_lb.bodies.backends import (
    CONFIGS,
    BackendSettings,
    CreateBackend,
    HealthCheckBody,
    ListBackendStats,
    Servers,
    UpdateBackend,
)
from lbpatterns.doubles.scaleway_lb.bodies.body import OrderedPage
from lbpatterns.doubles.scaleway_lb.bodies.lbs import Stats
from lbpatterns.doubles.scaleway_lb.call import Ask, Call
from lbpatterns.doubles.scaleway_lb.calls.lbs import ZONE, changeable, touch_instance
from lbpatterns.doubles.scaleway_lb.errors import invalid_argument
from lbpatterns.doubles.scaleway_lb.instants import in_microseconds
from lbpatterns.doubles.scaleway_lb.lists import named, ordered
from lbpatterns.doubles.scaleway_lb.lists import page as page_of
from lbpatterns.doubles.scaleway_lb.pools import new_id
from lbpatterns.doubles.scaleway_lb.records import Backend, HealthCheck, Lb
from lbpatterns.doubles.scaleway_lb.refusals import backend_in_use, check_quota

# What an absent field is answered as. Null where the API has seen no value yet, false where it has a default
# (CAS:backend-basic; the CLI's recording of a backend without timeouts has nulls).
ABSENT: dict[str, Any] = {
    "failover_host": None,
    "host": "",
    "ignore_ssl_server_verify": None,
    "max_connections": None,
    "max_retries": None,
    "on_marked_down_action": "on_marked_down_action_none",
    "proxy_protocol": "proxy_protocol_unknown",
    "redispatch_attempt_count": None,
    "send_proxy_v2": False,
    "ssl_bridging": False,
    "timeout_connect": None,
    "timeout_queue": None,
    "timeout_server": None,
    "timeout_tunnel": None,
}
ALWAYS = (
    "forward_protocol",
    "forward_port",
    "forward_port_algorithm",
    "sticky_sessions",
    "sticky_sessions_cookie_name",
)


def _settings(body: BackendSettings) -> dict[str, Any]:
    """The shared fields. What a PUT does not send is as if never sent (SDK: "You must set all parameters")."""
    return {**ABSENT, **body.sent(*ALWAYS, *ABSENT)}


def _servers(addresses: list[str] | None) -> list[str]:
    """ADDRESS_FORMAT: servers are IP addresses. They come back as they were sent, each once."""
    for address in addresses or []:
        try:
            ipaddress.ip_address(address)
        except ValueError:
            raise invalid_argument("server_ip", "format", f"{address} is no IP address") from None
    return list(dict.fromkeys(addresses or []))


def _health_check(body: HealthCheckBody) -> HealthCheck:
    """ONE_CHECK. Without any config it is tcp; an option that was not sent comes back as its default (recorded)."""
    sent = [(name, config) for name in CONFIGS if (config := getattr(body, f"{name}_config")) is not None]
    if len(sent) > 1:
        names = ", ".join(f"{name}_config" for name, _ in sent)
        raise invalid_argument("health_check", "constraint", f"precisely one config can be set, not {names}")
    return HealthCheck(
        port=body.port,
        config=(sent[0][0], sent[0][1].model_dump()) if sent else ("tcp", {}),
        check_max_retries=body.check_max_retries,
        check_send_proxy=body.check_send_proxy,
        check_delay=body.check_delay,
        check_timeout=body.check_timeout,
        transient_check_delay=body.transient_check_delay,
    )


def _written(ask: Ask, backend: Backend) -> Any:
    """The answer to a change, after which the machine takes up the new configuration."""
    backend.updated_at = ask.now
    touch_instance(ask.state, _lb(ask, backend), ask.now)
    return ask.views.backend(backend)


def _lb(ask: Ask, backend: Backend) -> Lb:
    return ask.state.lbs[backend.lb_id]


def _changeable(ask: Ask) -> Backend:
    backend = find.backend(ask, ask.ids["backend_id"])
    changeable(_lb(ask, backend))
    return backend


def create_backend(ask: Ask) -> Any:
    """Servers and how to speak to them. Whatever does not fit together is accepted (facts of the recordings)."""
    body = ask.body_as(CreateBackend)
    lb = changeable(find.lb(ask, ask.ids["lb_id"]))
    check_quota("backends", len(ask.state.backends_of(lb.id)))
    backend_id = new_id()
    backend = Backend(
        id=backend_id,
        place=ask.place,
        created_at=ask.now,
        updated_at=ask.now,
        lb_id=lb.id,
        name=body.name or f"lb-bkd-{backend_id[:8]}",
        pool=_servers(body.server_ip),
        health_check=_health_check(body.health_check),
        settings=_settings(body),
    )
    ask.state.backends[backend.id] = backend
    return _written(ask, backend)


def list_backends(ask: Ask) -> Any:
    """The backends of a load balancer."""
    query = ask.query_as(OrderedPage)
    found = ask.state.backends_of(find.lb(ask, ask.ids["lb_id"]).id)
    found = ordered(named(found, query.name, lambda backend: backend.name), query.order_by)
    return page_of(found, query, "backends", ask.views.backend)


def get_backend(ask: Ask) -> Any:
    """One backend."""
    return ask.views.backend(find.backend(ask, ask.ids["backend_id"]))


def update_backend(ask: Ask) -> Any:
    """All but servers and health check."""
    body, backend = ask.body_as(UpdateBackend), _changeable(ask)
    backend.name, backend.settings = body.name, _settings(body)
    return _written(ask, backend)


def delete_backend(ask: Ask) -> Any:
    """BACKEND_IN_USE."""
    backend = _changeable(ask)
    if any(one.backend_id == backend.id for one in ask.state.frontends.values()):
        raise backend_in_use("frontend")
    if any(one.backend_id == backend.id for one in ask.state.routes.values()):
        raise backend_in_use("route")
    del ask.state.backends[backend.id]
    touch_instance(ask.state, _lb(ask, backend), ask.now)


def add_servers(ask: Ask) -> Any:
    """These too."""
    backend = _changeable(ask)
    backend.pool = list(dict.fromkeys([*backend.pool, *_servers(ask.body_as(Servers).server_ip)]))
    return _written(ask, backend)


def set_servers(ask: Ask) -> Any:
    """These and no others; the same ones again are no change (CAS:backend-health-check)."""
    backend, servers = _changeable(ask), _servers(ask.body_as(Servers).server_ip)
    if servers == backend.pool:
        return ask.views.backend(backend)
    backend.pool = servers
    return _written(ask, backend)


def remove_servers(ask: Ask) -> Any:
    """These no more."""
    backend = _changeable(ask)
    gone = set(_servers(ask.body_as(Servers).server_ip))
    backend.pool = [address for address in backend.pool if address not in gone]
    return _written(ask, backend)


def update_health_check(ask: Ask) -> Any:
    """Replaces the whole check, and answers the check alone (CAS:backend-basic)."""
    backend = _changeable(ask)
    backend.health_check = _health_check(ask.body_as(HealthCheckBody))
    _written(ask, backend)
    return ask.views.health_check(backend.health_check)


def _stats(ask: Ask, backend_id: str | None) -> list[dict[str, Any]]:
    """One line a server. No traffic passes through a double, so each server is up, as if its check had passed."""
    lb = find.lb(ask, ask.ids["lb_id"])
    if backend_id:
        find.backend(ask, backend_id)
    instance_id = "" if lb.instance is None else lb.instance.id
    return [
        {
            "backend_id": backend.id,
            "instance_id": instance_id,
            "ip": address,
            "last_health_check_status": "passed",
            "server_state": "running",
            "server_state_changed_at": in_microseconds(backend.updated_at),
        }
        for backend in ask.state.backends_of(lb.id)
        if not backend_id or backend.id == backend_id
        for address in backend.pool
    ]


def get_stats(ask: Ask) -> Any:
    """The state of all servers."""
    return {"backend_servers_stats": _stats(ask, ask.query_as(Stats).backend_id)}


def list_backend_stats(ask: Ask) -> Any:
    """The same in pages."""
    query = ask.query_as(ListBackendStats)
    stats = _stats(ask, query.backend_id)
    begin = (query.page - 1) * query.page_size
    return {"backend_servers_stats": stats[begin : begin + query.page_size], "total_count": len(stats)}


ONE = f"{ZONE}/backends/{{backend_id}}"

CALLS = (
    Call("GET", f"{ZONE}/lbs/{{lb_id}}/backends", list_backends, "recorded", query=OrderedPage),
    Call("POST", f"{ZONE}/lbs/{{lb_id}}/backends", create_backend, "recorded", body=CreateBackend),
    Call("GET", ONE, get_backend, "recorded"),
    Call("PUT", ONE, update_backend, "recorded", body=UpdateBackend),
    Call("DELETE", ONE, delete_backend, "recorded", 204),
    Call("POST", f"{ONE}/servers", add_servers, "recorded", body=Servers),
    Call("PUT", f"{ONE}/servers", set_servers, "recorded", body=Servers),
    Call("DELETE", f"{ONE}/servers", remove_servers, "documented", body=Servers),
    Call("PUT", f"{ONE}/healthcheck", update_health_check, "recorded", body=HealthCheckBody),
    Call("GET", f"{ZONE}/lbs/{{lb_id}}/stats", get_stats, "documented", query=Stats),
    Call("GET", f"{ZONE}/lbs/{{lb_id}}/backend-stats", list_backend_stats, "documented", query=ListBackendStats),
)
