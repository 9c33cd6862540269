"""What a target is: something that builds a load balancer from a spec, and says what it cannot do.

A target is found through the entry-point group `lbpatterns.targets`; another package can bring one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from lbpatterns.core.spec import (
    UNKNOWN,
    Balancing,
    Frontend,
    LBSpec,
    ProxyProtocol,
    Route,
    StickinessKind,
    TLSVersion,
    UnknownServerName,
)
from lbpatterns.core.spec import Backend as BackendSpec
from lbpatterns.core.spec import Maybe as MaybeKnown


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


@dataclass(frozen=True, slots=True)
class Built:
    """What `Target.create` made. `host` is where the load balancer answers, `load_balancer` the target's resource.

    Either may be a value that is not known yet, in the words of the library that builds (an Output).
    """

    host: Any
    load_balancer: Any


class Target(Protocol):
    """Builds load balancers."""

    name: str
    supports: frozenset[Feature]
    ways_out: Mapping[Feature, str]

    def create(self, spec: LBSpec, *, name: str, options: Any) -> Built:
        """Register the resources of `spec`, whose leaves may be values not known yet, under `options`."""


def features(spec: LBSpec) -> Iterator[tuple[Feature, str]]:
    """What a spec asks for, with the place that asks."""
    for index, frontend in enumerate(spec.frontends):
        for feature in _of_frontend(frontend, passthrough=not frontend.certificates):
            yield feature, f"frontends[{index}]"
    for place, backend in spec.backend_places():
        for feature in _of_backend(backend):
            yield feature, place
    for index, route in enumerate(spec.routes):
        for feature in _of_route(route):
            yield feature, f"routes[{index}]"


def unsupported(spec: LBSpec, target: Target) -> tuple[str, ...]:
    """One sentence for each thing that the target cannot do, with the ways out."""
    return tuple(
        f"{place}: target `{target.name}` cannot do {feature}. "
        + target.ways_out.get(feature, "Leave it out, or choose another target.")
        for feature, place in features(spec)
        if feature not in target.supports
    )


def _of_frontend(frontend: Frontend, *, passthrough: bool) -> Iterator[Feature]:
    if len(frontend.certificates) > 1:
        yield Feature.SEVERAL_CERTIFICATES
    if frontend.minimum_tls_version is not TLSVersion.TLS_1_2:
        yield Feature.CLIENT_MINIMUM_TLS
    if frontend.redirect_http_port is not None:
        yield Feature.REDIRECT
    if passthrough and frontend.unknown_server_name is UnknownServerName.CLOSE:
        yield Feature.UNKNOWN_SERVER_NAME_CLOSED


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
    }
    yield from (feature for feature, asks in asked.items() if asks(backend))


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
