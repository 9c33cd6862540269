"""A health check sends the PROXY header only where traffic carries it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import UNKNOWN, Maybe, Mode
from lbpatterns.targets.scaleway.constraints._answers import answer
from lbpatterns.targets.scaleway.defaults import all_of, any_of, flag, opposite, place, text
from lbpatterns.targets.scaleway.examples import LOOSE_OFFLOADED, LOOSE_PASSTHROUGH, OFFLOADED, with_backend
from lbpatterns.targets.scaleway.words import ScalewayConfiguration, Words


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    for key, words in configuration.backends.items():
        checked = flag("backends", words, "health_check_send_proxy")
        broken = all_of([checked, opposite(_traffic_carries_it(words))])
        yield from answer(
            broken, place("backends", key, "health_check_send_proxy"), "true, and `proxy_protocol` is none"
        )


def _traffic_carries_it(words: Words) -> Maybe[bool]:
    version = text("backends", words, "proxy_protocol")
    return any_of([UNKNOWN if version is UNKNOWN else version != "none", flag("backends", words, "send_proxy_v2")])


CONSTRAINT = Constraint(
    id="health-check-sends-proxy-only-with-proxy-protocol",
    title="A health check sends the PROXY header only where traffic carries it.",
    why="A server that takes traffic without the header takes it in a health check for rubbish; and it says nothing "
    "about traffic to be healthy for something else.",
    fix="Remove `health_check_send_proxy` from the Backend, or set its `proxy_protocol`.",
    source=scaleway_page(
        "reference-content/configuring-health-checks",
        "PROXY protocol cannot be on in health checks and off in the backend",
    ),
    binding=Binding.DOCUMENTED,
    modes=frozenset(Mode),
    check=_check,
    holds=(OFFLOADED, with_backend(LOOSE_PASSTHROUGH, health_check_send_proxy=True, proxy_protocol="v2")),
    fails=(with_backend(LOOSE_OFFLOADED, health_check_send_proxy=True),),
    open=(
        with_backend(LOOSE_OFFLOADED, health_check_send_proxy=UNKNOWN),
        with_backend(LOOSE_OFFLOADED, health_check_send_proxy=True, proxy_protocol=UNKNOWN),
    ),
    symptom="All servers are DOWN although they answer, and clients get 503.",
    covers=("LB036",),
)
