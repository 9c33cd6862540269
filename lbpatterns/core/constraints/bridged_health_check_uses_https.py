"""A health check behind a bridged load balancer sees the servers' certificate."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, violated
from lbpatterns.core.examples import BRIDGED, with_backend
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import HealthCheck, HealthProtocol, LBSpec, Mode


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for place, backend in spec.backend_places():
        if backend.health_check is not None and backend.health_check.protocol is HealthProtocol.TCP:
            yield violated(f"{place}.health_check.protocol", "tcp only asks whether a connection is accepted")


CONSTRAINT = Constraint(
    id="bridged-health-check-uses-https",
    title="A health check behind a bridged load balancer sees the servers' certificate.",
    why="A connection is accepted with an expired or a wrong certificate just the same: the check passes, and no "
    "request does.",
    fix="Leave the `protocol` of the health check out: it is https for a bridged load balancer.",
    fix_by_hand={
        "scaleway": "Replace `health_check_tcp` of the Backend, which it has where no check is given, by "
        "`health_check_https`, with a `uri` and the name of the servers as `sni`."
    },
    symptom="After the servers' certificate has expired, all of them are up for the load balancer and every client "
    "gets 503.",
    source=scaleway_page(
        "reference-content/configuring-health-checks",
        "a TCP health check is a connection attempt, nothing more",
    ),
    binding=Binding.ADVISED,
    modes=frozenset({Mode.BRIDGED}),
    check=_check,
    holds=(BRIDGED,),
    fails=(with_backend(BRIDGED, health_check=HealthCheck(protocol=HealthProtocol.TCP)),),
    not_applicable=(with_backend(BRIDGED, health_check=None),),
    covers=("B20", "LB060"),
)
