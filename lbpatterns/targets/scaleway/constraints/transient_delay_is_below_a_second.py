"""The interval of health checks in a transient state is below one second."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Evidence, Found, Severity
from lbpatterns.core.spec import UNKNOWN, Mode
from lbpatterns.targets.scaleway.constraints._answers import answer
from lbpatterns.targets.scaleway.constraints._sources import provider_code
from lbpatterns.targets.scaleway.defaults import place, read, seconds
from lbpatterns.targets.scaleway.examples import LOOSE_OFFLOADED, OFFLOADED, with_backend
from lbpatterns.targets.scaleway.words import ScalewayConfiguration


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    for key, words in configuration.backends.items():
        delay = seconds("backends", words, "health_check_transient_delay")
        broken = UNKNOWN if delay is UNKNOWN else delay is not None and delay >= 1
        said = read("backends", words, "health_check_transient_delay")
        yield from answer(broken, place("backends", key, "health_check_transient_delay"), f"it is {said}")


CONSTRAINT = Constraint(
    id="transient-delay-is-below-a-second",
    title="The interval of health checks in a transient state is below one second.",
    why="The provider sends a second or more wrongly: it adds the whole time to itself as its fraction, so 1s arrives "
    "as 1.1s and 3s as something else again, and every preview shows the difference.",
    fix="Leave `health_check_transient_delay` of the Backend out (it is 0.5s), or give less than `1s`.",
    source=provider_code("backend.go", "seconds are sent together with all nanoseconds, instead of the rest of them"),
    binding=Binding.ADVISED,
    modes=frozenset(Mode),
    check=_check,
    holds=(OFFLOADED, LOOSE_OFFLOADED, with_backend(LOOSE_OFFLOADED, health_check_transient_delay="900ms")),
    fails=(
        with_backend(LOOSE_OFFLOADED, health_check_transient_delay="1s"),
        with_backend(LOOSE_OFFLOADED, health_check_transient_delay="0h0m3.5s"),
    ),
    open=(with_backend(LOOSE_OFFLOADED, health_check_transient_delay=UNKNOWN),),
    symptom="`pulumi preview` wants to change the backend every time, and servers change state at another pace.",
    evidence=Evidence.INFERRED,
    severity=Severity.LOW,
    covers=("LB063",),
)
