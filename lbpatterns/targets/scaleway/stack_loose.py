"""What frontends that no component made declare: each with the backends that it sends to, if that is one of the modes.

A pair that makes none of the three modes declares nothing; that is a mistake of its own, with a rule of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

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
from lbpatterns.targets.scaleway.defaults import flag, items, place, text
from lbpatterns.targets.scaleway.lift_backend import lift_backend
from lbpatterns.targets.scaleway.modes import (
    LooseConfiguration,
    acls_of,
    action_of,
    find,
    has_ipv6,
    is_public,
    lets_nobody_in,
    mode_by,
)
from lbpatterns.targets.scaleway.stack_places import BACKEND, FRONTEND, LOAD_BALANCER, ROUTE, Entry, Places
from lbpatterns.targets.scaleway.stack_readings import (
    ACL,
    ACTION,
    CERTIFICATE,
    MATCH,
    Reading,
    Subject,
    variants,
    worlds,
)
from lbpatterns.targets.scaleway.stack_readings import BACKEND as BACKEND_CHOICES
from lbpatterns.targets.scaleway.stack_readings import FRONTEND as FRONTEND_CHOICES
from lbpatterns.targets.scaleway.stack_readings import LOAD_BALANCER as LOAD_BALANCER_CHOICES
from lbpatterns.targets.scaleway.stack_words import camel
from lbpatterns.targets.scaleway.words import BALANCER, CLOSED, COMPATIBILITY, REDIRECT, Reference, Words, other_way

World = Mapping[Reference, Any]

_HTTP: Final = "http"
_HTTPS_PORT: Final = 443
_MOST_BACKENDS: Final = 8
_VERSIONS: Final = other_way(COMPATIBILITY)


def subjects(
    configuration: LooseConfiguration, places: Places, frontends: Iterable[tuple[str, Mode | None]]
) -> Iterator[Subject]:
    """One for each of these frontends; with the mode that is declared, or else None."""
    whole = _Whole.of(configuration, places)
    for key, declared in frontends:
        yield _subject(whole, key, declared)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Whole:
    """A load balancer, with what all its frontends share worked out once."""

    configuration: LooseConfiguration
    places: Places
    balancer: list[Words]
    backends: Mapping[str, list[Words]]
    routes: Mapping[str | None, list[str]]
    acls: Mapping[str | None, list[str]]
    redirect: tuple[str, Any] | None
    lifted: dict[tuple[str, int, Mode], Backend] = field(default_factory=dict)

    @classmethod
    def of(cls, configuration: LooseConfiguration, places: Places) -> _Whole:
        backends = configuration.backends.items()
        return cls(
            configuration=configuration,
            places=places,
            balancer=variants(_balancer(configuration), LOAD_BALANCER_CHOICES),
            backends={key: variants(readable.backend(words), BACKEND_CHOICES) for key, words in backends},
            routes=_by_frontend(configuration, configuration.routes),
            acls=_by_frontend(configuration, configuration.acls),
            redirect=_redirect(configuration),
        )


def _balancer(configuration: LooseConfiguration) -> Words:
    words = configuration.load_balancer
    level = text("load_balancer", words, "ssl_compatibility_level")
    return {
        "ssl_compatibility_level": level if level is UNKNOWN or level in _VERSIONS else "",
        "public": is_public(configuration),
        "ipv6": has_ipv6(configuration),
        "private_networks": _networks(configuration),
    }


def _networks(configuration: LooseConfiguration) -> Any:
    """The private networks that are arguments of the load balancer, and those that are attached by resources."""
    inside = items(configuration.load_balancer, "private_networks")
    return inside if inside is UNKNOWN else [*inside, *configuration.private_networks.values()]


def _by_frontend(configuration: LooseConfiguration, resources: Mapping[str, Words]) -> dict[str | None, list[str]]:
    """Keys by the frontend that they belong to; None: it is not known yet which that is."""
    found: dict[str | None, list[str]] = {}
    for key, words in resources.items():
        found.setdefault(find(configuration, "frontends", words.get("frontend_id")), []).append(key)
    return found


def _redirect(configuration: LooseConfiguration) -> tuple[str, Any] | None:
    """The frontend that answers plain HTTP with nothing but redirects, and its port."""
    for key, words in configuration.frontends.items():
        if items(words, "certificate_ids") != []:
            continue
        backend = find(configuration, "backends", words.get("backend_id"))
        if backend is None or text("backends", configuration.backends[backend], "forward_protocol") != _HTTP:
            continue
        acls = acls_of(configuration, key)
        if acls is UNKNOWN or not acls or lets_nobody_in(configuration, key) is not True:
            continue
        if action_of(acls[-1]) == "redirect":
            return key, readable.whole("frontends", words, "inbound_port", UNKNOWN)
    return None


def _subject(whole: _Whole, key: str, declared: Mode | None) -> Subject:
    possible, complete = worlds(dict(_objects(whole, key)))
    found = tuple(tuple(_readings(whole, key, world, declared)) for world in possible)
    entry = whole.places.entries.get(f"frontends[{key}]")
    return Subject(
        urn="" if entry is None else entry.urn,
        place=place("frontends", key, "backend_id"),
        declared=False,
        worlds=found,
        complete=complete,
    )


def _objects(whole: _Whole, key: str) -> Iterator[tuple[Reference, list[Any]]]:
    """Everything that a frontend's declaration is made of, in every way that it may turn out."""
    configuration = whole.configuration
    yield BALANCER, whole.balancer
    own = [_frontend_words(whole, key)] if key in configuration.frontends else []
    frontends = [each for words in own for each in _with_backend(whole, variants(words, _frontend_choices(whole)))]
    yield Reference("frontends", key), frontends
    for held in _certificates(whole, key):
        yield held, _certificate_variants(configuration, held)
    leads_to = {each["backend_id"] for each in frontends}
    for name, route in _routes(whole, key):
        options = _with_backend(whole, [route])
        leads_to |= {each["backend_id"] for each in options}
        yield Reference("routes", name), [*options, *([None] if name in whole.routes.get(None, ()) else [])]
    for name in (*whole.acls.get(key, ()), *whole.acls.get(None, ())):
        unsure = name in whole.acls.get(None, ())
        yield Reference("acls", name), [*_acl_variants(configuration.acls[name]), *([None] if unsure else [])]
    for at, acl in enumerate(_inline_acls(configuration.frontends[key])):
        yield Reference("inline", str(at)), _acl_variants(acl)
    for reference in leads_to:
        if reference is not None:
            yield reference, whole.backends[reference.key]


