"""A redirect answers with a status that clients follow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Final

from lbpatterns.core.constraint import Binding, Constraint, Found, unknown, violated
from lbpatterns.core.examples import BRIDGED
from lbpatterns.core.sources import scaleway_resource
from lbpatterns.core.spec import UNKNOWN, AccessAction, AccessRule, LBSpec, Maybe, Mode, Redirect

_FOLLOWED: Final = (301, 302, 303, 307, 308)


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for index, rule in enumerate(spec.access):
        if rule.redirect is None:
            continue
        place = f"access[{index}].redirect.code"
        if rule.redirect.code is UNKNOWN:
            yield unknown(place)
        elif rule.redirect.code not in _FOLLOWED:
            yield violated(place, f"it is {rule.redirect.code}")


def _with(code: Maybe[int]) -> LBSpec:
    redirect = Redirect(location="https://new.example.test/", code=code)
    return replace(BRIDGED, access=(AccessRule(action=AccessAction.REDIRECT, redirect=redirect),))


CONSTRAINT = Constraint(
    id="redirect-code-is-one-that-clients-follow",
    title="A redirect answers with a status that clients follow.",
    why="Only 301, 302, 303, 307 and 308 send a client elsewhere; with another status it stays where it is.",
    fix="Let `code` be 301 or 308 for good, 302 or 307 for a time, 303 after a form.",
    symptom="Browsers show an empty page instead of the new one, or the rule is refused while it is created.",
    source=scaleway_resource("lb_acl", "valid codes of a redirect are 301, 302, 303, 307 and 308"),
    binding=Binding.DOCUMENTED,
    modes=frozenset({Mode.OFFLOADED, Mode.BRIDGED}),
    check=_check,
    holds=(_with(308),),
    fails=(_with(304), _with(200)),
    open=(_with(UNKNOWN),),
    not_applicable=(BRIDGED,),
    covers=("LB030",),
)
