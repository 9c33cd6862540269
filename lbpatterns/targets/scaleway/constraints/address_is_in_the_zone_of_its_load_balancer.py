"""The addresses of a load balancer are in its zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity
from lbpatterns.core.spec import UNKNOWN, Maybe, Mode
from lbpatterns.targets.scaleway.constraints._answers import answer
from lbpatterns.targets.scaleway.constraints._sources import flexible_ips
from lbpatterns.targets.scaleway.defaults import items, text
from lbpatterns.targets.scaleway.examples import LOOSE_OFFLOADED, OFFLOADED, with_balancer, with_words
from lbpatterns.targets.scaleway.modes import find
from lbpatterns.targets.scaleway.words import ScalewayConfiguration

_APART = with_balancer(with_words(LOOSE_OFFLOADED, "ips", "shop-ip", zone="fr-par-1"), zone="nl-ams-1")


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    zone = text("load_balancer", configuration.load_balancer, "zone")
    addresses = items(configuration.load_balancer, "ip_ids")
    for at, each in enumerate([UNKNOWN] if addresses is UNKNOWN else addresses):
        other = _zone(configuration, each)
        if zone is None or other is None:
            continue  # the provider's own zone, which no word says
        broken = UNKNOWN if zone is UNKNOWN or other is UNKNOWN else zone != other
        yield from answer(broken, f"load_balancer.ip_ids[{at}]", f"it is in {other}, the load balancer in {zone}")


def _zone(configuration: ScalewayConfiguration, address: Any) -> Maybe[str] | None:
    key = find(configuration, "ips", address)
    if key is not None:
        return text("ips", configuration.ips[key], "zone")
    if isinstance(address, str):
        return address.rpartition("/")[0] or None
    return UNKNOWN


CONSTRAINT = Constraint(
    id="address-is-in-the-zone-of-its-load-balancer",
    title="The addresses of a load balancer are in its zone.",
    why="An address belongs to a zone and cannot leave it; a load balancer in another one is refused when it is "
    "created.",
    fix="Give the `loadbalancers.Ip` and the LoadBalancer the same `zone`.",
    source=flexible_ips("an address can be used with another load balancer of the same zone"),
    binding=Binding.DOCUMENTED,
    modes=frozenset(Mode),
    check=_check,
    holds=(
        OFFLOADED,
        LOOSE_OFFLOADED,
        with_balancer(LOOSE_OFFLOADED, zone="nl-ams-1", ip_ids=["nl-ams-1/6b5b9a16-fd2b-4d0e-9a6e-0d2f6d1b1c11"]),
    ),
    fails=(_APART,),
    open=(with_balancer(_APART, zone=UNKNOWN), with_words(_APART, "ips", "shop-ip", zone=UNKNOWN)),
    symptom="The update fails at the load balancer: `has different locality than the resource`.",
    severity=Severity.LOW,
    covers=("LB073",),
)
