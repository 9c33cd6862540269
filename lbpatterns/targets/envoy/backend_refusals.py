"""Why a backend cannot be rendered."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any, Final

from lbpatterns.core.spec import Backend, Balancing, HealthCheck, HealthProtocol, Mode, Protocol, Timeouts
from lbpatterns.targets.envoy.health import refused
from lbpatterns.targets.envoy.stickiness import has_cookie, has_source_address
from lbpatterns.targets.envoy.tls import is_ip
from lbpatterns.targets.envoy.words import duration

_PORTS: Final = range(1, 65536)
_SHORTEST: Final = 0.001  # Envoy counts milliseconds


def backend_refusals(mode: Mode, backend: Backend, place: str) -> Iterator[str]:
    """Every reason, each with its place."""
    reasons = chain(
        _servers(backend),
        _protocol(mode, backend),
        _identity(backend) if mode is Mode.BRIDGED else _no_tls(mode, backend),
        _stickiness(backend),
        _timeouts(backend),
        () if backend.health_check is None else _health(mode, backend, backend.health_check),
    )
    return (f"{place}.{reason}" for reason in reasons)


def _servers(backend: Backend) -> Iterator[str]:
    if not backend.servers:
        yield "servers: none; a backend has one at least"
    for field, port in (
        ("port", backend.port),
        *((f"servers[{index}].port", server.port) for index, server in enumerate(backend.servers)),
    ):
        if port is not None and port not in _PORTS:
            yield f"{field}: {port} is no port"


def _protocol(mode: Mode, backend: Backend) -> Iterator[str]:
    wanted = Protocol.TCP if mode is Mode.PASSTHROUGH else Protocol.HTTP
    if backend.protocol is not wanted:
        yield f"protocol: {backend.protocol} in a load balancer that is {mode}; it forwards {wanted}"


def _identity(backend: Backend) -> Iterator[str]:
    if backend.tls is not True:
        yield "tls: off in a bridged load balancer, which encrypts towards its servers"
    if backend.server_name is not None and is_ip(str(backend.server_name)):
        yield (
            f"server_name: {backend.server_name} is an address, which SNI cannot carry (RFC 6066, section 3); "
            "leave it out and give the address as expected_name"
        )
    if backend.verify_server_certificate and backend.server_name is None and backend.expected_name is None:
        yield "server_name: missing, and expected_name too; nothing says what the servers' certificate must carry"
    for field, name in (("server_name", backend.server_name), ("expected_name", backend.expected_name)):
        if name is not None and "*" in str(name):
            yield f"{field}: {name!r} is a wildcard; name what is asked for, a wildcard certificate may answer it"


def _no_tls(mode: Mode, backend: Backend) -> Iterator[str]:
    fresh = Backend(servers=(), port=None, protocol=backend.protocol)  # type: ignore[arg-type]  # only for its defaults
    for field in (
        "tls",
        "server_name",
        "expected_name",
        "ca_bundle_pem",
        "verify_server_certificate",
        "insecure_skip_verify",
        "client_certificate",
        "minimum_tls_version",
    ):
        if getattr(backend, field) != getattr(fresh, field):
            yield f"{field}: only in bridging; a load balancer that is {mode} speaks no TLS to its servers"


def _stickiness(backend: Backend) -> Iterator[str]:
    if has_cookie(backend) and backend.protocol is Protocol.TCP:
        yield "stickiness: a cookie needs HTTP; in passthrough tie clients by source address"
    if backend.stickiness is not None and not has_cookie(backend) and backend.stickiness.cookie_name is not None:
        yield "stickiness.cookie_name: only with a cookie"
    if has_source_address(backend) and backend.balancing is not Balancing.ROUND_ROBIN:
        yield (
            f"balancing: {backend.balancing} has no say where the source address picks the server; "
            "leave it out, or tie clients by cookie"
        )


def _timeouts(backend: Backend) -> Iterator[str]:
    timeouts = backend.timeouts
    if backend.protocol is Protocol.TCP and timeouts.request not in {0, Timeouts().request}:
        yield f"timeouts.request: {timeouts.request} seconds; a stream of bytes has no requests"
    yield from _duration("timeouts.connect", timeouts.connect, _SHORTEST)
    yield from _duration("timeouts.request", timeouts.request, 0)
    yield from _duration("timeouts.idle", timeouts.idle, 0)


def _health(mode: Mode, backend: Backend, check: HealthCheck) -> Iterator[str]:
    if (reason := refused(check, backend, mode)) is not None:
        yield f"health_check.{reason}"
    if check.protocol is HealthProtocol.TCP:
        fresh = HealthCheck(protocol=HealthProtocol.TCP)
        for field in ("host", "path", "statuses"):
            if getattr(check, field) != getattr(fresh, field):
                yield f"health_check.{field}: only with http or https; a tcp check connects, and nothing more"
    if check.statuses == ():
        yield "health_check.statuses: none; no answer would ever be healthy"
    for first, last in check.statuses or ():
        if not 100 <= first <= last < 600:
            yield f"health_check.statuses: {first} to {last} is no range within 100 to 599"
    if check.port is not None and check.port not in _PORTS:
        yield f"health_check.port: {check.port} is no port"
    yield from _duration("health_check.interval", check.interval, _SHORTEST)
    yield from _duration("health_check.timeout", check.timeout, _SHORTEST)


def _duration(field: str, value: Any, least: float) -> Iterator[str]:
    try:
        duration(float(value))
    except ValueError as error:
        yield f"{field}: {error}"
        return
    if value < least or 0 < value < _SHORTEST:
        yield f"{field}: {value} seconds; at least {max(least, _SHORTEST)}"
