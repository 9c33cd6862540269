"""Only a load balancer that passes connections through routes by server name (SNI)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, violated
from lbpatterns.core.examples import BRIDGED, OFFLOADED
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import LBSpec, Mode, Route


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for index, route in enumerate(spec.routes):
        if route.server_names:
            yield violated(f"routes[{index}].server_names", f"{len(route.server_names)}, and the mode is {spec.mode}")


CONSTRAINT = Constraint(
    id="server-names-route-only-in-passthrough",
    title="Only a load balancer that passes connections through routes by server name (SNI).",
    why="The server name is said once a connection; browsers use a connection for several hosts, and all requests "
    "after the first would go where the first one went.",
    fix="Route by `host`, which every request says; or declare a PassthroughLB.",
    fix_by_hand={
        "scaleway": "Route by `match_host_header`, which every request says; or pass connections through, without "
        '`certificate_ids` on the Frontend, with `forward_protocol="tcp"` and without `ssl_bridging` on the Backend.'
    },
    symptom="The route is refused while it is created; where it is not, requests for one host reach the servers of "
    "another.",
    source=scaleway_page(
        "reference-content/sni-route-deprecation", "routes by SNI to HTTP backends were removed on 1 June 2023"
    ),
    binding=Binding.DOCUMENTED,
    modes=frozenset({Mode.OFFLOADED, Mode.BRIDGED}),
    check=_check,
    holds=(replace(BRIDGED, routes=(Route(backend=BRIDGED.backend, host="a.example.test"),)),),
    fails=(replace(OFFLOADED, routes=(Route(backend=OFFLOADED.backend, server_names=("a.example.test",)),)),),
    not_applicable=(BRIDGED,),
    covers=("B10", "C67", "LB022", "LB025"),
)
