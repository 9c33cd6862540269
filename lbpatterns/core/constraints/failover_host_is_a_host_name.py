"""The failover host is a host name, without scheme and path."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, unknown, violated
from lbpatterns.core.examples import BRIDGED, OFFLOADED, with_backend
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import UNKNOWN, LBSpec, Mode


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for place, backend in spec.backend_places():
        host = backend.failover_host
        if host is None:
            continue
        if host is UNKNOWN:
            yield unknown(f"{place}.failover_host")
        elif "://" in host:
            yield violated(f"{place}.failover_host", f"it begins with {host.partition('://')[0]}://")
        elif "/" in host or not host.strip():
            yield violated(f"{place}.failover_host", "it holds a path" if host.strip() else "it is empty")


CONSTRAINT = Constraint(
    id="failover-host-is-a-host-name",
    title="The failover host is a host name, without scheme and path.",
    why="The load balancer asks that host for the page that the client wanted; a URL is no host.",
    fix="Let `failover_host` be the domain of the bucket website alone, such as "
    "`my-bucket.s3-website.fr-par.scw.cloud`.",
    symptom="Clients get 503 instead of the page that was made for that moment.",
    source=scaleway_page(
        "reference-content/configuring-backends", "the domain of the bucket website, without a leading protocol"
    ),
    binding=Binding.DOCUMENTED,
    modes=frozenset({Mode.OFFLOADED, Mode.BRIDGED}),
    check=_check,
    holds=(with_backend(OFFLOADED, failover_host="shop.s3-website.fr-par.scw.cloud"),),
    fails=(
        with_backend(OFFLOADED, failover_host="https://shop.s3-website.fr-par.scw.cloud"),
        with_backend(BRIDGED, failover_host="shop.s3-website.fr-par.scw.cloud/error.html"),
    ),
    open=(with_backend(OFFLOADED, failover_host=UNKNOWN),),
    not_applicable=(OFFLOADED,),
    covers=("C76", "LB038"),
)
