"""A backend's port is not the well-known one of what it does not speak."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from lbpatterns.core.constraint import Binding, Constraint, Evidence, Found, unknown, violated
from lbpatterns.core.examples import BRIDGED, OFFLOADED, PASSTHROUGH, with_backend
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import UNKNOWN, LBSpec, Mode

_CLEARTEXT: Final = (80,)
_TLS: Final = (443, 8443)


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    offloaded = spec.mode is Mode.OFFLOADED
    for place, backend in spec.backend_places():
        if backend.port is UNKNOWN:
            yield unknown(f"{place}.port")
        elif backend.port in (_TLS if offloaded else _CLEARTEXT):
            spoken, expected = ("plain HTTP", "TLS") if offloaded else ("TLS", "plain HTTP")
            yield violated(f"{place}.port", f"{backend.port} is for {expected}, and the servers are to speak {spoken}")


CONSTRAINT = Constraint(
    id="backend-port-suits-its-protocol",
    title="A backend's port is not the well-known one of what it does not speak.",
    why="Behind 80 nearly every server speaks plain HTTP, behind 443 and 8443 TLS; the other one answers with "
    "an error.",
    fix="Give the `port` on which the servers speak what this mode needs; waive this rule where they really "
    "listen there.",
    fix_by_hand={
        "scaleway": "Let `forward_port` of the Backend be the port on which the servers speak what this mode needs; "
        "waive this rule where they really listen there."
    },
    symptom="Servers answer 400 (a plain HTTP request was sent to an HTTPS port) or break off the handshake, and "
    "clients get 503.",
    source=scaleway_page(
        "reference-content/configuring-backends", "HTTP is typically on port 80, or on 443 if TLS is used too"
    ),
    binding=Binding.ADVISED,
    evidence=Evidence.INFERRED,
    modes=frozenset(Mode),
    check=_check,
    holds=(OFFLOADED, BRIDGED, PASSTHROUGH, with_backend(OFFLOADED, port=80)),
    fails=(
        with_backend(OFFLOADED, port=443),
        with_backend(BRIDGED, port=80),
        with_backend(PASSTHROUGH, port=80),
    ),
    open=(with_backend(OFFLOADED, port=UNKNOWN),),
    covers=("LB011",),
)
