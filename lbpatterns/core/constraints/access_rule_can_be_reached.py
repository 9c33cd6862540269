"""No access rule stands behind one that decides for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity, unknown, violated
from lbpatterns.core.examples import BRIDGED
from lbpatterns.core.names import is_everybody
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import UNKNOWN, AccessAction, AccessRule, LBSpec, Mode

_OFFICE = AccessRule(action=AccessAction.ALLOW, networks=("203.0.113.0/24",))
_EVERYBODY = AccessRule(action=AccessAction.DENY)
_WRITTEN_OUT = AccessRule(action=AccessAction.DENY, networks=("0.0.0.0/0", "::/0"))


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for index, rule in enumerate(spec.access[:-1]):
        if rule.request is not None or rule.invert:
            continue
        everybody = is_everybody(rule.networks, ipv6=spec.ipv6 or not spec.public)
        if everybody is None:
            yield unknown(f"access[{index}].networks")
        elif everybody:
            hidden = len(spec.access) - index - 1
            yield violated(f"access[{index}]", f"it decides for everybody, and {hidden} after it never does")
            return


CONSTRAINT = Constraint(
    id="access-rule-can-be-reached",
    title="No access rule stands behind one that decides for everybody.",
    why="The first rule that matches decides, and a rule without a condition matches everybody.",
    fix="Put the rule without `networks` and `request` last, or give it a condition.",
    fix_by_hand={
        "scaleway": "Put the ACL that matches everybody last in `acls` (an Acl resource: give it the highest `index`), "
        "or narrow its `match`."
    },
    symptom="The rules after it do nothing: those whom they should keep out get in, or those whom they should let in "
    "do not.",
    source=scaleway_page(
        "reference-content/acls", "conditional rules go before unconditional ones, or they are never carried out"
    ),
    binding=Binding.DOCUMENTED,
    severity=Severity.HIGH,
    modes=frozenset(Mode),
    check=_check,
    holds=(
        replace(BRIDGED, access=(_OFFICE, _EVERYBODY)),
        replace(BRIDGED, ipv6=True, access=(replace(_OFFICE, networks=("0.0.0.0/0", "2001:db8::/32")), _EVERYBODY)),
    ),
    fails=(
        replace(BRIDGED, access=(_EVERYBODY, replace(_OFFICE, action=AccessAction.DENY))),
        replace(BRIDGED, access=(_WRITTEN_OUT, replace(_OFFICE, action=AccessAction.DENY))),
    ),
    open=(replace(BRIDGED, access=(replace(_OFFICE, networks=(UNKNOWN,)), _EVERYBODY)),),
    not_applicable=(BRIDGED, replace(BRIDGED, access=(_EVERYBODY,))),
    covers=("C68", "LB031"),
)
