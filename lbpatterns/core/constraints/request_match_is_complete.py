"""An access rule that looks at requests says at what, and for which values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, violated
from lbpatterns.core.examples import BRIDGED
from lbpatterns.core.sources import scaleway_resource
from lbpatterns.core.spec import UNKNOWN, AccessAction, AccessRule, LBSpec, Mode, RequestMatch, RequestPart


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for index, rule in enumerate(spec.access):
        request = rule.request
        if request is None:
            continue
        place = f"access[{index}].request"
        if not request.values:
            yield violated(f"{place}.values", "there is none")
        if request.kind is RequestPart.HEADER and request.header is None:
            yield violated(f"{place}.header", "it looks at a header and does not say which")
        elif request.kind is not RequestPart.HEADER and request.header is not None:
            yield violated(f"{place}.header", f"it is given, and the rule looks at the {request.kind}")


def _denied(request: RequestMatch) -> LBSpec:
    return replace(BRIDGED, access=(AccessRule(action=AccessAction.DENY, request=request),))


CONSTRAINT = Constraint(
    id="request-match-is-complete",
    title="An access rule that looks at requests says at what, and for which values.",
    why="Half a condition is refused, or read as none at all: then the rule decides for everybody.",
    fix="Give `values`, and with kind `header` the name of the `header`; with another kind leave `header` out.",
    fix_by_hand={
        "scaleway": 'Give `http_filter_values`, and with `"http_filter": "http_header_match"` the name of the header '
        "as `http_filter_option`; with another filter leave that out."
    },
    symptom="The rule is refused while it is created, or decides for requests that nobody meant.",
    source=scaleway_resource("lb_acl", "a filter comes with its values, and one on a header with the header's name"),
    binding=Binding.DOCUMENTED,
    modes=frozenset({Mode.OFFLOADED, Mode.BRIDGED}),
    check=_check,
    holds=(
        _denied(RequestMatch(kind=RequestPart.HEADER, header="X-Team", values=("red",))),
        _denied(RequestMatch(kind=RequestPart.PATH_PREFIX, values=(UNKNOWN,))),
    ),
    fails=(
        _denied(RequestMatch(kind=RequestPart.HEADER, values=("red",))),
        _denied(RequestMatch(kind=RequestPart.PATH_PREFIX, values=())),
        _denied(RequestMatch(kind=RequestPart.PATH_PREFIX, header="X-Team", values=("/admin",))),
    ),
    not_applicable=(BRIDGED,),
    covers=("LB034",),
)
