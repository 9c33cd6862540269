"""A redirect says where to, by a scheme or a location, and nothing else has one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, violated
from lbpatterns.core.examples import BRIDGED
from lbpatterns.core.sources import scaleway_resource
from lbpatterns.core.spec import AccessAction, AccessRule, LBSpec, Mode, Redirect


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for index, rule in enumerate(spec.access):
        place = f"access[{index}].redirect"
        if rule.action is not AccessAction.REDIRECT:
            if rule.redirect is not None:
                yield violated(place, f"it is given, and the action is {rule.action}")
        elif rule.redirect is None:
            yield violated(place, "there is none, and the action is redirect")
        elif (rule.redirect.scheme is None) == (rule.redirect.location is None):
            both = rule.redirect.scheme is not None
            yield violated(place, "it has a scheme and a location" if both else "it has neither scheme nor location")


def _redirecting(redirect: Redirect | None, action: AccessAction = AccessAction.REDIRECT) -> LBSpec:
    return replace(BRIDGED, access=(AccessRule(action=action, redirect=redirect),))


CONSTRAINT = Constraint(
    id="redirect-says-where-to",
    title="A redirect says where to, by a scheme or a location, and nothing else has one.",
    why="There is one Location in an answer; without it, or with two of them, nobody can tell where the client is to "
    "go.",
    fix="Give `redirect` with either `scheme` or `location` where the `action` is redirect, and leave it out "
    "elsewhere.",
    symptom="The rule is taken and redirects nobody, or is refused while it is created.",
    source=scaleway_resource("lb_acl", "a redirect is of one type, location or scheme, and has a target"),
    binding=Binding.DOCUMENTED,
    modes=frozenset({Mode.OFFLOADED, Mode.BRIDGED}),
    check=_check,
    holds=(_redirecting(Redirect(location="https://new.example.test/")),),
    fails=(
        _redirecting(None),
        _redirecting(Redirect()),
        _redirecting(Redirect(scheme="ftp", location="https://new.example.test/")),
        _redirecting(Redirect(location="https://new.example.test/"), AccessAction.DENY),
    ),
    not_applicable=(BRIDGED, _redirecting(None, AccessAction.DENY)),
    covers=("LB029",),
)
