"""Every Frontend of a load balancer has an inbound port of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import combinations
from typing import Any

from lbpatterns.core.constraint import Binding, Constraint, Found, unknown, violated
from lbpatterns.core.spec import UNKNOWN, Mode
from lbpatterns.targets.scaleway.constraints._sources import frontends_and_backends
from lbpatterns.targets.scaleway.defaults import number, place
from lbpatterns.targets.scaleway.examples import LOOSE_OFFLOADED, LOOSE_PASSTHROUGH, OFFLOADED, with_words
from lbpatterns.targets.scaleway.modes import are_apart, declared_mode
from lbpatterns.targets.scaleway.words import ScalewayConfiguration


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    if declared_mode(configuration) is not None:
        return  # the core's rule speaks of what is declared
    by_port: dict[Any, list[str]] = {}
    for key, words in configuration.frontends.items():
        by_port.setdefault(number("frontends", words, "inbound_port"), []).append(key)
    for key in by_port.pop(UNKNOWN, []):
        if len(configuration.frontends) > 1:
            yield unknown(place("frontends", key, "inbound_port"))
    for port, keys in by_port.items():
        for first, second in combinations([] if port is None else keys, 2):
            one, other = configuration.frontends[first], configuration.frontends[second]
            if are_apart(one.get("lb_id"), other.get("lb_id")) is not True:
                yield violated(place("frontends", second, "inbound_port"), f"{port:g} is that of {first} already")


CONSTRAINT = Constraint(
    id="scaleway-frontend-ports-do-not-clash",
    title="Every Frontend of a load balancer has an inbound port of its own.",
    why="One port cannot be listened on twice, and the second Frontend is refused in the middle of the update; one "
    "port with several backends is what Routes are for.",
    fix="Change the `inbound_port` of one Frontend, or make Routes of it on the other.",
    source=frontends_and_backends("each frontend listens on a port of its own"),
    binding=Binding.DOCUMENTED,
    modes=frozenset(Mode),
    check=_check,
    holds=(LOOSE_OFFLOADED,),
    fails=(
        with_words(
            LOOSE_OFFLOADED,
            "frontends",
            "http",
            inbound_port=443,
            acls=[],
            certificate_ids=LOOSE_OFFLOADED.frontends["https"]["certificate_ids"],
        ),
    ),
    open=(with_words(LOOSE_OFFLOADED, "frontends", "http", inbound_port=UNKNOWN),),
    not_applicable=(OFFLOADED, LOOSE_PASSTHROUGH),
    symptom="The update fails at the second frontend.",
    covers=("LB068",),
)
