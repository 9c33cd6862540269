"""A backend has a server, or a static site that answers in its place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, violated
from lbpatterns.core.examples import BRIDGED, OFFLOADED, with_backend
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import LBSpec, Mode


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for place, backend in spec.backend_places():
        if not backend.servers and backend.failover_host is None:
            yield violated(f"{place}.servers", "there is none")


CONSTRAINT = Constraint(
    id="backend-has-servers",
    title="A backend has a server, or a static site that answers in its place.",
    why="Without a server there is nobody to hand requests to.",
    fix="List the addresses of the `servers`; waive this rule where something else adds them later, as a group that "
    "scales by itself does.",
    fix_by_hand={
        "scaleway": "List the addresses of the servers in `server_ips` of the Backend; waive this rule where something "
        "else adds them later, as a group that scales by itself does."
    },
    symptom="Every client gets 503.",
    source=scaleway_page("concepts", "each backend must specify one or more backend servers"),
    binding=Binding.ADVISED,
    modes=frozenset(Mode),
    check=_check,
    holds=(BRIDGED, with_backend(OFFLOADED, servers=(), failover_host="shop.s3-website.fr-par.scw.cloud")),
    fails=(with_backend(BRIDGED, servers=()),),
    covers=("LB06A",),
)
