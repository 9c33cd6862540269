"""A frontend with a certificate does not listen on port 80."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, unknown, violated
from lbpatterns.core.examples import BRIDGED, PASSTHROUGH, with_frontend
from lbpatterns.core.sources import scaleway_resource
from lbpatterns.core.spec import UNKNOWN, LBSpec, Mode


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for index, frontend in enumerate(spec.frontends):
        if not frontend.certificates:
            continue
        if frontend.port is UNKNOWN:
            yield unknown(f"frontends[{index}].port")
        elif frontend.port == 80:
            yield violated(f"frontends[{index}].port", "it is 80, and the frontend holds a certificate")


CONSTRAINT = Constraint(
    id="certificate-is-not-on-port-80",
    title="A frontend with a certificate does not listen on port 80.",
    why="Clients speak plain HTTP to port 80; a certificate there answers nobody, and the port is then taken for the "
    "redirect and for the challenge of Let's Encrypt.",
    fix="Let the frontend listen on 443 and answer on 80 with `redirect_http=True`.",
    fix_by_hand={
        "scaleway": "Set `inbound_port=443` on the Frontend that has `certificate_ids`, and let another one without "
        "them redirect to HTTPS on port 80."
    },
    symptom="The frontend is refused while it is created; or browsers that come by http:// get an error instead of a "
    "page.",
    source=scaleway_resource("lb_frontend", "certificates are not allowed on port 80"),
    binding=Binding.DOCUMENTED,
    modes=frozenset({Mode.OFFLOADED, Mode.BRIDGED}),
    check=_check,
    holds=(BRIDGED, with_frontend(BRIDGED, redirect_http_port=80)),
    fails=(with_frontend(BRIDGED, port=80),),
    open=(with_frontend(BRIDGED, port=UNKNOWN),),
    not_applicable=(with_frontend(PASSTHROUGH, port=80),),
    covers=("C58", "LB040"),
)
