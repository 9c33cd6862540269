"""HTTP/3 is offered only in front of a backend that speaks HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity, violated
from lbpatterns.core.examples import BRIDGED, with_backend, with_frontend
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import LBSpec, Mode, Protocol


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for index, frontend in enumerate(spec.frontends):
        if frontend.http3 and spec.backend.protocol is not Protocol.HTTP:
            yield violated(f"frontends[{index}].http3", f"it is on, and the backend speaks {spec.backend.protocol}")


CONSTRAINT = Constraint(
    id="http3-needs-an-http-backend",
    title="HTTP/3 is offered only in front of a backend that speaks HTTP.",
    why="The load balancer translates HTTP/3 into what the servers speak, and for that it has to read the requests.",
    fix="Let the backend speak HTTP, or leave `http3` out.",
    fix_by_hand={
        "scaleway": 'Set `forward_protocol="http"` on the Backend, or remove `enable_http3` from the Frontend.'
    },
    symptom="None: the setting is stored, and browsers stay with HTTP/1.1.",
    source=scaleway_page(
        "reference-content/http2-http3",
        "HTTP/3 needs a frontend with a certificate that is attached to an HTTP backend",
    ),
    binding=Binding.DOCUMENTED,
    severity=Severity.LOW,
    modes=frozenset({Mode.BRIDGED}),
    check=_check,
    holds=(with_frontend(BRIDGED, http3=True),),
    fails=(with_frontend(with_backend(BRIDGED, protocol=Protocol.TCP), http3=True),),
    not_applicable=(BRIDGED,),
    covers=("C65", "LB026"),
)
