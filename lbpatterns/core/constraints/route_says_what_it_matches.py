"""Every route says what it matches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, violated
from lbpatterns.core.examples import BRIDGED, PASSTHROUGH
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import UNKNOWN, LBSpec, Mode, Route


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for index, route in enumerate(spec.routes):
        if route.host is None and route.path_prefix is None and not route.server_names:
            yield violated(f"routes[{index}]", "it names no host, no path and no server name")


CONSTRAINT = Constraint(
    id="route-says-what-it-matches",
    title="Every route says what it matches.",
    why="A route is an exception from the default backend; one that matches nothing in particular either takes "
    "everything or is refused.",
    fix="Give the route a `host`, a `path_prefix` or, in passthrough, `server_names`; or let its backend be the "
    "default one.",
    fix_by_hand={
        "scaleway": "Give the Route a `match_host_header`, a `match_path_begin` or, where connections are passed "
        "through, a `match_sni`; or remove it and let its backend be `backend_id` of the Frontend."
    },
    symptom="The route is refused while it is created, or one of the two backends never sees a request.",
    source=scaleway_page(
        "how-to/create-manage-routes",
        "a route is told from the others by a host or a server name; without a match the default backend answers",
    ),
    binding=Binding.DOCUMENTED,
    modes=frozenset(Mode),
    check=_check,
    holds=(
        replace(BRIDGED, routes=(Route(backend=BRIDGED.backend, path_prefix="/blog"),)),
        replace(BRIDGED, routes=(Route(backend=BRIDGED.backend, host=UNKNOWN),)),
    ),
    fails=(
        replace(BRIDGED, routes=(Route(backend=BRIDGED.backend),)),
        replace(PASSTHROUGH, routes=(Route(backend=PASSTHROUGH.backend),)),
    ),
    not_applicable=(BRIDGED, PASSTHROUGH),
    covers=("LB024",),
)
