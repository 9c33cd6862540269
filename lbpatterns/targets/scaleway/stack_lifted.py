"""What a frontend that no component made declares, once each of its toggles stands one way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from lbpatterns.core.spec import (
    UNKNOWN,
    Backend,
    Frontend,
    FrontendCertificate,
    LBSpec,
    LetsEncryptCertificate,
    Mode,
    PemCertificate,
    Route,
    TLSVersion,
    UnknownServerName,
)
from lbpatterns.targets.scaleway import stack_readable as readable
from lbpatterns.targets.scaleway.access import lift_rule
from lbpatterns.targets.scaleway.defaults import flag, items, text
from lbpatterns.targets.scaleway.modes import mode_by
from lbpatterns.targets.scaleway.stack_places import BACKEND, FRONTEND, LOAD_BALANCER, ROUTE, Entry, Places
from lbpatterns.targets.scaleway.stack_readings import Reading
from lbpatterns.targets.scaleway.stack_whole import VERSIONS, Whole
from lbpatterns.targets.scaleway.stack_words import camel
from lbpatterns.targets.scaleway.words import BALANCER, CLOSED, REDIRECT, Reference, Words

World: TypeAlias = Mapping[Reference, Any]
"""The words of everything that a frontend's declaration is made of, each toggle known; None: it is not there."""

ORDER: Final = Reference("order", "reversed")
"""Whether ACLs stand in the other order, which may be where an index is not known."""

_HTTPS_PORT: Final = 443
_SOMEBODYS: Final[Words] = {"custom_certificate": {"certificate_chain": UNKNOWN}}


def held(at: int, value: Any) -> Reference:
    """What a certificate of a frontend is called in a world, in the stack or not."""
    if isinstance(value, Reference):
        return value
    return Reference("elsewhere", value) if isinstance(value, str) else Reference("unknown", str(at))


def inline_acls(words: Words) -> list[Words]:
    """The ACLs that are written into a frontend."""
    given = items(words, "acls")
    return [] if given is UNKNOWN else [each if isinstance(each, dict) else {} for each in given]


def readings(whole: Whole, key: str, world: World, declared: Mode | None) -> Iterator[Reading]:
    """The declarations that the frontend makes in one world: one for each mode that its pairs make."""
    frontend = world[Reference("frontends", key)]
    default = frontend["backend_id"]
    routes = [(name, world[Reference("routes", name)]) for name, _ in whole.routes_of(key)]
    pairs = [(None, default), *((name, words["backend_id"]) for name, words in routes if words is not None)]
    by_mode: dict[Mode, list[tuple[str | None, Reference]]] = {}
    for name, backend in pairs:
        mode = None if backend is None else _mode(key, frontend, backend, world, declared)
        if mode is not None and backend is not None:
            by_mode.setdefault(mode, []).append((name, backend))
    for mode, found in by_mode.items():
        yield _reading(whole, key, world, mode, found)


def _mode(key: str, frontend: Words, backend: Reference, world: World, declared: Mode | None) -> Mode | None:
    """The mode of a pair. A component has pairs beside those of its mode: to redirect, and to close connections."""
    if declared is not None:
        return None if key.startswith(REDIRECT) or backend.key in {CLOSED, REDIRECT} else declared
    words = world[backend]
    return mode_by((bool(frontend["certificate_ids"]), words["forward_protocol"], words["ssl_bridging"]))


def _reading(whole: Whole, key: str, world: World, mode: Mode, pairs: list[tuple[str | None, Reference]]) -> Reading:
    """The declaration of one mode. Without the frontend's own backend, the first of a route stands for it."""
    balancer = world[BALANCER]
    routed = [(name, backend) for name, backend in pairs if name is not None]
    access = list(_access(whole, key, world))
    routes = tuple(
        _route(whole.configuration.routes[name], _backend(whole, world, backend, mode)) for name, backend in routed
    )
    spec = LBSpec(
        name=key,
        mode=mode,
        frontends=(_frontend(whole, key, world, mode),),
        backend=_backend(whole, world, pairs[0][1], mode),
        routes=routes,
        access=tuple(lift_rule(words) for _, words in access),
        private_networks=tuple(_network(each) for each in balancer["private_networks"]),
        public=balancer["public"],
        ipv6=balancer["ipv6"],
    )
    return Reading(spec=spec, places=Places(dict(_entries(whole, key, pairs, [at for at, _ in access], world))))


def _backend(whole: Whole, world: World, reference: Reference, mode: Mode) -> Backend:
    return whole.backend(reference.key, world[reference], mode)


def _network(words: Any) -> Any:
    network = text("load_balancer", words, "private_network_id") if isinstance(words, dict) else UNKNOWN
    return UNKNOWN if network is None else network


