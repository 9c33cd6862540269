"""A load balancer without a public address is attached to a private network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, violated
from lbpatterns.core.examples import BRIDGED
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import LBSpec, Mode


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    if not spec.public and not spec.private_networks:
        yield violated("network.private", "there is none, and there is no public address either")


CONSTRAINT = Constraint(
    id="private-load-balancer-has-a-private-network",
    title="A load balancer without a public address is attached to a private network.",
    why="With neither of them it has no address at all, and nobody can reach it.",
    fix="Name the private networks in `network` (`private`), or leave `public` at True.",
    fix_by_hand={
        "scaleway": "Name the private network in `private_networks` of the LoadBalancer; or make a `loadbalancers.Ip` "
        "and give its id in `ip_ids`, in place of `assign_flexible_ip`."
    },
    symptom="The load balancer is built and billed, and no client can connect to it.",
    source=scaleway_page(
        "reference-content/public-private-accessibility",
        "a private load balancer is reached only from the private networks that it is attached to",
    ),
    binding=Binding.DOCUMENTED,
    modes=frozenset(Mode),
    check=_check,
    holds=(replace(BRIDGED, public=False, private_networks=("fr-par/one",)),),
    fails=(replace(BRIDGED, public=False),),
    not_applicable=(BRIDGED,),
    covers=("C59", "LB071"),
)
