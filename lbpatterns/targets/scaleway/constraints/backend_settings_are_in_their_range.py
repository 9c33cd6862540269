"""Retries and the pace of health checks are in the range that Scaleway documents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from math import inf
from typing import Final

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import UNKNOWN, Mode
from lbpatterns.targets.scaleway.constraints._answers import answer
from lbpatterns.targets.scaleway.defaults import number, place, seconds
from lbpatterns.targets.scaleway.examples import LOOSE_OFFLOADED, OFFLOADED, with_backend
from lbpatterns.targets.scaleway.words import ScalewayConfiguration

# What is 0 or less has a rule of the core's, for settings that every load balancer has.
_COUNTS: Final = {"max_retries": (0, 32), "redispatch_attempt_count": (0, 1), "health_check_max_retries": (-inf, 9999)}
_SPANS: Final = {"health_check_delay": 1.0, "health_check_timeout": 1.0, "health_check_transient_delay": 0.1}


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    for key, words in configuration.backends.items():
        for name, (least, most) in _COUNTS.items():
            count = number("backends", words, name)
            broken = UNKNOWN if count is UNKNOWN else count is not None and not least <= count <= most
            yield from answer(
                broken, place("backends", key, name), f"it is {count}; {max(least, 0):g} to {most} is allowed"
            )
        for name, shortest in _SPANS.items():
            span = seconds("backends", words, name)
            broken = UNKNOWN if span is UNKNOWN else span is not None and 0 < span < shortest
            yield from answer(broken, place("backends", key, name), f"it is {span}s; {shortest:g}s is the least")


CONSTRAINT = Constraint(
    id="backend-settings-are-in-their-range",
    title="Retries and the pace of health checks are in the range that Scaleway documents.",
    why="The provider sends any number on; one that is out of range is refused in the middle of the update.",
    fix="Let `max_retries` be 0 to 32, `redispatch_attempt_count` 0 or 1, `health_check_delay` and "
    "`health_check_timeout` `1s` or more, `health_check_transient_delay` `100ms` or more.",
    source=scaleway_page(
        "reference-content/configuring-health-checks", "the smallest and greatest values of each advanced setting"
    ),
    binding=Binding.DOCUMENTED,
    modes=frozenset(Mode),
    check=_check,
    holds=(OFFLOADED, with_backend(LOOSE_OFFLOADED, max_retries=32.0, redispatch_attempt_count=0)),
    fails=(
        with_backend(LOOSE_OFFLOADED, max_retries=33),
        with_backend(LOOSE_OFFLOADED, redispatch_attempt_count=3),
        with_backend(LOOSE_OFFLOADED, health_check_delay="500ms"),
        with_backend(LOOSE_OFFLOADED, health_check_transient_delay="50ms"),
    ),
    open=(
        with_backend(LOOSE_OFFLOADED, max_retries=UNKNOWN),
        with_backend(LOOSE_OFFLOADED, health_check_delay=UNKNOWN),
    ),
    symptom="The update fails at the backend.",
    severity=Severity.LOW,
    covers=("LB067",),
)
