"""An ACL that is written into its frontend has no description."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Evidence, Found, Severity
from lbpatterns.core.spec import UNKNOWN, Mode
from lbpatterns.targets.scaleway.constraints._answers import answer
from lbpatterns.targets.scaleway.constraints._sources import provider_code
from lbpatterns.targets.scaleway.defaults import items, place, text
from lbpatterns.targets.scaleway.examples import LOOSE_OFFLOADED, OFFLOADED, acl, with_frontend
from lbpatterns.targets.scaleway.words import ScalewayConfiguration

_DENY = acl("deny", ip_subnets=["192.0.2.1"])


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    for key, words in configuration.frontends.items():
        inside = items(words, "acls")
        for at, each in enumerate([UNKNOWN] if inside is UNKNOWN else inside):
            said = text("acls", each, "description")
            broken = UNKNOWN if said is UNKNOWN else said is not None
            yield from answer(broken, place("frontends", key, f"acls[{at}]", "description"), "there is one")


CONSTRAINT = Constraint(
    id="acl-inside-a-frontend-has-no-description",
    title="An ACL that is written into its frontend has no description.",
    why="The provider neither sends it nor reads it back, so every preview shows the frontend as changed, and a change "
    "that matters is not seen among them.",
    fix="Remove `description` from the items of `acls`, and say it in a comment or in `name`.",
    source=provider_code("frontend.go", "ACLs of a frontend are updated and read without their description"),
    binding=Binding.ADVISED,
    modes=frozenset(Mode),
    check=_check,
    holds=(OFFLOADED, with_frontend(LOOSE_OFFLOADED, acls=[_DENY])),
    fails=(with_frontend(LOOSE_OFFLOADED, acls=[{**_DENY, "description": "a bad neighbour"}]),),
    open=(with_frontend(LOOSE_OFFLOADED, acls=[{**_DENY, "description": UNKNOWN}]),),
    symptom="`pulumi preview` wants to change the frontend every time.",
    evidence=Evidence.INFERRED,
    severity=Severity.LOW,
    covers=("LB091",),
)
