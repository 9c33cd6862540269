"""Routes in Scaleway's words: one match each, so that several server names are several routes.

Source: https://www.scaleway.com/en/docs/load-balancer/reference-content/routes/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lbpatterns.core.spec import LBSpec, Maybe, Mode, Route, UnknownServerName
from lbpatterns.targets.scaleway.words import Late, Reference, Words


def routes(spec: LBSpec, late: Late) -> Iterator[tuple[str, Words]]:
    """The routes of every frontend, each with its key."""
    for number, frontend in enumerate(spec.frontends):
        for index, route in enumerate(spec.routes):
            to = Reference("backends", f"backend-{route.backend.name}")
            for at, match in enumerate(_matches(route, late)):
                yield f"route-{number}-{index}-{at}", _route(number, to, match)
        closes = frontend.unknown_server_name is UnknownServerName.CLOSE
        held = spec.backend.server_certificate
        if spec.mode is Mode.PASSTHROUGH and closes and held is not None:
            to = Reference("backends", f"backend-{spec.backend.name}")
            for at, name in enumerate(_not_routed(spec, held.names)):
                yield f"default-{number}-{at}", _route(number, to, _by_name("match_sni", name, late))


def _route(frontend: int, backend: Reference, match: Words) -> Words:
    return {"frontend_id": Reference("frontends", f"frontend-{frontend}"), "backend_id": backend, **match}


def _not_routed(spec: LBSpec, names: tuple[Maybe[str], ...]) -> list[Maybe[str]]:
    """The names of the default backend's certificate; a route that names one of them comes first."""
    routed = {name for route in spec.routes for name in route.server_names if isinstance(name, str)}
    return [name for name in names if not isinstance(name, str) or name not in routed]


def _matches(route: Route, late: Late) -> list[Words]:
    if route.server_names:
        return [_by_name("match_sni", name, late) for name in route.server_names]
    if route.host is not None:
        return [_by_name("match_host_header", route.host, late)]
    return [{"match_path_begin": route.path_prefix}]


def _by_name(kind: str, name: Any, late: Late) -> Words:
    """`*.example.test` is Scaleway's `example.test` with all its subdomains."""
    return {
        kind: late(name, lambda known: known.lower().removeprefix("*.")),
        "match_subdomains": late(name, lambda known: known.startswith("*.")),
    }
