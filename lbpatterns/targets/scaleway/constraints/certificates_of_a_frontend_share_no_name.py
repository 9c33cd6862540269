"""No two certificates of a frontend are for the same name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from lbpatterns.core.constraint import Binding, Constraint, Found, unknown, violated
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import UNKNOWN, Maybe, Mode
from lbpatterns.targets.scaleway.defaults import items, part, place, text
from lbpatterns.targets.scaleway.examples import LOOSE_OFFLOADED, OFFLOADED, with_frontend, with_words
from lbpatterns.targets.scaleway.modes import find
from lbpatterns.targets.scaleway.words import BALANCER, Reference, ScalewayConfiguration

_TWO = with_frontend(
    with_words(
        LOOSE_OFFLOADED, "certificates", "blog", lb_id=BALANCER, letsencrypt={"common_name": "blog.example.test"}
    ),
    certificate_ids=[Reference("certificates", "shop"), Reference("certificates", "blog")],
)
_SAME = {"common_name": "blog.example.test", "subject_alternative_names": ["shop.example.test"]}


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    for key, words in configuration.frontends.items():
        given = items(words, "certificate_ids")
        held: list[Any] = [UNKNOWN, UNKNOWN] if given is UNKNOWN else given
        taken: dict[str, int] = {}
        for at, each in enumerate(held):
            where = place("frontends", key, f"certificate_ids[{at}]")
            names = _names(configuration, find(configuration, "certificates", each))
            for name in dict.fromkeys(names):
                if name is UNKNOWN and len(held) > 1:
                    yield unknown(where)
                elif isinstance(name, str) and name in taken:
                    yield violated(where, f"{name} is served with certificate_ids[{taken[name]}], never with this one")
                elif isinstance(name, str):
                    taken[name] = at


def _names(configuration: ScalewayConfiguration, certificate: str | None) -> list[Maybe[str]]:
    """The names that Let's Encrypt is asked for; those of an imported certificate would have to be read from it."""
    if certificate is None:
        return [UNKNOWN]
    asked = part(configuration.certificates[certificate], "letsencrypt")
    if asked is None:
        return []
    others = UNKNOWN if asked is UNKNOWN else items(asked, "subject_alternative_names")
    if asked is UNKNOWN or others is UNKNOWN:
        return [UNKNOWN]
    said = [text("certificates", asked, "common_name"), *others]
    return [name.lower() if isinstance(name, str) else UNKNOWN for name in said if name is not None]


CONSTRAINT = Constraint(
    id="certificates-of-a-frontend-share-no-name",
    title="No two certificates of a frontend are for the same name.",
    why="The first in the list is served, expired or not. The provider does not see it when their order changes, so a "
    "renewed certificate behind an old one is never served.",
    fix="Take the older certificate out of `certificate_ids` in the same update that adds the new one.",
    source=scaleway_page(
        "how-to/add-certificate", "of several certificates the first in the list is used, whatever its expiry date"
    ),
    binding=Binding.ADVISED,
    modes=frozenset({Mode.OFFLOADED, Mode.BRIDGED}),
    check=_check,
    holds=(OFFLOADED, _TWO),
    fails=(
        with_words(_TWO, "certificates", "blog", letsencrypt=_SAME),
        with_frontend(LOOSE_OFFLOADED, certificate_ids=[Reference("certificates", "shop")] * 2),
    ),
    open=(with_words(_TWO, "certificates", "blog", letsencrypt={"common_name": UNKNOWN}),),
    symptom="Browsers warn of an expired certificate although a new one is on the load balancer.",
    covers=("LB048",),
)
