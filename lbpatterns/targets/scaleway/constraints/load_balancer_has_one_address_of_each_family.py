"""A public load balancer has one IPv4 address, and one IPv6 address at most."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, unknown, violated
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import UNKNOWN, Mode
from lbpatterns.targets.scaleway.defaults import items
from lbpatterns.targets.scaleway.examples import LEFT_OUT, LOOSE_OFFLOADED, OFFLOADED, with_balancer, with_words
from lbpatterns.targets.scaleway.modes import is_ipv6
from lbpatterns.targets.scaleway.words import Reference, ScalewayConfiguration

_IP = Reference("ips", "shop-ip")
_TWO = with_balancer(
    with_words(LOOSE_OFFLOADED, "ips", "second", is_ipv6=True), ip_ids=[_IP, Reference("ips", "second")]
)


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    addresses = items(configuration.load_balancer, "ip_ids")
    if addresses is UNKNOWN:
        yield unknown("load_balancer.ip_ids")
        return
    # Of an address that is not of this stack, nobody here knows the family; it is taken for the one that is lacking.
    families = [is_ipv6(configuration, each) for each in addresses if not isinstance(each, str)]
    ipv6, ipv4 = families.count(True), families.count(False)
    if len(addresses) > 2 or ipv6 > 1 or ipv4 > 1:
        yield violated("load_balancer.ip_ids", f"there are {len(addresses)} of them, and two of one family")
    elif addresses and ipv6 == len(addresses):
        yield violated("load_balancer.ip_ids", "there is no IPv4 address among them")
    elif UNKNOWN in families:
        yield unknown("load_balancer.ip_ids")


CONSTRAINT = Constraint(
    id="load-balancer-has-one-address-of-each-family",
    title="A public load balancer has one IPv4 address, and one IPv6 address at most.",
    why="A public load balancer has to have an IPv4 address, and takes one of each family; another combination is "
    "refused when it is created.",
    fix="Give in `ip_ids` one `loadbalancers.Ip`, and one with `is_ipv6=True` beside it if clients come over IPv6.",
    source=scaleway_page(
        "reference-content/load-balancers-limitations",
        "a public load balancer has an IPv4 address, and supports one of each family at a time",
    ),
    binding=Binding.DOCUMENTED,
    modes=frozenset(Mode),
    check=_check,
    holds=(OFFLOADED, LOOSE_OFFLOADED, _TWO),
    fails=(
        with_words(_TWO, "ips", "second", is_ipv6=LEFT_OUT),
        with_words(LOOSE_OFFLOADED, "ips", "shop-ip", is_ipv6=True),
    ),
    open=(with_balancer(LOOSE_OFFLOADED, ip_ids=[UNKNOWN]), with_words(_TWO, "ips", "second", is_ipv6=UNKNOWN)),
    symptom="The update fails at the load balancer.",
    covers=("LB072",),
)
