"""An access rule that lets somebody in is followed by one that keeps the others out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity, violated
from lbpatterns.core.examples import BRIDGED
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import AccessAction, AccessRule, LBSpec, Mode

_OFFICE = AccessRule(action=AccessAction.ALLOW, networks=("203.0.113.0/24",))
_EVERYBODY = AccessRule(action=AccessAction.DENY)
_SCANNER = AccessRule(action=AccessAction.DENY, networks=("198.51.100.7/32",))


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for index, rule in enumerate(spec.access):
        has_condition = bool(rule.networks) or rule.request is not None
        later = spec.access[index + 1 :]
        if (
            rule.action is AccessAction.ALLOW
            and has_condition
            and all(each.action is AccessAction.ALLOW for each in later)
        ):
            yield violated(f"access[{index}]", "it lets some in, and no rule after it keeps anybody out")


CONSTRAINT = Constraint(
    id="access-allow-is-followed-by-a-deny",
    title="An access rule that lets somebody in is followed by one that keeps the others out.",
    why="Whoever no rule matches is let in; a rule that only allows therefore changes nothing for anybody.",
    fix="Add a rule with `action` deny and nothing else at the end; or turn the rule round: deny with `invert=True`.",
    fix_by_hand={
        "scaleway": 'End `acls` of the Frontend with an ACL of `action` `{"type": "deny"}` and `match` `{"ip_subnets": '
        '["0.0.0.0/0", "::/0"]}`; or turn the ACL round: deny, with `invert=True` in its `match`.'
    },
    symptom="None: the rule is there, and everybody gets in.",
    source=scaleway_page(
        "reference-content/acls", "traffic that reaches the end of the list is allowed; a deny at the end prevents that"
    ),
    binding=Binding.ADVISED,
    severity=Severity.HIGH,
    modes=frozenset(Mode),
    check=_check,
    holds=(
        replace(BRIDGED, access=(_OFFICE, _EVERYBODY)),
        replace(BRIDGED, access=(replace(_OFFICE, action=AccessAction.DENY, invert=True),)),
        replace(BRIDGED, access=(_SCANNER, AccessRule(action=AccessAction.ALLOW))),
    ),
    fails=(replace(BRIDGED, access=(_OFFICE,)), replace(BRIDGED, access=(_SCANNER, _OFFICE))),
    not_applicable=(BRIDGED, replace(BRIDGED, access=(_SCANNER,))),
    covers=("C68",),
)
