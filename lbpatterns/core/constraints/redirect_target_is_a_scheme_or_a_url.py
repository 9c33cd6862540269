"""A redirect leads to a scheme of the web, or to a URL of one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Final

from lbpatterns.core.constraint import Binding, Constraint, Found, unknown, violated
from lbpatterns.core.examples import BRIDGED
from lbpatterns.core.sources import scaleway_resource
from lbpatterns.core.spec import UNKNOWN, AccessAction, AccessRule, LBSpec, Maybe, Mode, Redirect

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
_URL: Final = re.compile(r"(\{\{scheme\}\}|[A-Za-z][A-Za-z0-9+.-]*)://[^\s/]+\S*|/\S*")


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for index, rule in enumerate(spec.access):
        if rule.redirect is None:
            continue
        parts = {
            "scheme": (rule.redirect.scheme, _SCHEME, "it is no scheme such as https"),
            "location": (rule.redirect.location, _URL, "it is no URL such as https://new.example.com/"),
        }
        for field, (value, form, words) in parts.items():
            place = f"access[{index}].redirect.{field}"
            if value is UNKNOWN:
                yield unknown(place)
            elif value is not None and not form.fullmatch(value):
                yield violated(place, words)


def _to(location: Maybe[str] | None = None, scheme: Maybe[str] | None = None) -> LBSpec:
    rule = AccessRule(action=AccessAction.REDIRECT, redirect=Redirect(location=location, scheme=scheme))
    return replace(BRIDGED, access=(rule,))


CONSTRAINT = Constraint(
    id="redirect-target-is-a-scheme-or-a-url",
    title="A redirect leads to a scheme of the web, or to a URL of one.",
    why="The target goes into the answer as it is, and a client reads what is no URL as a path of the page that it "
    "asked for.",
    fix="Let `scheme` be `https` or `http`, or `location` a whole URL such as `https://new.example.com/`.",
    fix_by_hand={
        "scaleway": 'Let `target` be `"https"` or `"http"` with `"type": "scheme"`, or a whole URL such as '
        '`https://new.example.com/` with `"type": "location"`.'
    },
    symptom="Clients are sent to addresses that do not exist, or the rule is refused while it is created.",
    source=scaleway_resource("lb_acl", "the target is a URL with type location, a scheme name with type scheme"),
    binding=Binding.DOCUMENTED,
    modes=frozenset({Mode.OFFLOADED, Mode.BRIDGED}),
    check=_check,
    holds=(_to("https://new.example.test/{{path}}?{{query}}"), _to("/sorry"), _to("{{scheme}}://new.example.test/")),
    fails=(_to("new.example.test"), _to("https://"), _to(scheme="http://")),
    open=(_to(UNKNOWN),),
    not_applicable=(BRIDGED,),
    covers=("LB030",),
)
