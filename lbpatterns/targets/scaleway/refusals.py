"""Why a spec cannot be rendered: what would be dropped silently, or what Scaleway would take otherwise than meant.

The constraints in `lbpatterns.core` have said most of it before, in more words; this is the last door.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Final

from lbpatterns.core.spec import UNKNOWN, Backend, HealthProtocol, LBSpec, Mode, Protocol
from lbpatterns.core.target import features, refused_backends
from lbpatterns.targets.scaleway.supports import SUPPORTS

_MOST_PRIVATE_NETWORKS: Final = (
    8  # https://www.scaleway.com/en/docs/load-balancer/reference-content/load-balancers-limitations/
)


def refusals(spec: LBSpec) -> tuple[str, ...]:
    """Every reason, each with its place; none where the spec can be rendered."""
    return tuple(
        chain(
            (f"{place}: Scaleway cannot do {asked}" for asked, place in features(spec) if asked not in SUPPORTS),
            _frontends(spec),
            refused_backends(spec, lambda place, backend: _backend(spec.mode, backend, place)),
            _routes(spec),
            _network(spec),
        )
    )


def _frontends(spec: LBSpec) -> Iterator[str]:
    if not spec.frontends:
        yield "frontends: none; a load balancer listens on one port at least"
    for index, frontend in enumerate(spec.frontends):
        if (spec.mode is Mode.PASSTHROUGH) == bool(frontend.certificates):
            words = "one; in passthrough the servers present theirs" if frontend.certificates else "none"
            yield f"frontends[{index}].certificates: {words}"


def _backend(mode: Mode, backend: Backend, place: str) -> Iterator[str]:
    if (backend.protocol is Protocol.TCP) is not (mode is Mode.PASSTHROUGH):
        yield f"{place}.protocol: {backend.protocol.value} is not what a load balancer of mode {mode.value} speaks"
    if backend.tls is not UNKNOWN and backend.tls != (mode is Mode.BRIDGED):
        yield f"{place}.tls: {backend.tls} is not what a load balancer of mode {mode.value} does"
    check = backend.health_check
    if check is not None and check.protocol is HealthProtocol.HTTPS and mode is Mode.OFFLOADED:
        yield f"{place}.health_check.protocol: https to servers that speak plain HTTP; check with http or tcp"


def _routes(spec: LBSpec) -> Iterator[str]:
    for index, route in enumerate(spec.routes):
        by_request = route.host is not None or route.path_prefix is not None
        if (spec.mode is Mode.PASSTHROUGH) == by_request or by_request == bool(route.server_names):
            wanted = "server_names" if spec.mode is Mode.PASSTHROUGH else "host or path_prefix"
            yield f"routes[{index}]: a load balancer of mode {spec.mode.value} routes by {wanted}, and by nothing else"


def _network(spec: LBSpec) -> Iterator[str]:
    count = len(spec.private_networks)
    if count > _MOST_PRIVATE_NETWORKS:
        yield f"network.private: {count}; a load balancer is attached to {_MOST_PRIVATE_NETWORKS} at most"
    if not spec.public and not count:
        yield "network.public: false, and no private network is given: nobody could reach the load balancer"
    if not spec.public and spec.ipv6:
        yield "network.ipv6: true, and public is false: a private load balancer has no public address of either kind"
