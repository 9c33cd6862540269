"""A load balancer is attached to private networks by its own arguments, or by resources, and not by both."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Evidence, Found
from lbpatterns.core.sources import scaleway_resource
from lbpatterns.core.spec import UNKNOWN, Mode
from lbpatterns.targets.scaleway.constraints._answers import answer
from lbpatterns.targets.scaleway.defaults import items
from lbpatterns.targets.scaleway.examples import LOOSE_OFFLOADED, OFFLOADED, with_balancer
from lbpatterns.targets.scaleway.modes import LooseConfiguration
from lbpatterns.targets.scaleway.words import BALANCER, ScalewayConfiguration

_INSIDE = with_balancer(LOOSE_OFFLOADED, private_networks=[{"private_network_id": "fr-par/one"}])
_ATTACHED = {"second": {"lb_id": BALANCER, "private_network_id": "fr-par/two"}}


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    if isinstance(configuration, LooseConfiguration) and configuration.private_networks:
        inside = items(configuration.load_balancer, "private_networks")
        broken = UNKNOWN if inside is UNKNOWN else bool(inside)
        others = ", ".join(configuration.private_networks)
        yield from answer(broken, "load_balancer.private_networks", f"it has some, and {others} attach it to more")


CONSTRAINT = Constraint(
    id="private-networks-are-attached-in-one-way",
    title="A load balancer is attached to private networks by its own arguments, or by resources, and not by both.",
    why="The load balancer detaches what is not among its `private_networks`, and the PrivateNetwork resource attaches "
    "it again: servers there cannot be reached after every second update.",
    fix="Name all networks in `private_networks` of the LoadBalancer; or set `external_private_networks=True` there, "
    "and make a `loadbalancers.PrivateNetwork` of each.",
    source=scaleway_resource("lb", "with `external_private_networks`, no private network is set in the load balancer"),
    binding=Binding.DOCUMENTED,
    modes=frozenset(Mode),
    check=_check,
    holds=(
        OFFLOADED,
        _INSIDE,
        dataclasses.replace(with_balancer(LOOSE_OFFLOADED, external_private_networks=True), private_networks=_ATTACHED),
    ),
    fails=(dataclasses.replace(_INSIDE, private_networks=_ATTACHED),),
    open=(dataclasses.replace(with_balancer(_INSIDE, private_networks=UNKNOWN), private_networks=_ATTACHED),),
    symptom="Servers in one of the networks are DOWN after an update that did not touch them.",
    evidence=Evidence.DOCUMENTED,
    covers=("LB075",),
)
