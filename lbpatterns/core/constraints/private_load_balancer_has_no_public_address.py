"""A load balancer without a public address has no public IPv6 address either."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, violated
from lbpatterns.core.examples import BRIDGED
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import LBSpec, Mode

_PRIVATE = replace(BRIDGED, public=False, private_networks=("fr-par/one",))


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    if not spec.public and spec.ipv6:
        yield violated("network.ipv6", "it is on, and the load balancer has no public address")


CONSTRAINT = Constraint(
    id="private-load-balancer-has-no-public-address",
    title="A load balancer without a public address has no public IPv6 address either.",
    why="An IPv6 address is a public one beside the IPv4 one, never instead of it: what was to be private would be "
    "on the Internet, or is not built.",
    fix="Leave `ipv6` out of `network`, or leave `public` at True.",
    symptom="The load balancer is refused while it is created.",
    source=scaleway_page(
        "reference-content/load-balancers-limitations", "a public load balancer cannot have an IPv6 address alone"
    ),
    binding=Binding.DOCUMENTED,
    modes=frozenset(Mode),
    check=_check,
    holds=(_PRIVATE, replace(BRIDGED, ipv6=True)),
    fails=(replace(_PRIVATE, ipv6=True),),
    not_applicable=(BRIDGED,),
    covers=("C59", "C73", "LB072"),
)
