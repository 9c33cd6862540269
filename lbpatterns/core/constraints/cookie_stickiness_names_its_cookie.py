"""Stickiness by cookie names its cookie, and no other stickiness names one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity, Source, violated
from lbpatterns.core.examples import BRIDGED, OFFLOADED, with_backend
from lbpatterns.core.spec import LBSpec, Mode, Stickiness, StickinessKind


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for place, backend in spec.backend_places():
        stickiness = backend.stickiness
        if stickiness is None:
            continue
        by_cookie = stickiness.kind is StickinessKind.COOKIE
        if by_cookie and stickiness.cookie_name is None:
            yield violated(f"{place}.stickiness.cookie_name", "none is given")
        elif not by_cookie and stickiness.cookie_name is not None:
            yield violated(f"{place}.stickiness.cookie_name", f"it is given, and stickiness goes by {stickiness.kind}")


CONSTRAINT = Constraint(
    id="cookie-stickiness-names-its-cookie",
    title="Stickiness by cookie names its cookie, and no other stickiness names one.",
    why="Without a name it depends on the target whether there is a cookie at all; beside another kind of stickiness "
    "the name means nothing.",
    fix="Give `cookie_name` with cookies (the components' own is `lbpatterns`), and with nothing else.",
    fix_by_hand={
        "scaleway": 'Give the Backend a `sticky_sessions_cookie_name` beside `sticky_sessions="cookie"`, and beside no '
        "other."
    },
    symptom="Sessions do not stick, though stickiness is on.",
    source=Source(
        "Scaleway's cloud controller manager, annotations",
        "https://github.com/scaleway/scaleway-cloud-controller-manager/blob/master/docs/loadbalancer-annotations.md",
        "the name of the cookie must be set where sessions stick by cookie",
    ),
    binding=Binding.ADVISED,
    severity=Severity.LOW,
    modes=frozenset(Mode),
    check=_check,
    holds=(
        with_backend(OFFLOADED, stickiness=Stickiness(kind=StickinessKind.COOKIE, cookie_name="lbpatterns")),
        with_backend(BRIDGED, stickiness=Stickiness(kind=StickinessKind.SOURCE_ADDRESS)),
    ),
    fails=(
        with_backend(OFFLOADED, stickiness=Stickiness(kind=StickinessKind.COOKIE)),
        with_backend(BRIDGED, stickiness=Stickiness(kind=StickinessKind.SOURCE_ADDRESS, cookie_name="id")),
    ),
    not_applicable=(OFFLOADED,),
    covers=("C66", "LB021"),
)
