"""What a target is: something that builds a load balancer from a spec, and says what it cannot do.

A target is found through the entry-point group `lbpatterns.targets`; another package can bring one.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from lbpatterns.core.spec import (
    UNKNOWN,
    AccessAction,
    Balancing,
    Frontend,
    HealthCheck,
    HealthProtocol,
    LBSpec,
    LetsEncryptCertificate,
    Mode,
    ProxyProtocol,
    Route,
    StickinessKind,
    TLSVersion,
    UnknownServerName,
)
from lbpatterns.core.spec import Backend as BackendSpec
from lbpatterns.core.spec import Maybe as MaybeKnown
from lbpatterns.core.spec import Protocol as ForwardProtocol


class Feature(StrEnum):
    """Something that a declaration may ask for and a target may lack, in words for a message."""

    CUSTOM_CA = "a trust anchor of your own on the backend leg"
    EXPECTED_NAME = "an expected name that differs from the server name"
    CLIENT_CERTIFICATE = "a client certificate towards the servers"
    INSECURE_SKIP = "skipping the verification of the servers"
    SERVER_MINIMUM_TLS = "a minimum TLS version towards the servers"
    CLIENT_MINIMUM_TLS = "a minimum TLS version towards clients"
    SEVERAL_CERTIFICATES = "several certificates on one frontend"
    COOKIE_STICKINESS = "stickiness by cookie"
    SOURCE_ADDRESS_STICKINESS = "stickiness by source address"
    LEAST_CONNECTIONS = "balancing by least connections"
    PROXY_PROTOCOL_V1 = "PROXY protocol v1"
    PROXY_PROTOCOL_V2 = "PROXY protocol v2"
    HOST_ROUTES = "routes by host"
    PATH_ROUTES = "routes by path"
    HOST_AND_PATH_ROUTES = "routes by host and path together"
    SNI_ROUTES = "routes by server name (SNI)"
    UNKNOWN_SERVER_NAME_CLOSED = "closing connections for undeclared server names"
    SERVER_PORTS = "servers of one backend that listen on different ports"
    REDIRECT = "the redirect from HTTP to HTTPS"
    REDIRECT_PORTS = "the redirect from another port than 80, or to another than 443"
    LETS_ENCRYPT = "certificates from Let's Encrypt"
    HTTP3 = "HTTP/3"
    CONNECTION_RATE_LIMIT = "a limit of new connections a second"
    ACCESS_LOGS = "access logs of a frontend"
    FAILOVER_HOST = "a failover host"
    SERVER_HOST_NAMES = "servers by host name"
    NO_HEALTH_CHECK = "a backend without health check"
    HEALTH_STATUSES = "several healthy statuses in a health check"
    HEALTHY_AFTER = "a number of successful checks (`healthy_after`) other than 2"
    FAST_HEALTH_CHECKS = "health checks with an interval or a timeout below one second"
    NO_TIMEOUT = "a timeout of 0 (none)"
    ACCESS_RULES = "access rules by the clients' networks"
    REQUEST_ACCESS_RULES = "access rules on requests"
    PRIVATE_NETWORKS = "attaching to private networks"
    PRIVATE_ONLY = "a load balancer without a public address"
    CLIENT_TLS_1_1 = "TLS 1.1 as the oldest version towards clients"
    MINIMUM_TLS_PER_FRONTEND = "frontends with different minimum TLS versions"
    IPV6 = "an IPv6 address beside the IPv4 one"


@dataclass(frozen=True, slots=True)
class Built:
    """What `Target.create` made. `host` is where the load balancer answers, `load_balancer` the target's resource.

    Either may be a value that is not known yet, in the words of the library that builds (an Output).
    """

    host: Any
    load_balancer: Any


class Target(Protocol):
    """Builds load balancers."""

    @property
    def name(self) -> str:
        """What the stack's configuration calls it."""

    @property
    def supports(self) -> frozenset[Feature]:
        """What it can do."""

    @property
    def ways_out(self) -> Mapping[Feature, str]:
        """What to do instead of what it cannot."""

    def create(self, spec: LBSpec, *, name: str, options: Any) -> Built:
        """Register the resources of `spec`, whose leaves may be values not known yet, under `options`."""


def features(spec: LBSpec) -> Iterator[tuple[Feature, str]]:
    """What a spec asks for, with the place that asks."""
    for index, frontend in enumerate(spec.frontends):
        for feature in _of_frontend(frontend, passthrough=spec.mode is Mode.PASSTHROUGH):
            yield feature, f"frontends[{index}]"
    for place, backend in spec.backend_places():
        for feature in _of_backend(backend):
            yield feature, place
    for index, route in enumerate(spec.routes):
        for feature in _of_route(route):
            yield feature, f"routes[{index}]"
    for index, rule in enumerate(spec.access):
        layer_7 = rule.request is not None or rule.action is AccessAction.REDIRECT
        yield Feature.REQUEST_ACCESS_RULES if layer_7 else Feature.ACCESS_RULES, f"access[{index}]"
    if len({frontend.minimum_tls_version for frontend in spec.frontends}) > 1:
        yield Feature.MINIMUM_TLS_PER_FRONTEND, "frontends"
    network = {
        Feature.PRIVATE_NETWORKS: bool(spec.private_networks),
        Feature.PRIVATE_ONLY: not spec.public,
        Feature.IPV6: spec.ipv6,
    }
    yield from ((feature, "network") for feature, asked in network.items() if asked)


