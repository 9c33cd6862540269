"""An ACL matches networks, or the addresses of Edge Services, and not both."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity
from lbpatterns.core.sources import scaleway_resource
from lbpatterns.core.spec import UNKNOWN, Mode
from lbpatterns.targets.scaleway.constraints._answers import answer
from lbpatterns.targets.scaleway.defaults import all_of, flag, items
from lbpatterns.targets.scaleway.examples import LOOSE_OFFLOADED, acl, with_frontend
from lbpatterns.targets.scaleway.modes import all_acls, match_of
from lbpatterns.targets.scaleway.words import ScalewayConfiguration


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    for each, _ in all_acls(configuration):
        match = match_of(each)
        subnets = UNKNOWN if match is UNKNOWN else items(match, "ip_subnets")
        by_edge = UNKNOWN if match is UNKNOWN else flag("match", match, "ips_edge_services")
        broken = all_of([by_edge, UNKNOWN if subnets is UNKNOWN else bool(subnets)])
        yield from answer(broken, f"{each.place}.match.ip_subnets", "they are given beside `ips_edge_services`")


CONSTRAINT = Constraint(
    id="acl-matches-networks-or-edge-services",
    title="An ACL matches networks, or the addresses of Edge Services, and not both.",
    why="The provider drops `ip_subnets` where `ips_edge_services` is true, and says nothing: whom they were to let in "
    "or keep out is not matched.",
    fix="Make two ACLs of it: one with `ip_subnets`, one with `ips_edge_services`.",
    source=scaleway_resource("lb_acl", "only one of `ip_subnet` and `ips_edge_services` is to be specified"),
    binding=Binding.DOCUMENTED,
    modes=frozenset(Mode),
    check=_check,
    holds=(
        with_frontend(LOOSE_OFFLOADED, acls=[acl("allow", ips_edge_services=True), acl("deny", ip_subnets=["::/0"])]),
    ),
    fails=(with_frontend(LOOSE_OFFLOADED, acls=[acl("deny", ips_edge_services=True, ip_subnets=["192.0.2.1"])]),),
    open=(with_frontend(LOOSE_OFFLOADED, acls=[acl("allow", ips_edge_services=UNKNOWN, ip_subnets=["192.0.2.1"])]),),
    not_applicable=(LOOSE_OFFLOADED,),
    symptom="Clients of those networks are treated as everybody else.",
    severity=Severity.MEDIUM,
    covers=("LB033",),
)
