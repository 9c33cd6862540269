"""A certificate is either issued by Let's Encrypt or imported."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity, unknown, violated
from lbpatterns.core.sources import scaleway_resource
from lbpatterns.core.spec import UNKNOWN, Mode
from lbpatterns.targets.scaleway.defaults import part, place
from lbpatterns.targets.scaleway.examples import (
    KEY_AND_CHAIN,
    LEFT_OUT,
    LOOSE_OFFLOADED,
    LOOSE_PASSTHROUGH,
    OFFLOADED,
    with_certificate,
)
from lbpatterns.targets.scaleway.words import ScalewayConfiguration


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    for key, words in configuration.certificates.items():
        origins = [part(words, "letsencrypt"), part(words, "custom_certificate")]
        if all(isinstance(each, dict) for each in origins):
            yield violated(place("certificates", key), "it has both `letsencrypt` and `custom_certificate`")
        elif any(each is UNKNOWN for each in origins):
            yield unknown(place("certificates", key))
        elif all(each is None for each in origins):
            yield violated(place("certificates", key), "it has neither `letsencrypt` nor `custom_certificate`")


CONSTRAINT = Constraint(
    id="certificate-has-one-origin",
    title="A certificate is either issued by Let's Encrypt or imported.",
    why="With neither, the provider fails in the middle of the update, when it comes to create it; both are refused.",
    fix="Give the Certificate one of `letsencrypt` and `custom_certificate`.",
    source=scaleway_resource("lb_certificate", "one of `letsencrypt` and `custom_certificate` is to be specified"),
    binding=Binding.DOCUMENTED,
    modes=frozenset({Mode.OFFLOADED, Mode.BRIDGED}),
    check=_check,
    holds=(OFFLOADED, LOOSE_OFFLOADED),
    fails=(
        with_certificate(LOOSE_OFFLOADED, letsencrypt=LEFT_OUT),
        with_certificate(LOOSE_OFFLOADED, custom_certificate={"certificate_chain": KEY_AND_CHAIN}),
    ),
    open=(with_certificate(LOOSE_OFFLOADED, letsencrypt=UNKNOWN),),
    not_applicable=(LOOSE_PASSTHROUGH,),
    symptom="The update fails with `you need to define either letsencrypt or custom_certificate`.",
    severity=Severity.LOW,
    covers=("LB045",),
)
