"""Every port is one between 1 and 65535."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, unknown, violated
from lbpatterns.core.examples import BRIDGED, with_backend, with_frontend
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import UNKNOWN, HealthCheck, HealthProtocol, LBSpec, Maybe, Mode, Server


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for place, port in _ports(spec):
        if port is UNKNOWN:
            yield unknown(place)
        elif port is not None and not 1 <= port <= 65535:
            yield violated(place, f"it is {port}")


def _ports(spec: LBSpec) -> Iterator[tuple[str, Maybe[int] | None]]:
    for index, frontend in enumerate(spec.frontends):
        yield f"frontends[{index}].port", frontend.port
        yield f"frontends[{index}].redirect_http_port", frontend.redirect_http_port
    for place, backend in spec.backend_places():
        yield f"{place}.port", backend.port
        yield from ((f"{place}.servers[{index}].port", server.port) for index, server in enumerate(backend.servers))
        if backend.health_check is not None:
            yield f"{place}.health_check.port", backend.health_check.port


CONSTRAINT = Constraint(
    id="ports-are-in-range",
    title="Every port is one between 1 and 65535.",
    why="There are no other ports; 0 means any one that is free, which is none that a client could know.",
    fix="Give a `port` between 1 and 65535, or leave it out where it has a default.",
    fix_by_hand={
        "scaleway": "Let `inbound_port`, `forward_port` and `health_check_port` be between 1 and 65535; the last one "
        "may be left out."
    },
    symptom="The frontend or the backend is refused while it is created.",
    source=scaleway_page("reference-content/configuring-backends", "the port number must be between 1 and 65535"),
    binding=Binding.DOCUMENTED,
    modes=frozenset(Mode),
    check=_check,
    holds=(BRIDGED, with_backend(BRIDGED, port=65535)),
    fails=(
        with_frontend(BRIDGED, port=0),
        with_backend(BRIDGED, port=65536),
        with_backend(BRIDGED, servers=(Server(address="10.0.0.20", port=-1),)),
        with_backend(BRIDGED, health_check=HealthCheck(protocol=HealthProtocol.HTTPS, port=70000)),
    ),
    open=(with_backend(BRIDGED, port=UNKNOWN),),
    covers=("LB065",),
)
