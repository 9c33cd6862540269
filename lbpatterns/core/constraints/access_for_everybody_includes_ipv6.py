"""An access rule for all of IPv4 is one for all of IPv6 too, where clients come by both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Evidence, Found, Severity, unknown, violated
from lbpatterns.core.examples import BRIDGED
from lbpatterns.core.names import network
from lbpatterns.core.sources import scaleway_resource
from lbpatterns.core.spec import UNKNOWN, AccessAction, AccessRule, LBSpec, Mode

_BOTH = replace(BRIDGED, ipv6=True)
_OLD = AccessRule(action=AccessAction.DENY, networks=("0.0.0.0/0",))


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for index, rule in enumerate(spec.access):
        if not spec.ipv6 or rule.invert:
            continue
        known = [network(each) for each in rule.networks if each is not UNKNOWN]
        if any(each is not None and each.version == 6 for each in known):
            continue
        place = f"access[{index}].networks"
        if UNKNOWN in rule.networks:
            yield unknown(place)
        elif any(each is not None and each.version == 4 and each.prefixlen == 0 for each in known):
            yield violated(place, "all of IPv4, and nothing of IPv6")


CONSTRAINT = Constraint(
    id="access-for-everybody-includes-ipv6",
    title="An access rule for all of IPv4 is one for all of IPv6 too, where clients come by both.",
    why="0.0.0.0/0 says everybody only where there is no IPv6: clients that come by their IPv6 address pass the rule "
    "by.",
    fix="Leave `networks` out, which says everybody; or name `::/0` as well.",
    fix_by_hand={
        "scaleway": 'Write `"ip_subnets": ["0.0.0.0/0", "::/0"]` in the `match` of the ACL; left out, it is all of '
        "IPv4 alone."
    },
    symptom="Clients that come by IPv6 get in where nobody should, or are not redirected.",
    source=scaleway_resource("lb_acl", "a rule matches the networks that it lists, IPv4 and IPv6 each"),
    binding=Binding.ADVISED,
    evidence=Evidence.INFERRED,
    severity=Severity.HIGH,
    modes=frozenset(Mode),
    check=_check,
    holds=(
        replace(_BOTH, access=(AccessRule(action=AccessAction.DENY),)),
        replace(_BOTH, access=(replace(_OLD, networks=("0.0.0.0/0", "::/0")),)),
    ),
    fails=(replace(_BOTH, access=(_OLD,)),),
    open=(replace(_BOTH, access=(replace(_OLD, networks=("0.0.0.0/0", UNKNOWN)),)),),
    not_applicable=(replace(BRIDGED, access=(_OLD,)),),
    covers=("LB032",),
)