def _frontend(whole: Whole, key: str, world: World, mode: Mode) -> Frontend:
    words = world[Reference("frontends", key)]
    port, redirect = words["inbound_port"], whole.redirect
    leads_here = redirect is not None and redirect[0] != key and port == _HTTPS_PORT
    # Whoever wrote a default backend that traffic gets through to means it to.
    lets_through = mode is Mode.PASSTHROUGH
    return Frontend(
        port=port,
        certificates=tuple(_certificate(each) for each in _held_in(words, world)),
        redirect_http_port=redirect[1] if leads_here and redirect is not None else None,
        minimum_tls_version=VERSIONS.get(world[BALANCER]["ssl_compatibility_level"], TLSVersion.TLS_1_2),
        unknown_server_name=UnknownServerName.DEFAULT_BACKEND if lets_through else UnknownServerName.CLOSE,
        http3=words["enable_http3"],
        connection_rate_limit=words["connection_rate_limit"],
        access_logs=words["enable_access_logs"],
    )


def _held_in(words: Words, world: World) -> Iterator[Words]:
    for at, each in enumerate(words["certificate_ids"]):
        yield world.get(held(at, each), _SOMEBODYS)


def _certificate(words: Words) -> FrontendCertificate:
    asked = words.get("letsencrypt")
    if asked is None:
        return PemCertificate(private_key_and_chain_pem=words["custom_certificate"]["certificate_chain"])
    names = tuple(asked["subject_alternative_names"])
    return LetsEncryptCertificate(common_name=asked["common_name"], subject_alternative_names=names)


def _route(words: Words, backend: Backend) -> Route:
    name = _matched(words, "match_sni")
    return Route(
        backend=backend,
        host=_matched(words, "match_host_header"),
        path_prefix=text("routes", words, "match_path_begin"),
        server_names=() if name is None else (name,),
    )


def _matched(words: Words, name: str) -> Any:
    said = text("routes", words, name)
    if not isinstance(said, str):
        return said
    below = flag("routes", words, "match_subdomains")
    return UNKNOWN if below is UNKNOWN else f"*.{said}" if below else said


def _access(whole: Whole, key: str, world: World) -> Iterator[tuple[Reference, Words]]:
    """The frontend's ACLs in their order, with where each stands."""
    for at, words in enumerate(world[Reference("frontends", key)]["acls"]):
        yield Reference("unknown", str(at)), words
    for at in range(len(inline_acls(whole.configuration.frontends[key]))):
        reference = Reference("inline", str(at))
        if world[reference] is not None:
            yield reference, world[reference]
    names = sorted(whole.acls_of(key), key=lambda each: _index(whole.configuration.acls[each]))
    for name in reversed(names) if world[ORDER] else names:
        reference = Reference("acls", name)
        if world[reference] is not None:
            yield reference, world[reference]


def _index(words: Words) -> float:
    said = readable.whole("acls", words, "index", 0)
    return float(said) if isinstance(said, int) else 0.0


def _entries(
    whole: Whole,
    key: str,
    pairs: list[tuple[str | None, Reference]],
    access: list[Reference],
    world: World,
) -> Iterator[tuple[str, Entry]]:
    """Which resource each place of the declaration is."""
    resources = whole.places.entries
    own = resources[f"frontends[{key}]"].urn
    # A load balancer that is not in the stack is told of at its frontend.
    balancer = resources["load_balancer"].urn if "load_balancer" in resources else own
    yield "", Entry(balancer, LOAD_BALANCER)
    yield "frontends[0]", Entry(own, FRONTEND)
    yield "frontends[0].minimum_tls_version", Entry(balancer, LOAD_BALANCER, at="sslCompatibilityLevel")
    if whole.redirect is not None:
        yield (
            "frontends[0].redirect_http_port",
            Entry(resources[f"frontends[{whole.redirect[0]}]"].urn, {}, at="inboundPort"),
        )
    for at, each in enumerate(world[Reference("frontends", key)]["certificate_ids"]):
        entry = resources.get(f"certificates[{each.key}]") if isinstance(each, Reference) else None
        if entry is not None:
            part = "letsencrypt" if "letsencrypt" in world.get(each, {}) else "customCertificate"
            yield f"frontends[0].certificates[{at}]", Entry(entry.urn, {}, at=part)
    yield from _backend_entries("backend", resources, pairs[0][1], world)
    routed = [(name, backend) for name, backend in pairs if name is not None]
    for at, (name, backend) in enumerate(routed):
        yield f"routes[{at}]", Entry(resources[f"routes[{name}]"].urn, ROUTE)
        yield from _backend_entries(f"routes[{at}].backend", resources, backend, world)
    for at, where in enumerate(access):
        if where.kind == "acls":
            yield f"access[{at}]", Entry(resources[f"acls[{where.key}]"].urn)
        else:
            yield f"access[{at}]", Entry(own, {}, at="acls" if where.kind == "unknown" else f"acls[{where.key}]")


def _backend_entries(
    prefix: str, resources: Mapping[str, Entry], backend: Reference, world: World
) -> Iterator[tuple[str, Entry]]:
    urn = resources[f"backends[{backend.key}]"].urn
    yield prefix, Entry(urn, BACKEND)
    check = next((name for name in (readable.HTTPS_CHECK, readable.HTTP_CHECK) if name in world[backend]), None)
    if check is not None:
        for field in ("health_check", "health_check.protocol", "health_check.path", "health_check.host"):
            yield f"{prefix}.{field}", Entry(urn, {}, at=camel(check))
