"""The spec that Envoy's words say.

Whatever Envoy has a word for is read from that word; `metadata.filter_metadata.lbpatterns` only tells what it has
none for: the mode, reasons and dates, names that servers present, sessions that are shared.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from lbpatterns.core.plain import from_plain
from lbpatterns.core.spec import (
    PRIVATE_NETWORKS,
    Backend,
    Frontend,
    LBSpec,
    Mode,
    PemCertificate,
    Route,
    RuleException,
    UnknownServerName,
)
from lbpatterns.targets.envoy.configuration import EnvoyConfiguration
from lbpatterns.targets.envoy.lift_backend import ReadRoute, lift_backend
from lbpatterns.targets.envoy.pem import join
from lbpatterns.targets.envoy.stickiness import cookie_of_route
from lbpatterns.targets.envoy.tls import tls_version
from lbpatterns.targets.envoy.words import (
    HTTP_MANAGER,
    UNKNOWN_NAME_CHAIN,
    Message,
    backend_name,
    declarations,
    route_index,
    seconds,
)

_HTTPS: Final = 443


def lift(configuration: EnvoyConfiguration) -> LBSpec:
    """The spec that `render` was given: `lift(render(spec)) == spec`.

    But for spelling that means the same: names and hosts come back in lower case, IP addresses in their canonical
    form. Raises ValueError when the configuration holds no listener that `render` wrote.
    """
    certificates = {secret["name"]: _certificate_text(secret) for secret in configuration.secrets}
    listening = [listener for listener in configuration.listeners if declarations(listener)]
    if not listening:
        raise ValueError("the configuration holds no listener of a load balancer's frontend")
    first = listening[0]
    declared = declarations(first)
    read = list(_read_routes(first))
    by_backend = {backend_name(route.cluster): route for route in read}
    clusters = {backend_name(cluster["name"]): cluster for cluster in configuration.clusters}
    backends: dict[str, Backend] = {
        name: lift_backend(cluster, by_backend.get(name), certificates) for name, cluster in clusters.items()
    }
    redirects = dict(_redirects(configuration))
    return LBSpec(
        name=declared["name"],
        mode=Mode(declared["mode"]),
        frontends=tuple(_frontend(listener, certificates, redirects) for listener in listening),
        backend=backends[declared["default_backend"]],
        routes=tuple(_routes(read, backends)),
        trusted_networks=tuple(declared.get("trusted_networks", PRIVATE_NETWORKS)),
        exceptions=from_plain(tuple[RuleException, ...], declared.get("exceptions", [])),
    )


def _certificate_text(secret: Message) -> str:
    certificate = secret["tls_certificate"]
    return join(certificate["private_key"]["inline_string"], certificate["certificate_chain"]["inline_string"])


def _port(listener: Message) -> int:
    return int(listener["address"]["socket_address"]["port_value"])


def _filters(listener: Message) -> Iterator[tuple[Message, str, Message]]:
    """Each chain with its filter's name and words; a chain that only closes has none."""
    for chain in listener["filter_chains"]:
        for only in chain["filters"]:
            yield chain, only["name"], only["typed_config"]


def _redirects(configuration: EnvoyConfiguration) -> Iterator[tuple[int, int]]:
    """The port of a frontend, and that which redirects to it."""
    for listener in configuration.listeners:
        for _, kind, words in _filters(listener):
            hosts = words["route_config"]["virtual_hosts"] if kind == HTTP_MANAGER else []
            for route in (route for host in hosts for route in host["routes"] if "redirect" in route):
                yield route["redirect"].get("port_redirect", _HTTPS), _port(listener)


def _frontend(listener: Message, certificates: dict[str, str], redirects: dict[int, int]) -> Frontend:
    chains = listener["filter_chains"]
    port = _port(listener)
    tls = [chain["transport_socket"]["typed_config"]["common_tls_context"] for chain in chains if _decrypts(chain)]
    lets_through = any(chain.get("name") == UNKNOWN_NAME_CHAIN for chain in chains)
    fields: dict[str, Any] = {
        "port": port,
        "redirect_http_port": redirects.get(port),
        "unknown_server_name": UnknownServerName.DEFAULT_BACKEND if lets_through else UnknownServerName.CLOSE,
    }
    for context in tls:
        names = [reference["name"] for reference in context["tls_certificate_sds_secret_configs"]]
        anchors = declarations(listener).get("ca_bundle_pems", [None] * len(names))
        fields["minimum_tls_version"] = tls_version(context["tls_params"]["tls_minimum_protocol_version"])
        fields["certificates"] = tuple(
            PemCertificate(private_key_and_chain_pem=certificates[name], ca_bundle_pem=anchor)
            for name, anchor in zip(names, anchors, strict=True)
        )
    return Frontend(**fields)


def _decrypts(chain: Message) -> bool:
    return "transport_socket" in chain


def _read_routes(listener: Message) -> Iterator[ReadRoute]:
    """What a listener does with its traffic: the routes of its HTTP manager, or its chains by server name."""
    for chain, kind, words in _filters(listener):
        if kind == HTTP_MANAGER:
            for host in words["route_config"]["virtual_hosts"]:
                yield from _read_virtual_host(host)
        else:
            names = tuple(chain["filter_chain_match"].get("server_names", ()))
            yield ReadRoute(name=chain["name"], cluster=words["cluster"], server_names=names)


def _read_virtual_host(host: Message) -> Iterator[ReadRoute]:
    for route in host["routes"]:
        own = declarations(route)
        if "route" not in route or own.get("inherited"):
            continue
        match = route["match"]
        prefix = match.get("path_separated_prefix", match.get("prefix"))
        domain = host["domains"][0]
        yield ReadRoute(
            name=route["name"],
            cluster=route["route"]["cluster"],
            host=None if domain == "*" else domain,
            path=own.get("path_prefix") if prefix == "/" else prefix,
            request_timeout=seconds(route["route"]["timeout"]),
            cookie=cookie_of_route(route.get("typed_per_filter_config", {})),
        )


def _routes(read: list[ReadRoute], backends: dict[str, Backend]) -> Iterator[Route]:
    numbered = {index: route for route in read if (index := route_index(route.name)) is not None}
    for _, route in sorted(numbered.items()):
        yield Route(
            backend=backends[backend_name(route.cluster)],
            host=route.host,
            path_prefix=route.path,
            server_names=route.server_names,
        )
