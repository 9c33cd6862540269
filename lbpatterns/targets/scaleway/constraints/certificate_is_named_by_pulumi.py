"""The name of a certificate is left to Pulumi."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Evidence, Found
from lbpatterns.core.sources import scaleway_resource
from lbpatterns.core.spec import UNKNOWN, Mode
from lbpatterns.targets.scaleway.constraints._answers import answer
from lbpatterns.targets.scaleway.defaults import is_auto_named, opposite, place, text
from lbpatterns.targets.scaleway.examples import LOOSE_OFFLOADED, LOOSE_PASSTHROUGH, OFFLOADED, with_certificate
from lbpatterns.targets.scaleway.words import ScalewayConfiguration


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    for key, words in configuration.certificates.items():
        name = text("certificates", words, "name")
        broken = opposite(is_auto_named(key, name))
        yield from answer(broken, place("certificates", key, "name"), f"it is {name!r}")


CONSTRAINT = Constraint(
    id="certificate-is-named-by-pulumi",
    title="The name of a certificate is left to Pulumi.",
    why="A certificate is replaced whenever its names or its text change. With a `name`, Pulumi deletes the old one "
    "first, as two cannot have one name, and Scaleway refuses that while a frontend uses it.",
    fix="Remove `name` from the Certificate; the name of the resource is part of the one that Pulumi makes.",
    source=scaleway_resource("lb_certificate", "the new certificate is to be created before the old one is destroyed"),
    binding=Binding.ADVISED,
    modes=frozenset({Mode.OFFLOADED, Mode.BRIDGED}),
    check=_check,
    holds=(OFFLOADED, LOOSE_OFFLOADED, with_certificate(LOOSE_OFFLOADED, name="shop-0a1b2c3")),
    fails=(with_certificate(LOOSE_OFFLOADED, name="shop"),),
    open=(with_certificate(LOOSE_OFFLOADED, name=UNKNOWN),),
    not_applicable=(LOOSE_PASSTHROUGH,),
    symptom="An update that renews the certificate fails: it is used on a frontend.",
    evidence=Evidence.INFERRED,
    covers=("LB081",),
)
