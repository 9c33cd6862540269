"""The public address of a load balancer is a resource of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Evidence, Found
from lbpatterns.core.spec import UNKNOWN, Mode
from lbpatterns.targets.scaleway.constraints._answers import answer
from lbpatterns.targets.scaleway.constraints._sources import recording
from lbpatterns.targets.scaleway.defaults import all_of, flag, items, read
from lbpatterns.targets.scaleway.examples import LEFT_OUT, LOOSE_OFFLOADED, LOOSE_PASSTHROUGH, OFFLOADED, with_balancer
from lbpatterns.targets.scaleway.words import ScalewayConfiguration


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    words = configuration.load_balancer
    addresses = items(words, "ip_ids")
    broken = all_of(
        [
            UNKNOWN if addresses is UNKNOWN else not addresses,
            read("load_balancer", words, "ip_id") is None,
            flag("load_balancer", words, "assign_flexible_ip"),
        ]
    )
    yield from answer(
        broken, "load_balancer.ip_ids", "there is none, so an address is made that no resource stands for"
    )


CONSTRAINT = Constraint(
    id="address-is-a-resource-of-its-own",
    title="The public address of a load balancer is a resource of its own.",
    why="An address that comes with the load balancer is not deleted with it: the provider always leaves it, and it is "
    "billed on. And a load balancer that is replaced gets another one, while DNS still has the old.",
    fix="Make a `loadbalancers.Ip` and give its id in `ip_ids`; or set `assign_flexible_ip=False` for a load balancer "
    "without a public address.",
    source=recording(
        "lb-assigned-ips", "the load balancer is deleted without its addresses, and nothing deletes those"
    ),
    binding=Binding.ADVISED,
    modes=frozenset(Mode),
    check=_check,
    holds=(
        OFFLOADED,
        LOOSE_OFFLOADED,
        with_balancer(LOOSE_PASSTHROUGH, ip_ids=LEFT_OUT, assign_flexible_ip=False, private_networks=[{}]),
    ),
    fails=(
        with_balancer(LOOSE_OFFLOADED, ip_ids=LEFT_OUT),
        with_balancer(LOOSE_OFFLOADED, ip_ids=[], assign_flexible_ip=True),
    ),
    open=(
        with_balancer(LOOSE_OFFLOADED, ip_ids=UNKNOWN),
        with_balancer(LOOSE_PASSTHROUGH, ip_ids=[], assign_flexible_ip=UNKNOWN),
    ),
    symptom="After `pulumi destroy` the bill goes on for an address that nothing uses.",
    evidence=Evidence.RECORDED,
    covers=("LB070",),
)
