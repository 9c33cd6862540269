"""The path that a health check asks for begins with a slash."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, unknown, violated
from lbpatterns.core.examples import OFFLOADED, PASSTHROUGH, with_backend
from lbpatterns.core.sources import rfc
from lbpatterns.core.spec import UNKNOWN, HealthCheck, HealthProtocol, LBSpec, Mode


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for place, backend in spec.backend_places():
        check = backend.health_check
        if check is None or check.protocol is HealthProtocol.TCP:
            continue
        if check.path is UNKNOWN:
            yield unknown(f"{place}.health_check.path")
        elif not check.path.startswith("/"):
            begins = f"it begins with {check.path[0]!r}" if check.path else "it is empty"
            yield violated(f"{place}.health_check.path", begins)


def _asks(path: str) -> LBSpec:
    return with_backend(OFFLOADED, health_check=HealthCheck(protocol=HealthProtocol.HTTP, path=path))


CONSTRAINT = Constraint(
    id="health-check-path-begins-with-a-slash",
    title="The path that a health check asks for begins with a slash.",
    why="What stands there goes into the request as it is; without the slash, or with a host in front, it is no "
    "request that a server understands.",
    fix="Let `path` be the path alone, such as `/health`; the host of the check is its `host`.",
    fix_by_hand={
        "scaleway": "Let `uri` of the health check be the path alone, such as `/health`; the host of the check is its "
        "`host_header`."
    },
    symptom="Servers answer the check with 400, all of them are down, and clients get 503.",
    source=rfc(9112, "3.2.1", "HTTP/1.1", "a request to a server carries the absolute path as its target"),
    binding=Binding.DOCUMENTED,
    modes=frozenset(Mode),
    check=_check,
    holds=(OFFLOADED, _asks("/health")),
    fails=(_asks("health"), _asks("shop.example.test/health"), _asks("")),
    open=(with_backend(OFFLOADED, health_check=HealthCheck(protocol=HealthProtocol.HTTP, path=UNKNOWN)),),
    not_applicable=(PASSTHROUGH,),
    covers=("LB062",),
)
