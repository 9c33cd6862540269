"""A passthrough load balancer keeps nobody on a server by cookie."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, scaleway_modes, violated
from lbpatterns.core.examples import PASSTHROUGH, with_backend
from lbpatterns.core.spec import LBSpec, Mode, Stickiness, StickinessKind


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for place, backend in spec.backend_places():
        if backend.stickiness is not None and backend.stickiness.kind is StickinessKind.COOKIE:
            yield violated(f"{place}.stickiness", "it goes by cookie")


CONSTRAINT = Constraint(
    id="passthrough-has-no-cookie-stickiness",
    title="A passthrough load balancer keeps nobody on a server by cookie.",
    why="It never sees the HTTP inside, so it can neither set nor read a cookie: every connection may reach "
    "another server.",
    fix="Use stickiness by source address, share sessions between the servers, or declare a BridgedLB.",
    fix_by_hand={
        "scaleway": 'Set `sticky_sessions="table"` (by source address) on the Backend, or leave it out and share '
        'sessions between the servers; or bridge: `certificate_ids` on the Frontend, `forward_protocol="http"` and '
        "`ssl_bridging=True` on the Backend."
    },
    source=scaleway_modes("cookie-based sticky sessions cannot be used"),
    binding=Binding.DOCUMENTED,
    modes=frozenset({Mode.PASSTHROUGH}),
    check=_check,
    holds=(
        PASSTHROUGH,
        with_backend(PASSTHROUGH, stickiness=Stickiness(kind=StickinessKind.SOURCE_ADDRESS)),
    ),
    fails=(with_backend(PASSTHROUGH, stickiness=Stickiness(kind=StickinessKind.COOKIE, cookie_name="id")),),
    not_applicable=(PASSTHROUGH,),
    symptom="The setting is stored, and sessions do not stick: a user is logged out at every other click.",
    covers=("A20", "C66", "LB020"),
)
