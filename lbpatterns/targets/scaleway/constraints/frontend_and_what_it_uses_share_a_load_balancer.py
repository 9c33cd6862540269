"""A frontend, its backends and its certificates belong to one load balancer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from lbpatterns.core.constraint import Binding, Constraint, Evidence, Found, Severity
from lbpatterns.core.spec import UNKNOWN, Mode
from lbpatterns.targets.scaleway.constraints._answers import answer
from lbpatterns.targets.scaleway.constraints._sources import provider_code
from lbpatterns.targets.scaleway.defaults import items, place
from lbpatterns.targets.scaleway.examples import (
    LOOSE_OFFLOADED,
    OFFLOADED,
    with_backend,
    with_certificate,
    with_frontend,
    with_words,
)
from lbpatterns.targets.scaleway.modes import are_apart, find
from lbpatterns.targets.scaleway.words import Reference, ScalewayConfiguration, Words

_ID = "6b5b9a16-fd2b-4d0e-9a6e-0d2f6d1b1c11"


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    for key, words in configuration.frontends.items():
        held = items(words, "certificate_ids")
        yield from _used(
            configuration, words, "backends", words.get("backend_id"), place("frontends", key, "backend_id")
        )
        for at, each in enumerate([UNKNOWN] if held is UNKNOWN else held):
            where = place("frontends", key, f"certificate_ids[{at}]")
            yield from _used(configuration, words, "certificates", each, where)
    for key, words in configuration.routes.items():
        source = find(configuration, "frontends", words.get("frontend_id"))
        frontend = {} if source is None else configuration.frontends[source]
        where = place("routes", key, "backend_id")
        yield from _used(configuration, frontend, "backends", words.get("backend_id"), where)


def _used(
    configuration: ScalewayConfiguration, frontend: Words, kind: str, identity: Any, where: str
) -> Iterator[Found]:
    if isinstance(identity, str):
        return  # of another stack: nobody here knows to which load balancer it belongs
    key = find(configuration, kind, identity)
    owner = UNKNOWN if key is None else getattr(configuration, kind)[key].get("lb_id")
    yield from answer(are_apart(frontend.get("lb_id"), owner), where, f"{key} belongs to another load balancer or zone")


CONSTRAINT = Constraint(
    id="frontend-and-what-it-uses-share-a-load-balancer",
    title="A frontend, its backends and its certificates belong to one load balancer.",
    why="Backends and certificates are parts of a load balancer and not shared; one of another load balancer, or of "
    "another zone, is refused when the frontend is created.",
    fix="Give the Frontend, its Backends and its Certificates the same `lb_id`.",
    source=provider_code("frontend.go", "a frontend and its backend have to be in the same zone"),
    binding=Binding.DOCUMENTED,
    modes=frozenset(Mode),
    check=_check,
    holds=(
        OFFLOADED,
        with_words(
            with_certificate(
                with_backend(with_frontend(LOOSE_OFFLOADED, lb_id=f"fr-par-1/{_ID}"), lb_id=_ID), lb_id=_ID
            ),
            "frontends",
            "http",
            lb_id=_ID,
        ),
    ),
    fails=(
        with_certificate(LOOSE_OFFLOADED, lb_id=Reference("load_balancers", "other")),
        with_words(LOOSE_OFFLOADED, "frontends", "http", lb_id=Reference("load_balancers", "other")),
    ),
    open=(with_frontend(LOOSE_OFFLOADED, lb_id=UNKNOWN), with_backend(LOOSE_OFFLOADED, lb_id=_ID)),
    symptom="The update fails at the frontend.",
    evidence=Evidence.INFERRED,
    severity=Severity.LOW,
    covers=("LB049", "LB074"),
)
