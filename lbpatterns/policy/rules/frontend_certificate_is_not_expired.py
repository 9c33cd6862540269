"""No certificate that a frontend presents has expired."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity, unknown, violated
from lbpatterns.core.spec import UNKNOWN, Mode
from lbpatterns.policy.rules._reading import end_of
from lbpatterns.policy.rules._subject import Held, Watched, add_certificate


def _check(watched: Watched, today: date) -> Iterator[Found]:
    for held in watched.held:
        end = end_of(held)
        if end is UNKNOWN:
            yield unknown(held.place)
        elif end is not None and end.date() < today:
            yield violated(held.place, f"it expired on {end:%Y-%m-%d}")


_PLACE = "certificates[shop]"

CONSTRAINT = Constraint(
    id="frontend-certificate-is-not-expired",
    title="No certificate that a frontend presents has expired.",
    why="Clients refuse it, and the load balancer goes on presenting it even where another one would fit.",
    fix="Put in a renewed certificate, and take the old one off the frontend.",
    source=add_certificate("the first certificate of the list is used, whether or not it has expired"),
    binding=Binding.DOCUMENTED,
    modes=frozenset(Mode),
    check=_check,
    holds=(
        Watched(held=(Held(place=_PLACE, ends=datetime(2026, 11, 21, tzinfo=UTC), text=UNKNOWN),)),
        Watched(held=(Held(place=_PLACE, ends=datetime(2020, 1, 1, tzinfo=UTC)),)),
    ),
    fails=(Watched(held=(Held(place=_PLACE, ends=datetime(2026, 11, 20, tzinfo=UTC), text=UNKNOWN),)),),
    open=(Watched(held=(Held(place=_PLACE, text=UNKNOWN),)),),
    not_applicable=(Watched(),),
    symptom="Browsers show NET::ERR_CERT_DATE_INVALID, other clients end the handshake.",
    severity=Severity.HIGH,
    covers=("B20", "C64"),
)
