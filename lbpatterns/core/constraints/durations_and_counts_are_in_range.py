"""Durations and counts are such that something happens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, unknown, violated
from lbpatterns.core.examples import OFFLOADED, with_backend, with_frontend
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import UNKNOWN, Backend, HealthCheck, HealthProtocol, LBSpec, Maybe, Mode, Timeouts


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for index, frontend in enumerate(spec.frontends):
        if frontend.connection_rate_limit is not None:
            yield from _at_least(1, frontend.connection_rate_limit, f"frontends[{index}].connection_rate_limit")
    for place, backend in spec.backend_places():
        yield from _of_backend(backend, place)


def _of_backend(backend: Backend, place: str) -> Iterator[Found]:
    timeouts, check = backend.timeouts, backend.health_check
    for field, limit in (("connect", timeouts.connect), ("request", timeouts.request), ("idle", timeouts.idle)):
        yield from _at_least(0, limit, f"{place}.timeouts.{field}")
    if check is None:
        return
    for field, span in (("interval", check.interval), ("timeout", check.timeout)):
        yield from _positive(span, f"{place}.health_check.{field}")
    for field, count in (("healthy_after", check.healthy_after), ("unhealthy_after", check.unhealthy_after)):
        yield from _at_least(1, count, f"{place}.health_check.{field}")
    for first, last in check.statuses or ():
        if not 100 <= first <= last <= 599:
            yield violated(f"{place}.health_check.statuses", f"{first} to {last} is no range of HTTP statuses")


def _at_least(least: int, value: Maybe[float], place: str) -> Iterator[Found]:
    if value is UNKNOWN:
        yield unknown(place)
    elif value < least:
        yield violated(place, f"it is {value:g}")


def _positive(value: Maybe[float], place: str) -> Iterator[Found]:
    if value is UNKNOWN:
        yield unknown(place)
    elif value <= 0:
        yield violated(place, f"it is {value:g}")


def _checked(interval: Maybe[float] = 5.0, unhealthy_after: Maybe[int] = 3, last: int = 299) -> LBSpec:
    check = HealthCheck(
        protocol=HealthProtocol.HTTP, interval=interval, unhealthy_after=unhealthy_after, statuses=((200, last),)
    )
    return with_backend(OFFLOADED, health_check=check)


CONSTRAINT = Constraint(
    id="durations-and-counts-are-in-range",
    title="Durations and counts are such that something happens.",
    why="A check that takes no time never passes, a limit of nobody lets nobody in, and a negative duration means "
    "nothing.",
    fix="Give seconds above 0 for `interval` and `timeout`, 0 or more for `timeouts`, 1 or more for "
    "`healthy_after`, `unhealthy_after` and `connection_rate_limit`, and `statuses` from 100 to 599, lower end first.",
    fix_by_hand={
        "scaleway": "Let `health_check_delay` and `health_check_timeout` of the Backend be `1s` or more, "
        "`health_check_max_retries` 1 or more, its timeouts `0s` or more and the `code` of its check 100 to 599; and "
        "`connection_rate_limit` of the Frontend above 0, or left out."
    },
    symptom="The resource is refused while it is created, or every server is down and clients get 503.",
    source=scaleway_page(
        "reference-content/configuring-health-checks", "every duration and count of a health check has a least value"
    ),
    binding=Binding.DOCUMENTED,
    modes=frozenset(Mode),
    check=_check,
    holds=(_checked(), with_backend(OFFLOADED, timeouts=Timeouts(request=0)), OFFLOADED),
    fails=(
        _checked(interval=0),
        _checked(unhealthy_after=0),
        _checked(last=150),
        with_backend(OFFLOADED, timeouts=Timeouts(connect=-1)),
        with_frontend(OFFLOADED, connection_rate_limit=0),
    ),
    open=(_checked(interval=UNKNOWN), with_backend(OFFLOADED, timeouts=Timeouts(idle=UNKNOWN))),
    covers=("LB067",),
)
