"""Backends in Scaleway's words.

Source: https://www.scaleway.com/en/docs/load-balancer/reference-content/configuring-backends/
"""

from __future__ import annotations

from typing import Any, Final

from lbpatterns.core.legs import probe_name
from lbpatterns.core.spec import Backend, HealthCheck, HealthProtocol, Mode, Protocol, ProxyProtocol
from lbpatterns.targets.scaleway.words import (
    ALGORITHMS,
    BALANCER,
    HEALTHY_STATUS,
    NOT_STICKY,
    PROXY_PROTOCOLS,
    STICKINESS,
    TRANSIENT_DELAY,
    Late,
    Words,
    duration,
)

_COOKIE: Final = "lbpatterns"


def backend(spec: Backend, mode: Mode, late: Late) -> Words:
    """One backend. What a mode does not use is said as well: a value that is left out would stay as it was."""
    stickiness = spec.stickiness
    tls = mode is Mode.BRIDGED
    words: Words = {
        "lb_id": BALANCER,
        "forward_protocol": spec.protocol.value,
        "forward_port": spec.port,
        "forward_port_algorithm": ALGORITHMS[spec.balancing],
        "server_ips": [server.address for server in spec.servers],
        "ssl_bridging": spec.tls,
        "ignore_ssl_server_verify": tls and not spec.verify_server_certificate,
        "sticky_sessions": NOT_STICKY if stickiness is None else STICKINESS[stickiness.kind],
        "proxy_protocol": PROXY_PROTOCOLS[spec.proxy_protocol],
        "health_check_send_proxy": spec.proxy_protocol is not ProxyProtocol.NONE,
        **_timeouts(spec, late),
        **_health(spec, mode, late),
    }
    if stickiness is not None and STICKINESS[stickiness.kind] == "cookie":
        words["sticky_sessions_cookie_name"] = stickiness.cookie_name or _COOKIE
    if tls and spec.server_name is not None:
        words["host"] = spec.server_name
    if spec.failover_host is not None:
        words["failover_host"] = spec.failover_host
    return words


def without_servers(protocol: Protocol, port: Any) -> Words:
    """A backend that no traffic gets through: a frontend has to have one, also where it only refuses or redirects."""
    return {
        "lb_id": BALANCER,
        "forward_protocol": protocol.value,
        "forward_port": port,
        "server_ips": [],
        "ssl_bridging": False,
        "ignore_ssl_server_verify": False,
    }


def _timeouts(spec: Backend, late: Late) -> Words:
    timeouts = spec.timeouts
    # A stream of bytes has no requests: its servers are given up when nothing moves any more.
    server = timeouts.idle if spec.protocol is Protocol.TCP else timeouts.request
    return {
        "timeout_connect": late(timeouts.connect, duration),
        "timeout_server": late(server, duration),
        "timeout_tunnel": late(timeouts.idle, duration),
    }


def _health(spec: Backend, mode: Mode, late: Late) -> Words:
    check = spec.health_check
    if check is None:
        raise ValueError("health_check: none; a backend on Scaleway always has one")
    words: Words = {
        "health_check_port": spec.port if check.port is None else check.port,
        "health_check_delay": late(check.interval, duration),
        "health_check_timeout": late(check.timeout, duration),
        "health_check_max_retries": check.unhealthy_after,
        "health_check_transient_delay": TRANSIENT_DELAY,
    }
    if check.protocol is HealthProtocol.TCP:
        return words | {"health_check_tcp": {}}
    asked = _request(check)
    if check.protocol is HealthProtocol.HTTP:
        return words | {"health_check_http": asked}
    name = _checked_name(spec, mode, late)
    return words | {"health_check_https": asked if name is None else {**asked, "sni": name}}


def _request(check: HealthCheck) -> Words:
    code = HEALTHY_STATUS if check.statuses is None else check.statuses[0][0]
    host = {} if check.host is None else {"host_header": check.host}
    return {"uri": check.path, "method": "GET", "code": code, **host}


def _checked_name(spec: Backend, mode: Mode, late: Late) -> Any:
    """What SNI carries in a health check: the name that traffic asks for."""
    if mode is Mode.BRIDGED:
        return spec.server_name
    held = spec.server_certificate
    return late(held.names[0], probe_name) if held is not None and held.names else None