def unsupported(spec: LBSpec, target: Target) -> tuple[str, ...]:
    """One sentence for each thing that the target cannot do, with the ways out."""
    return tuple(
        f"{place}: target `{target.name}` cannot do {feature}. "
        + target.ways_out.get(feature, "Leave it out, or choose another target.")
        for feature, place in features(spec)
        if feature not in target.supports
    )


def refused_backends(spec: LBSpec, refusals: Callable[[str, BackendSpec], Iterator[str]]) -> Iterator[str]:
    """What `refusals` says of each backend at its first place, and where a name stands for two of them."""
    seen: dict[str, tuple[str, BackendSpec]] = {}
    for place, backend in spec.backend_places():
        first_place, first = seen.setdefault(backend.name, (place, backend))
        if first != backend:
            yield f"{place}.name: {backend.name!r} is also the name of {first_place}, which is another backend"
        elif first_place == place:
            yield from refusals(place, backend)


def _of_frontend(frontend: Frontend, *, passthrough: bool) -> Iterator[Feature]:
    redirected = frontend.redirect_http_port
    asked = {
        Feature.SEVERAL_CERTIFICATES: len(frontend.certificates) > 1,
        Feature.LETS_ENCRYPT: any(isinstance(held, LetsEncryptCertificate) for held in frontend.certificates),
        Feature.CLIENT_MINIMUM_TLS: frontend.minimum_tls_version is not TLSVersion.TLS_1_2,
        Feature.CLIENT_TLS_1_1: frontend.minimum_tls_version is TLSVersion.TLS_1_1,
        Feature.REDIRECT: redirected is not None,
        Feature.REDIRECT_PORTS: _differ(redirected, 80) or (redirected is not None and _differ(frontend.port, 443)),
        Feature.UNKNOWN_SERVER_NAME_CLOSED: passthrough and frontend.unknown_server_name is UnknownServerName.CLOSE,
        Feature.HTTP3: frontend.http3,
        Feature.CONNECTION_RATE_LIMIT: frontend.connection_rate_limit is not None,
        Feature.ACCESS_LOGS: frontend.access_logs,
    }
    yield from (feature for feature, is_asked in asked.items() if is_asked)


def _of_backend(backend: BackendSpec) -> Iterator[Feature]:
    asked: dict[Feature, Callable[[BackendSpec], bool]] = {
        Feature.CUSTOM_CA: lambda b: b.ca_bundle_pem is not None,
        Feature.EXPECTED_NAME: lambda b: _differ(b.expected_name, b.server_name),
        Feature.CLIENT_CERTIFICATE: lambda b: b.client_certificate is not None,
        Feature.INSECURE_SKIP: lambda b: not b.verify_server_certificate,
        Feature.SERVER_MINIMUM_TLS: lambda b: b.minimum_tls_version is not TLSVersion.TLS_1_2,
        Feature.LEAST_CONNECTIONS: lambda b: b.balancing is Balancing.LEAST_CONNECTIONS,
        Feature.PROXY_PROTOCOL_V1: lambda b: b.proxy_protocol is ProxyProtocol.V1,
        Feature.PROXY_PROTOCOL_V2: lambda b: b.proxy_protocol is ProxyProtocol.V2,
        Feature.COOKIE_STICKINESS: lambda b: b.stickiness is not None and b.stickiness.kind is StickinessKind.COOKIE,
        Feature.SOURCE_ADDRESS_STICKINESS: lambda b: (
            b.stickiness is not None and b.stickiness.kind is StickinessKind.SOURCE_ADDRESS
        ),
        Feature.SERVER_PORTS: lambda b: any(_differ(server.port, b.port) for server in b.servers),
        Feature.SERVER_HOST_NAMES: lambda b: any(_is_host_name(server.address) for server in b.servers),
        Feature.FAILOVER_HOST: lambda b: b.failover_host is not None,
        Feature.NO_TIMEOUT: lambda b: 0 in _timeouts(b),
    }
    yield from (feature for feature, asks in asked.items() if asks(backend))
    yield from _of_health_check(backend.health_check)


def _timeouts(backend: BackendSpec) -> set[object]:
    timeouts = backend.timeouts
    stream = backend.protocol is ForwardProtocol.TCP  # which has no requests
    return {timeouts.connect, timeouts.idle, *(() if stream else (timeouts.request,))}


def _of_health_check(check: HealthCheck | None) -> Iterator[Feature]:
    if check is None:
        yield Feature.NO_HEALTH_CHECK
        return
    single = check.statuses is None or (len(check.statuses) == 1 and check.statuses[0][0] == check.statuses[0][1])
    if check.protocol is not HealthProtocol.TCP and not single:
        yield Feature.HEALTH_STATUSES
    if _differ(check.healthy_after, 2):
        yield Feature.HEALTHY_AFTER
    if any(span is not UNKNOWN and span < 1 for span in (check.interval, check.timeout)):
        yield Feature.FAST_HEALTH_CHECKS


def _is_host_name(address: MaybeKnown[str]) -> bool:
    try:
        return address is not UNKNOWN and not ipaddress.ip_address(address)
    except ValueError:
        return True


def _differ(special: MaybeKnown[object] | None, general: MaybeKnown[object] | None) -> bool:
    return special is not None and UNKNOWN not in {special, general} and special != general


def _of_route(route: Route) -> Iterator[Feature]:
    if route.host is not None and route.path_prefix is not None:
        yield Feature.HOST_AND_PATH_ROUTES
    elif route.host is not None:
        yield Feature.HOST_ROUTES
    elif route.path_prefix is not None:
        yield Feature.PATH_ROUTES
    if route.server_names:
        yield Feature.SNI_ROUTES
