"""The time that a request waits for a free server is in whole seconds."""

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
        limit = seconds("backends", words, "timeout_queue")
        broken = UNKNOWN if limit is UNKNOWN else limit is not None and not float(limit).is_integer()
        yield from answer(
            broken, place("backends", key, "timeout_queue"), f"it is {read('backends', words, 'timeout_queue')}"
        )


CONSTRAINT = Constraint(
    id="queue-timeout-is-in-whole-seconds",
    title="The time that a request waits for a free server is in whole seconds.",
    why="The provider cuts off what is below a second: 1.5s is one second, and 500ms is none at all.",
    fix="Round `timeout_queue` of the Backend to seconds.",
    source=provider_code("backend.go", "of the queue timeout, only whole seconds are sent"),
    binding=Binding.ADVISED,
    modes=frozenset(Mode),
    check=_check,
    holds=(OFFLOADED, LOOSE_OFFLOADED, with_backend(LOOSE_OFFLOADED, timeout_queue="1m5s")),
    fails=(
        with_backend(LOOSE_OFFLOADED, timeout_queue="500ms"),
        with_backend(LOOSE_OFFLOADED, timeout_queue="1.5s"),
    ),
    open=(with_backend(LOOSE_OFFLOADED, timeout_queue=UNKNOWN),),
    symptom="Requests are given up earlier than declared, and `pulumi preview` shows a difference every time.",
    evidence=Evidence.INFERRED,
    severity=Severity.LOW,
    covers=("LB064",),
)
