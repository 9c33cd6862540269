"""The backends of a bridged load balancer speak HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity, violated
from lbpatterns.core.examples import BRIDGED, with_backend
from lbpatterns.core.layer_7 import asked
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import LBSpec, Mode, Protocol


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    if any(not wish.possible for wish in asked(spec)) or any(frontend.http3 for frontend in spec.frontends):
        return  # another rule says more of it
    for place, backend in spec.backend_places():
        if backend.protocol is Protocol.TCP:
            yield violated(f"{place}.protocol", "it is tcp")


CONSTRAINT = Constraint(
    id="bridged-backend-speaks-http",
    title="The backends of a bridged load balancer speak HTTP.",
    why="Over TCP it is still bridging, but the load balancer has decrypted for nothing: no X-Forwarded-Proto, no "
    "HTTP/2, no routes by host or path, no cookies.",
    fix="Let the protocol of the backend be HTTP, unless what travels inside TLS is no HTTP.",
    fix_by_hand={
        "scaleway": 'Set `forward_protocol="http"` on the Backend, unless what travels inside TLS is no HTTP.'
    },
    symptom="Servers see the load balancer's address for their client's, and those that go by X-Forwarded-Proto "
    "redirect to HTTPS for ever.",
    source=scaleway_page(
        "reference-content/http2-http3",
        "HTTP/2 and HTTP/3 are spoken on frontends that are attached to an HTTP backend",
    ),
    binding=Binding.ADVISED,
    severity=Severity.LOW,
    modes=frozenset({Mode.BRIDGED}),
    check=_check,
    holds=(BRIDGED,),
    fails=(with_backend(BRIDGED, protocol=Protocol.TCP),),
    covers=("A5", "C65"),
)
