"""What a frontend presents is a key, the leaf that belongs to it, and the chain that signed it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity, unknown, violated
from lbpatterns.core.spec import UNKNOWN, Mode
from lbpatterns.policy.rules._reading import problems_of
from lbpatterns.policy.rules._subject import TEXT, Held, Watched, add_certificate


def _check(watched: Watched, _today: date) -> Iterator[Found]:
    for held in watched.held:
        problems = problems_of(held)
        if problems is UNKNOWN:
            yield unknown(held.place)
        elif problems:
            yield violated(held.place, "; ".join(problems))


_PLACE = "certificates[shop]"

CONSTRAINT = Constraint(
    id="frontend-certificate-belongs-to-its-key",
    title="What a frontend presents is a key, the leaf that belongs to it, and the chain that signed it.",
    why="With another key no handshake succeeds, and with a chain out of order only some clients succeed.",
    fix="Put in the key, then the leaf, then each certificate that signed the one before it.",
    source=add_certificate("an imported certificate is a PEM text with the private key, the certificate and its chain"),
    binding=Binding.DOCUMENTED,
    modes=frozenset(Mode),
    check=_check,
    holds=(Watched(held=(Held(place=_PLACE, text=UNKNOWN, accepted=True),)), Watched(held=(Held(place=_PLACE),))),
    fails=(Watched(held=(Held(place=_PLACE, text=TEXT),)), Watched(held=(Held(place=_PLACE, text="a secret"),))),
    open=(Watched(held=(Held(place=_PLACE, text=UNKNOWN),)),),
    not_applicable=(Watched(),),
    symptom="The certificate is refused in the middle of an update, or every handshake fails.",
    severity=Severity.HIGH,
    covers=("LB047",),
)