def _routes(whole: _Whole, key: str) -> Iterator[tuple[str, Words]]:
    for name in (*whole.routes.get(key, ()), *whole.routes.get(None, ())):
        yield name, whole.configuration.routes[name]


def _frontend_words(whole: _Whole, key: str) -> Words:
    words = whole.configuration.frontends[key]
    return {
        "backend_id": words.get("backend_id"),
        "inbound_port": readable.whole("frontends", words, "inbound_port", UNKNOWN),
        "certificate_ids": items(words, "certificate_ids"),
        "enable_http3": flag("frontends", words, "enable_http3"),
        "enable_access_logs": flag("frontends", words, "enable_access_logs"),
        "connection_rate_limit": readable.whole("frontends", words, "connection_rate_limit"),
        "acls": UNKNOWN if items(words, "acls") is UNKNOWN else [],
    }


def _with_backend(whole: _Whole, options: list[Words]) -> list[Words]:
    """The words with the backend that is meant: the one that is said, or any where that is not known yet."""
    return [{**words, "backend_id": each} for words in options for each in _possible_backends(whole, words)]


def _possible_backends(whole: _Whole, words: Words) -> list[Reference | None]:
    said = words.get("backend_id")
    backend = find(whole.configuration, "backends", said)
    if backend is not None:
        return [Reference("backends", backend)]
    if said is not UNKNOWN or not whole.backends:
        return [None]
    return [Reference("backends", key) for key in list(whole.backends)[:_MOST_BACKENDS]]


def _frontend_choices(whole: _Whole) -> Mapping[str, Sequence[Any]]:
    """A list of certificates that is not known may be all that the load balancer has."""
    every = _every_certificate(whole)
    return {**FRONTEND_CHOICES, "certificate_ids": ([], [UNKNOWN], *([every] if every else []))}


def _every_certificate(whole: _Whole) -> list[Reference]:
    return [Reference("certificates", key) for key in whole.configuration.certificates]


def _certificates(whole: _Whole, key: str) -> list[Reference]:
    """What the frontend's certificates are called here, those included that are not in the stack."""
    held = items(whole.configuration.frontends[key], "certificate_ids")
    return _every_certificate(whole) if held is UNKNOWN else [_held(at, each) for at, each in enumerate(held)]


def _held(at: int, value: Any) -> Reference:
    return value if isinstance(value, Reference) else Reference("held", str(at))


