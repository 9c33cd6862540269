"""The backend that Scaleway's words say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lbpatterns.core.plain import from_plain
from lbpatterns.core.spec import (
    Backend,
    HealthCheck,
    HealthProtocol,
    InsecureSkip,
    Mode,
    Protocol,
    ProxyProtocol,
    Server,
    ServerCertificate,
    Stickiness,
    StickinessKind,
    Timeouts,
)
from lbpatterns.targets.scaleway.words import (
    ALGORITHMS,
    HEALTHY_STATUS,
    NOT_STICKY,
    STICKINESS,
    Words,
    other_way,
    seconds,
    when_known,
)


def lift_backend(key: str, words: Words, mode: Mode, declared: Mapping[str, Any]) -> Backend:
    """One backend; `declared` is what Scaleway has no word for."""
    skip = declared.get("insecure_skip_verify")
    held = declared.get("server_certificates", [None] * len(words["server_ips"]))
    return Backend(
        name=key.removeprefix("backend-"),
        servers=tuple(
            Server(address=address, certificate=_certificate(own))
            for address, own in zip(words["server_ips"], held, strict=True)
        ),
        port=words["forward_port"],
        protocol=Protocol(words["forward_protocol"]),
        tls=words["ssl_bridging"],
        server_name=words.get("host") if mode is Mode.BRIDGED else None,
        verify_server_certificate=not words["ignore_ssl_server_verify"],
        insecure_skip_verify=None if skip is None else from_plain(InsecureSkip, skip),
        server_certificate=_certificate(declared.get("server_certificate")),
        balancing=other_way(ALGORITHMS)[words["forward_port_algorithm"]],
        stickiness=_stickiness(words),
        shared_sessions=declared.get("shared_sessions", False),
        health_check=_health_check(words),
        timeouts=_timeouts(words),
        proxy_protocol=ProxyProtocol(words["proxy_protocol"]),
        failover_host=words.get("failover_host"),
    )


def _certificate(plain: Any) -> ServerCertificate | None:
    return None if plain is None else from_plain(ServerCertificate, plain)


def _stickiness(words: Words) -> Stickiness | None:
    if words["sticky_sessions"] == NOT_STICKY:
        return None
    kind = other_way(STICKINESS)[words["sticky_sessions"]]
    name = words.get("sticky_sessions_cookie_name") if kind is StickinessKind.COOKIE else None
    return Stickiness(kind=kind, cookie_name=name)


def _timeouts(words: Words) -> Timeouts:
    fields = {
        "connect": when_known(words["timeout_connect"], seconds),
        "idle": when_known(words["timeout_tunnel"], seconds),
    }
    if words["forward_protocol"] == Protocol.HTTP.value:
        fields["request"] = when_known(words["timeout_server"], seconds)
    return Timeouts(**fields)


def _health_check(words: Words) -> HealthCheck:
    kinds = {HealthProtocol.HTTP: "health_check_http", HealthProtocol.HTTPS: "health_check_https"}
    protocol = next((kind for kind, name in kinds.items() if name in words), HealthProtocol.TCP)
    fields: dict[str, Any] = {
        "protocol": protocol,
        "port": None if words["health_check_port"] == words["forward_port"] else words["health_check_port"],
        "interval": when_known(words["health_check_delay"], seconds),
        "timeout": when_known(words["health_check_timeout"], seconds),
        "unhealthy_after": words["health_check_max_retries"],
    }
    if protocol is not HealthProtocol.TCP:
        asked = words[kinds[protocol]]
        fields["path"] = asked["uri"]
        fields["host"] = asked.get("host_header")
        fields["statuses"] = None if asked["code"] == HEALTHY_STATUS else ((asked["code"], asked["code"]),)
    return HealthCheck(**fields)
