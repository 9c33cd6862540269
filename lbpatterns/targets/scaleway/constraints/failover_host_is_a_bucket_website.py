"""The host that answers while all servers are down is a bucket website."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from lbpatterns.core.constraint import Binding, Constraint, Found
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import UNKNOWN, Mode
from lbpatterns.targets.scaleway.constraints._answers import answer
from lbpatterns.targets.scaleway.defaults import place, text
from lbpatterns.targets.scaleway.examples import LOOSE_OFFLOADED, OFFLOADED, with_backend
from lbpatterns.targets.scaleway.words import ScalewayConfiguration

_WEBSITE: Final = re.compile(r"[a-z0-9.-]+\.s3-website\.[a-z]{2}-[a-z]{3}\.scw\.cloud")


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    for key, words in configuration.backends.items():
        host = text("backends", words, "failover_host")
        if host is None:
            continue
        # That it is a bare host name is a rule of the core's.
        broken = UNKNOWN if host is UNKNOWN else "/" not in host and not _WEBSITE.fullmatch(host)
        yield from answer(
            broken, place("backends", key, "failover_host"), f"{host!r} is no bucket website of Scaleway's"
        )


CONSTRAINT = Constraint(
    id="failover-host-is-a-bucket-website",
    title="The host that answers while all servers are down is a bucket website.",
    why="The load balancer serves the website of a bucket in Scaleway's Object Storage and nothing else; neither the "
    "bucket's own endpoint nor another site answers there.",
    fix="Let `failover_host` of the Backend be the bucket website's host, such as "
    "`my-bucket.s3-website.fr-par.scw.cloud`.",
    source=scaleway_page(
        "reference-content/configuring-backends",
        "the domain of the bucket website is required, the bucket's endpoint is not enough",
    ),
    binding=Binding.DOCUMENTED,
    modes=frozenset(Mode),
    check=_check,
    holds=(OFFLOADED, with_backend(LOOSE_OFFLOADED, failover_host="shop.s3-website.nl-ams.scw.cloud")),
    fails=(
        with_backend(LOOSE_OFFLOADED, failover_host="shop.s3.nl-ams.scw.cloud"),
        with_backend(LOOSE_OFFLOADED, failover_host="status.example.test"),
    ),
    open=(with_backend(LOOSE_OFFLOADED, failover_host=UNKNOWN),),
    not_applicable=(LOOSE_OFFLOADED,),
    symptom="While all servers are down, users see an error instead of the page that was made for it.",
    covers=("LB038",),
)