def _certificate_variants(configuration: LooseConfiguration, held: Reference) -> list[Words]:
    key = find(configuration, "certificates", held)
    words = {} if key is None else configuration.certificates[key]
    is_unsure = key is None or words.get("letsencrypt") is UNKNOWN
    if is_unsure:
        return [each["kind"] for each in variants({"kind": UNKNOWN}, CERTIFICATE)]
    return [readable.certificate(words)]


def _inline_acls(words: Words) -> list[Words]:
    held = items(words, "acls")
    return [] if held is UNKNOWN else [each if isinstance(each, dict) else {} for each in held]


def _acl_variants(words: Words) -> list[Words | None]:
    read = readable.acl(words)
    if read is None:
        return [None]
    return [
        {"action": action, "match": match}
        for whole in variants(read, ACL)
        for action in variants(whole["action"], ACTION)
        for match in variants(whole["match"], MATCH)
    ]


def _readings(whole: _Whole, key: str, world: World, declared: Mode | None) -> Iterator[Reading]:
    """The declarations that the frontend makes in one world: one for each mode that its pairs make."""
    frontend = world[Reference("frontends", key)]
    default = frontend["backend_id"]
    routes = [(name, world[Reference("routes", name)]) for name, _ in _routes(whole, key)]
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


def _reading(whole: _Whole, key: str, world: World, mode: Mode, pairs: list[tuple[str | None, Reference]]) -> Reading:
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


def _backend(whole: _Whole, world: World, reference: Reference, mode: Mode) -> Backend:
    """Lifted once for all frontends that lead there."""
    words = world[reference]
    known = (reference.key, id(words), mode)
    if known not in whole.lifted:
        whole.lifted[known] = lift_backend(reference.key, words, mode, {})
    return whole.lifted[known]


def _network(words: Any) -> Any:
    network = text("load_balancer", words, "private_network_id") if isinstance(words, dict) else UNKNOWN
    return UNKNOWN if network is None else network


def _frontend(whole: _Whole, key: str, world: World, mode: Mode) -> Frontend:
    words = world[Reference("frontends", key)]
    port, redirect = words["inbound_port"], whole.redirect
    leads_here = redirect is not None and redirect[0] != key and port == _HTTPS_PORT
    # Whoever wrote a default backend that traffic gets through to means it to.
    lets_through = mode is Mode.PASSTHROUGH
    return Frontend(
        port=port,
        certificates=tuple(_certificate(each) for each in _held_in(words, world)),
        redirect_http_port=redirect[1] if leads_here and redirect is not None else None,
        minimum_tls_version=_VERSIONS.get(world[BALANCER]["ssl_compatibility_level"], TLSVersion.TLS_1_2),
        unknown_server_name=UnknownServerName.DEFAULT_BACKEND if lets_through else UnknownServerName.CLOSE,
        http3=words["enable_http3"],
        connection_rate_limit=words["connection_rate_limit"],
        access_logs=words["enable_access_logs"],
    )


def _held_in(words: Words, world: World) -> Iterator[Words]:
    for at, each in enumerate(words["certificate_ids"]):
        yield world.get(_held(at, each), {"custom_certificate": {"certificate_chain": UNKNOWN}})


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


def _access(whole: _Whole, key: str, world: World) -> Iterator[tuple[Reference, Words]]:
    """The frontend's ACLs in their order, with where each stands."""
    for at, words in enumerate(world[Reference("frontends", key)]["acls"]):
        yield Reference("unknown", str(at)), words
    for at in range(len(_inline_acls(whole.configuration.frontends[key]))):
        reference = Reference("inline", str(at))
        if world[reference] is not None:
            yield reference, world[reference]
    names = [*whole.acls.get(key, ()), *whole.acls.get(None, ())]
    for name in sorted(names, key=lambda each: _index(whole.configuration.acls[each])):
        reference = Reference("acls", name)
        if world[reference] is not None:
            yield reference, world[reference]


def _index(words: Words) -> float:
    said = readable.whole("acls", words, "index", 0)
    return float(said) if isinstance(said, int) else 0.0


def _entries(
    whole: _Whole,
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
    for at, held in enumerate(world[Reference("frontends", key)]["certificate_ids"]):
        entry = resources.get(f"certificates[{held.key}]") if isinstance(held, Reference) else None
        if entry is not None:
            part = "letsencrypt" if "letsencrypt" in world.get(held, {}) else "customCertificate"
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
