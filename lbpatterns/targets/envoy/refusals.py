"""Why a spec cannot be rendered: what would be dropped silently, or what Envoy would take otherwise than it was meant.

The constraints in `lbpatterns.core` have said most of it before, in more words; this is the last door.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any, Final

from lbpatterns.core.spec import UNKNOWN, Frontend, LBSpec, Mode
from lbpatterns.core.target import features, refused_backends
from lbpatterns.targets.envoy.backend_refusals import backend_refusals
from lbpatterns.targets.envoy.supports import SUPPORTS
from lbpatterns.targets.envoy.tls import is_ip

_NAME: Final = re.compile(
    r"(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*", re.IGNORECASE
)
_PORTS: Final = range(1, 65536)


def refusals(spec: LBSpec, bind_address: str) -> tuple[str, ...]:
    """Every reason, each with its place; none where the spec can be rendered."""
    unknown = tuple(f"{place}: not known yet; only known values can be rendered" for place in _unknowns(spec, ""))
    if unknown:
        return unknown
    return tuple(
        chain(
            () if is_ip(bind_address) else [f"bind_address: {bind_address!r} is no IP address"],
            (f"{place}: Envoy cannot do {feature}" for feature, place in features(spec) if feature not in SUPPORTS),
            _frontends(spec),
            refused_backends(spec, lambda place, backend: backend_refusals(spec.mode, backend, place)),
            _passthrough_routes(spec) if spec.mode is Mode.PASSTHROUGH else _http_routes(spec),
        )
    )


def _unknowns(value: Any, place: str) -> Iterator[str]:
    if value is UNKNOWN:
        yield place
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from _unknowns(getattr(value, field.name), f"{place}.{field.name}" if place else field.name)
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _unknowns(item, f"{place}[{index}]")


def _frontends(spec: LBSpec) -> Iterator[str]:
    if not spec.frontends:
        yield "frontends: none; a load balancer listens on one port at least"
    taken: dict[object, str] = {}
    for index, frontend in enumerate(spec.frontends):
        place = f"frontends[{index}]"
        for field, port in (("port", frontend.port), ("redirect_http_port", frontend.redirect_http_port)):
            if port is None:
                continue
            if port not in _PORTS:
                yield f"{place}.{field}: {port} is no port"
            if port in taken:
                yield f"{place}.{field}: {port} is already {taken[port]}"
            taken.setdefault(port, f"{place}.{field}")
        yield from _frontend(spec.mode, frontend, place)


def _frontend(mode: Mode, frontend: Frontend, place: str) -> Iterator[str]:
    fresh = Frontend(port=1)
    if mode is not Mode.PASSTHROUGH:
        if not frontend.certificates:
            yield f"{place}.certificates: none; a frontend that decrypts presents one"
        if frontend.unknown_server_name is not fresh.unknown_server_name:
            yield f"{place}.unknown_server_name: only in passthrough; the first certificate answers unknown names"
        return
    if frontend.certificates:
        yield f"{place}.certificates: in passthrough the servers present theirs; the load balancer holds none"
    if frontend.minimum_tls_version is not fresh.minimum_tls_version:
        yield f"{place}.minimum_tls_version: in passthrough the servers decide; set it there"


def _http_routes(spec: LBSpec) -> Iterator[str]:
    taken: dict[tuple[object, object], str] = {}
    for index, route in enumerate(spec.routes):
        place = f"routes[{index}]"
        if route.server_names:
            yield f"{place}.server_names: only in passthrough; a load balancer that decrypts routes by host and path"
        if route.host is not None and not _NAME.fullmatch(str(route.host)) and not is_ip(str(route.host)):
            yield f"{place}.host: {route.host!r} is neither a name nor a wildcard such as *.example.test"
        path = "/" if route.path_prefix is None else str(route.path_prefix)
        if not path.startswith("/") or set(path) & set("?#"):
            yield f"{place}.path_prefix: {path!r} must start with a slash and hold no ? or #"
        host = None if route.host is None else str(route.host).lower()
        if (host, path) == (None, "/"):
            yield f"{place}: takes every request, so that the default backend never answers; name a host or a path"
        if (host, path) in taken:
            yield f"{place}: host {host!r} and path {path!r} are already those of {taken[host, path]}"
        taken.setdefault((host, path), place)


def _passthrough_routes(spec: LBSpec) -> Iterator[str]:
    taken: dict[str, str] = {}
    for index, route in enumerate(spec.routes):
        place = f"routes[{index}]"
        if route.host is not None or route.path_prefix is not None:
            yield f"{place}: host and path are encrypted in passthrough; route by server_names"
        if not route.server_names:
            yield f"{place}.server_names: none; a passthrough route names one at least"
        for name in (str(name) for name in route.server_names):
            if not _NAME.fullmatch(name):
                yield f"{place}.server_names: {name!r} is neither a name nor a wildcard such as *.example.test"
            if name.lower() in taken:
                yield f"{place}.server_names: {name!r} is already a server name of {taken[name.lower()]}"
            taken.setdefault(name.lower(), place)
    certificate = spec.backend.server_certificate
    for name in (str(name) for name in (certificate.names if certificate else ())):
        if not _NAME.fullmatch(name):
            yield f"backend.server_certificate.names: {name!r} is no name that SNI can carry"
