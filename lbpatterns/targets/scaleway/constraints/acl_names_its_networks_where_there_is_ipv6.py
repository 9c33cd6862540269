"""On a load balancer with IPv6, an ACL names its networks, and everybody in both families."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Evidence, Found, Severity
from lbpatterns.core.spec import UNKNOWN, Maybe, Mode
from lbpatterns.targets.scaleway.constraints._answers import answer
from lbpatterns.targets.scaleway.constraints._sources import recording
from lbpatterns.targets.scaleway.defaults import all_of, flag, items, opposite
from lbpatterns.targets.scaleway.examples import LOOSE_OFFLOADED, acl, with_balancer, with_frontend, with_words
from lbpatterns.targets.scaleway.modes import IPV4, IPV6, Acl, a_declaration_shows, all_acls, has_ipv6, match_of
from lbpatterns.targets.scaleway.words import EVERYBODY, Reference, ScalewayConfiguration

_DUAL = with_balancer(
    with_words(LOOSE_OFFLOADED, "ips", "shop-ipv6", is_ipv6=True),
    ip_ids=[Reference("ips", "shop-ip"), Reference("ips", "shop-ipv6")],
)
_TO_HTTPS = {"type": "scheme", "target": "https", "code": 301}


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    dual = has_ipv6(configuration)
    for each, frontend in all_acls(configuration):
        # Where networks are named, the core's rule speaks of the frontends that it sees.
        wrong = _names_none(each) if a_declaration_shows(configuration, frontend) else _names_one_family(each)
        found = "everybody of one family; left out, that is IPv4"
        yield from answer(all_of([dual, wrong]), f"{each.place}.match.ip_subnets", found)


def _names_none(acl: Acl) -> Maybe[bool]:
    match = match_of(acl)
    subnets = UNKNOWN if match is UNKNOWN else items(match, "ip_subnets")
    if match is UNKNOWN or subnets is UNKNOWN:
        return UNKNOWN
    return all_of([not subnets, opposite(flag("match", match, "ips_edge_services"))])


def _names_one_family(acl: Acl) -> Maybe[bool]:
    match = match_of(acl)
    subnets = UNKNOWN if match is UNKNOWN else items(match, "ip_subnets")
    if match is UNKNOWN or subnets is UNKNOWN or not subnets:
        return _names_none(acl)
    if IPV4 in subnets and IPV6 in subnets:
        return False
    return UNKNOWN if UNKNOWN in subnets else IPV4 in subnets or IPV6 in subnets


CONSTRAINT = Constraint(
    id="acl-names-its-networks-where-there-is-ipv6",
    title="On a load balancer with IPv6, an ACL names its networks, and everybody in both families.",
    why="Where networks are left out, the provider says 0.0.0.0/0, and that is IPv4 alone: clients that come over IPv6 "
    "pass by the ACL, be it a redirect to HTTPS or a deny of a path.",
    fix='Write `"ip_subnets": ["0.0.0.0/0", "::/0"]` in the `match`.',
    source=recording("acl-basic", "an ACL without networks is sent, and answered, with 0.0.0.0/0"),
    binding=Binding.ADVISED,
    modes=frozenset(Mode),
    check=_check,
    holds=(_DUAL, with_frontend(_DUAL, acls=[acl("deny", ip_subnets=[*EVERYBODY])])),
    fails=(
        with_frontend(_DUAL, acls=[acl("deny", http_filter="path_begin", http_filter_values=["/admin"])]),
        with_words(_DUAL, "frontends", "http", acls=[acl("redirect", redirect=_TO_HTTPS)]),
        with_words(_DUAL, "frontends", "http", acls=[acl("redirect", redirect=_TO_HTTPS, ip_subnets=["0.0.0.0/0"])]),
    ),
    open=(
        with_words(_DUAL, "frontends", "http", acls=[acl("deny", ip_subnets=["0.0.0.0/0", UNKNOWN])]),
        with_frontend(with_balancer(LOOSE_OFFLOADED, ip_ids=UNKNOWN), acls=[acl("deny", http_filter="path_begin")]),
    ),
    not_applicable=(with_frontend(LOOSE_OFFLOADED, acls=[acl("deny")]),),
    symptom="Over IPv6, http:// is not redirected and denied paths are open.",
    evidence=Evidence.RECORDED,
    severity=Severity.HIGH,
    covers=("LB032",),
)
