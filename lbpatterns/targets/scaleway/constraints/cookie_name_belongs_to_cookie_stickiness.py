"""Only a backend that keeps clients by cookie names a cookie."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity
from lbpatterns.core.sources import scaleway_resource
from lbpatterns.core.spec import UNKNOWN, Mode
from lbpatterns.targets.scaleway.constraints._answers import answer
from lbpatterns.targets.scaleway.defaults import all_of, place, text
from lbpatterns.targets.scaleway.examples import LOOSE_OFFLOADED, OFFLOADED, with_backend
from lbpatterns.targets.scaleway.words import ScalewayConfiguration


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    for key, words in configuration.backends.items():
        kind, name = text("backends", words, "sticky_sessions"), text("backends", words, "sticky_sessions_cookie_name")
        broken = all_of(
            [UNKNOWN if name is UNKNOWN else name is not None, UNKNOWN if kind is UNKNOWN else kind != "cookie"]
        )
        where = place("backends", key, "sticky_sessions_cookie_name")
        yield from answer(broken, where, f"it is given, and `sticky_sessions` is {kind}")


CONSTRAINT = Constraint(
    id="cookie-name-belongs-to-cookie-stickiness",
    title="Only a backend that keeps clients by cookie names a cookie.",
    why="Without `sticky_sessions` the name does nothing: requests of one client go to all servers, although it looks "
    "as if they did not.",
    fix='Set `sticky_sessions="cookie"` on the Backend, or remove `sticky_sessions_cookie_name`.',
    source=scaleway_resource("lb_backend", "the name of the cookie applies where `sticky_sessions` is `cookie`"),
    binding=Binding.ADVISED,
    modes=frozenset(Mode),
    check=_check,
    holds=(
        OFFLOADED,
        with_backend(LOOSE_OFFLOADED, sticky_sessions="cookie", sticky_sessions_cookie_name="shop"),
    ),
    fails=(with_backend(LOOSE_OFFLOADED, sticky_sessions_cookie_name="shop"),),
    open=(with_backend(LOOSE_OFFLOADED, sticky_sessions=UNKNOWN, sticky_sessions_cookie_name="shop"),),
    not_applicable=(LOOSE_OFFLOADED,),
    symptom="Users are logged out, or lose their basket, whenever another server answers.",
    severity=Severity.LOW,
    covers=("LB021",),
)
