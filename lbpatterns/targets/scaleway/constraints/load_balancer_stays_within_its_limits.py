"""A load balancer has no more parts than Scaleway allows."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date
from typing import Final

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity, unknown, violated
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import UNKNOWN, Mode
from lbpatterns.targets.scaleway.defaults import items, place
from lbpatterns.targets.scaleway.examples import LOOSE_OFFLOADED, OFFLOADED, acl, with_balancer, with_frontend
from lbpatterns.targets.scaleway.modes import LooseConfiguration, all_acls
from lbpatterns.targets.scaleway.words import BALANCER, Reference, ScalewayConfiguration

_MOST: Final = {"certificates": 200, "frontends": 300, "backends": 300, "ACLs": 300, "private networks": 8}


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    inside = items(configuration.load_balancer, "private_networks")
    beside = configuration.private_networks if isinstance(configuration, LooseConfiguration) else {}
    counts = {
        "certificates": len(configuration.certificates),
        "frontends": len(configuration.frontends),
        "backends": len(configuration.backends),
        "ACLs": sum(1 for _ in all_acls(configuration)),
        "private networks": len(beside) + (0 if inside is UNKNOWN else len(inside)),
    }
    if inside is UNKNOWN:
        yield unknown("load_balancer.private_networks")
    for key, words in configuration.frontends.items():
        if items(words, "acls") is UNKNOWN:
            yield unknown(place("frontends", key, "acls"))
    for what, count in counts.items():
        if count > _MOST[what]:
            yield violated("load_balancer", f"it has {count} {what}; {_MOST[what]} is the most")


def _with_certificates(count: int) -> LooseConfiguration:
    more = {
        f"shop-{number}": {"lb_id": BALANCER, "letsencrypt": {"common_name": f"{number}.example.test"}}
        for number in range(count)
    }
    return dataclasses.replace(LOOSE_OFFLOADED, certificates={**LOOSE_OFFLOADED.certificates, **more})


CONSTRAINT = Constraint(
    id="load-balancer-stays-within-its-limits",
    title="A load balancer has no more parts than Scaleway allows.",
    why="The first one above the limit is refused, in the middle of an update, with everything that depends on it.",
    fix="Split the load balancer, or serve several names with one Certificate and several hosts with one Frontend.",
    source=scaleway_page(
        "reference-content/load-balancers-limitations", "200 certificates; 300 frontends, backends and ACLs each"
    ),
    binding=Binding.DOCUMENTED,
    modes=frozenset(Mode),
    check=_check,
    holds=(OFFLOADED, _with_certificates(199)),
    fails=(
        _with_certificates(200),
        with_frontend(LOOSE_OFFLOADED, acls=[acl("deny", ip_subnets=["192.0.2.1"])] * 300),
        with_balancer(LOOSE_OFFLOADED, private_networks=[{"private_network_id": Reference("networks", "n")}] * 9),
    ),
    open=(with_balancer(LOOSE_OFFLOADED, private_networks=UNKNOWN),),
    symptom="The update fails with `quotas exceeded`.",
    severity=Severity.LOW,
    covers=("LB069",),
)
