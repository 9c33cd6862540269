"""Every port of a load balancer is listened on once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, Source, unknown, violated
from lbpatterns.core.examples import BRIDGED, CERTIFICATE, with_frontend
from lbpatterns.core.spec import UNKNOWN, Frontend, LBSpec, Mode


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    taken: dict[int, str] = {}
    for index, frontend in enumerate(spec.frontends):
        ports = {"port": frontend.port, "redirect_http_port": frontend.redirect_http_port}
        for field, port in ports.items():
            place = f"frontends[{index}].{field}"
            if port is UNKNOWN:
                yield unknown(place)
            elif port is not None and port in taken:
                yield violated(place, f"{port} is already {taken[port]}")
            elif port is not None:
                taken[port] = place


CONSTRAINT = Constraint(
    id="frontend-ports-do-not-clash",
    title="Every port of a load balancer is listened on once.",
    why="Two frontends on one port cannot both be answered; clouds refuse the second one in the middle of an update.",
    fix="Give each frontend a port of its own, and redirect from HTTP on one of them only.",
    source=Source(
        "Scaleway, Configuring your Load Balancer's frontend",
        "https://www.scaleway.com/en/docs/load-balancer/reference-content/configuring-frontends/",
        "several frontends listen on different ports",
    ),
    binding=Binding.DOCUMENTED,
    modes=frozenset(Mode),
    check=_check,
    holds=(BRIDGED, with_frontend(BRIDGED, redirect_http_port=80)),
    fails=(
        with_frontend(BRIDGED, redirect_http_port=443),
        replace(BRIDGED, frontends=(*BRIDGED.frontends, Frontend(port=443, certificates=(CERTIFICATE,)))),
    ),
    open=(with_frontend(BRIDGED, port=UNKNOWN),),
    symptom="The second frontend fails to be created, in the middle of an update.",
    covers=("LB068",),
)
