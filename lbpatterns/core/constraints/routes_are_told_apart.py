"""No two routes match the same requests or connections."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import TypeAlias

from lbpatterns.core.constraint import Binding, Constraint, Evidence, Found, Source, unknown, violated
from lbpatterns.core.examples import BRIDGED, PASSTHROUGH
from lbpatterns.core.spec import UNKNOWN, LBSpec, Mode, Route

Match: TypeAlias = tuple[object, ...]


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    taken: dict[Match, str] = {}
    places = [match for index, route in enumerate(spec.routes) for match in _matches(route, f"routes[{index}]")]
    for place, match in places:
        if UNKNOWN in match:
            if len(places) > 1:
                yield unknown(place)
        elif match in taken:
            yield violated(place, f"it is already {taken[match]}")
        else:
            taken[match] = place


def _matches(route: Route, place: str) -> Iterator[tuple[str, Match]]:
    """What a route matches, names in lower case; a path of `/` is none."""
    if route.host is not None or route.path_prefix is not None:
        host = route.host if route.host is None or route.host is UNKNOWN else route.host.lower()
        yield place, (host, route.path_prefix or "/")
    for index, name in enumerate(route.server_names):
        yield f"{place}.server_names[{index}]", (name if name is UNKNOWN else name.lower(),)


_BLOG = replace(BRIDGED.backend, name="blog")


def _routed(first: Route, second: Route, spec: LBSpec = BRIDGED) -> LBSpec:
    return replace(spec, routes=(first, second))


CONSTRAINT = Constraint(
    id="routes-are-told-apart",
    title="No two routes match the same requests or connections.",
    why="The first of them takes everything that both match, or the load balancer takes neither.",
    fix="Leave one of the two routes out, or let them differ in `host`, `path_prefix` or `server_names`.",
    fix_by_hand={
        "scaleway": "Remove one of the two Routes, or let them differ in `match_host_header`, `match_path_begin` or "
        "`match_sni`."
    },
    symptom="The servers of the second route never see a request; or Envoy does not take the configuration.",
    source=Source(
        "Envoy, Route matching",
        "https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/route_matching",
        "routes are checked in order, and none after the first that matches",
    ),
    binding=Binding.ADVISED,
    evidence=Evidence.INFERRED,
    modes=frozenset(Mode),
    check=_check,
    holds=(
        _routed(Route(backend=_BLOG, host="a.example.test"), Route(backend=_BLOG, host="b.example.test")),
        _routed(Route(backend=_BLOG, path_prefix="/blog"), Route(backend=_BLOG, host="a.example.test")),
    ),
    fails=(
        _routed(Route(backend=_BLOG, host="a.example.test"), Route(backend=BRIDGED.backend, host="A.example.test")),
        _routed(
            Route(backend=PASSTHROUGH.backend, server_names=("a.example.test", "b.example.test")),
            Route(backend=PASSTHROUGH.backend, server_names=("b.example.test",)),
            PASSTHROUGH,
        ),
    ),
    open=(_routed(Route(backend=_BLOG, host="a.example.test"), Route(backend=_BLOG, host=UNKNOWN)),),
    not_applicable=(BRIDGED, replace(BRIDGED, routes=(Route(backend=_BLOG, host=UNKNOWN),))),
)
