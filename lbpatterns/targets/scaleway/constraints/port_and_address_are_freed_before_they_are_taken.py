"""A frontend, and a load balancer with an address, is deleted before its replacement is made."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Evidence, Found, Severity
from lbpatterns.core.spec import UNKNOWN, Maybe, Mode
from lbpatterns.targets.scaleway.constraints._answers import answer
from lbpatterns.targets.scaleway.constraints._sources import bridge_code
from lbpatterns.targets.scaleway.defaults import all_of, is_auto_named, items, place, text
from lbpatterns.targets.scaleway.examples import LOOSE_OFFLOADED, OFFLOADED, with_frontend
from lbpatterns.targets.scaleway.modes import LooseConfiguration
from lbpatterns.targets.scaleway.words import BALANCER, Reference, ScalewayConfiguration, Words

_HTTPS = Reference("frontends", "https")


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    if not isinstance(configuration, LooseConfiguration):
        return  # what resource options there are is known of a stack only
    found = "the new one is made first, while the old one holds its"
    for key, words in configuration.frontends.items():
        broken = _made_first(configuration, Reference("frontends", key), words)
        yield from answer(broken, place("frontends", key), f"{found} port")
    balancer = configuration.load_balancer
    addresses = items(balancer, "ip_ids")
    holds = UNKNOWN if addresses is UNKNOWN else bool(addresses)
    broken = all_of([holds, _made_first(configuration, BALANCER, balancer)])
    yield from answer(broken, "load_balancer", f"{found} address")


def _made_first(configuration: LooseConfiguration, resource: Reference, words: Words) -> Maybe[bool]:
    """What somebody named himself, Pulumi deletes first of its own accord: two cannot have one name."""
    if configuration.deletes_first.get(resource) is not False:
        return False
    return is_auto_named(resource.key, text("frontends", words, "name"))


CONSTRAINT = Constraint(
    id="port-and-address-are-freed-before-they-are-taken",
    title="A frontend, and a load balancer with an address, is deleted before its replacement is made.",
    why="Pulumi makes the new resource first. The new frontend then wants the port of the old one, and the new load "
    "balancer its address; both are refused, and the update ends half-way.",
    fix="Set `opts=ResourceOptions(delete_before_replace=True)` on the Frontend, and on a LoadBalancer with `ip_ids`.",
    source=bridge_code("schema.go", "what has a name that Pulumi made is created before its predecessor is deleted"),
    binding=Binding.ADVISED,
    modes=frozenset(Mode),
    check=_check,
    holds=(
        OFFLOADED,
        dataclasses.replace(LOOSE_OFFLOADED, deletes_first={_HTTPS: True, BALANCER: True}),
        dataclasses.replace(with_frontend(LOOSE_OFFLOADED, name="https"), deletes_first={_HTTPS: False}),
    ),
    fails=(
        dataclasses.replace(LOOSE_OFFLOADED, deletes_first={_HTTPS: False}),
        dataclasses.replace(with_frontend(LOOSE_OFFLOADED, name="https-0a1b2c3"), deletes_first={_HTTPS: False}),
        dataclasses.replace(LOOSE_OFFLOADED, deletes_first={BALANCER: False}),
    ),
    open=(dataclasses.replace(with_frontend(LOOSE_OFFLOADED, name=UNKNOWN), deletes_first={_HTTPS: False}),),
    not_applicable=(LOOSE_OFFLOADED,),
    symptom="An update that replaces the backend, and with it the frontend, fails: the port is taken.",
    evidence=Evidence.INFERRED,
    severity=Severity.LOW,
    covers=("LB080", "LB082"),
)
