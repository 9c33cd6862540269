"""A certificate that somebody renews by hand is renewed before its last days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from lbpatterns.core.constraint import Binding, Constraint, Evidence, Found, Severity, comparison, unknown, violated
from lbpatterns.core.spec import UNKNOWN, Mode
from lbpatterns.policy.rules._reading import end_of
from lbpatterns.policy.rules._subject import Held, Watched


def _check(watched: Watched, today: date) -> Iterator[Found]:
    for held in watched.held:
        end = end_of(held)
        if end is UNKNOWN:
            yield unknown(held.place)
        elif end is not None and 0 <= (end.date() - today).days < watched.days_before_expiry:
            yield violated(held.place, f"it expires on {end:%Y-%m-%d}")


_PLACE = "certificates[shop]"

CONSTRAINT = Constraint(
    id="frontend-certificate-is-renewed-in-time",
    title="A certificate that somebody renews by hand is renewed before its last days.",
    why="Nothing renews an imported certificate, and on its last day all clients are refused at once.",
    fix="Put in a renewed certificate now, or let Let's Encrypt issue it.",
    source=comparison("certificates on the load balancer are one place to renew, and it must not be forgotten"),
    binding=Binding.ADVISED,
    modes=frozenset(Mode),
    check=_check,
    holds=(
        Watched(held=(Held(place=_PLACE, ends=datetime(2026, 12, 21, tzinfo=UTC), text=UNKNOWN),)),
        Watched(held=(Held(place=_PLACE, ends=datetime(2026, 12, 1, tzinfo=UTC), text=UNKNOWN),), days_before_expiry=7),
    ),
    fails=(Watched(held=(Held(place=_PLACE, ends=datetime(2026, 12, 20, tzinfo=UTC), text=UNKNOWN),)),),
    open=(Watched(held=(Held(place=_PLACE, text=UNKNOWN),)),),
    not_applicable=(Watched(),),
    symptom="None yet.",
    evidence=Evidence.ADVICE,
    severity=Severity.MEDIUM,
    covers=("B20",),
)
