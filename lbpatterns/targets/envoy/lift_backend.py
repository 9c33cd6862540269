"""A backend, read from its cluster and from a route that leads to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lbpatterns.core.plain import from_plain
from lbpatterns.core.spec import (
    Backend,
    HealthCheck,
    HealthProtocol,
    InsecureSkip,
    PemCertificate,
    Protocol,
    ProxyProtocol,
    Server,
    ServerCertificate,
    Stickiness,
    StickinessKind,
    Timeouts,
)
from lbpatterns.targets.envoy.clusters import POLICIES, STICKY_POLICY
from lbpatterns.targets.envoy.health import USUAL_STATUSES, checks_in_clear
from lbpatterns.targets.envoy.tls import ACCEPT_UNTRUSTED, matched_name, tls_version
from lbpatterns.targets.envoy.words import (
    DEFAULT_COOKIE_NAME,
    HTTP_OPTIONS,
    PROXY_SOCKET,
    TCP_OPTIONS,
    TLS_SOCKET,
    Message,
    backend_name,
    declarations,
    seconds,
)

_BALANCING: Final = {word: balancing for balancing, word in POLICIES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRoute:
    """A route or a filter chain as it was read. `cookie` ties clients to the servers it leads to; seconds."""

    name: str
    cluster: str
    host: str | None = None
    path: str | None = None
    server_names: tuple[str, ...] = ()
    request_timeout: float | None = None
    cookie: str | None = None


def lift_backend(cluster: Message, route: ReadRoute | None, certificates: Mapping[str, str]) -> Backend:
    """The backend of a cluster. `route` leads to it, None where none does; `certificates` is PEM text by secret."""
    declared = declarations(cluster)
    said: list[str] = declared.get("said", [])
    endpoints = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"]
    own = [_port(endpoint) for endpoint in endpoints if not declarations(endpoint).get("own_port")]
    return Backend(
        name=backend_name(cluster["name"]),
        servers=tuple(_server(endpoint) for endpoint in endpoints),
        port=own[0] if own else declared["port"],
        protocol=Protocol.TCP if TCP_OPTIONS in cluster["typed_extension_protocol_options"] else Protocol.HTTP,
        server_certificate=_part(ServerCertificate, declared.get("server_certificate")),
        insecure_skip_verify=_part(InsecureSkip, declared.get("insecure_skip_verify")),
        shared_sessions=declared.get("shared_sessions", False),
        health_check=_health_check(cluster),
        timeouts=_timeouts(cluster, route, declared),
        **_stickiness(cluster, route, said),
        **_transport(cluster.get("transport_socket"), said, declared, certificates),
    )


def _part(kind: type[Any], plain: Any) -> Any:
    return None if plain is None else from_plain(kind, plain)


def _address(endpoint: Message) -> Message:
    address: Message = endpoint["endpoint"]["address"]["socket_address"]
    return address


def _port(endpoint: Message) -> int:
    return int(_address(endpoint)["port_value"])


def _server(endpoint: Message) -> Server:
    declared = declarations(endpoint)
    return Server(
        address=_address(endpoint)["address"],
        port=_port(endpoint) if declared.get("own_port") else None,
        certificate=_part(ServerCertificate, declared.get("certificate")),
    )


def _timeouts(cluster: Message, route: ReadRoute | None, declared: Message) -> Timeouts:
    options = cluster["typed_extension_protocol_options"]
    idle = options[TCP_OPTIONS] if TCP_OPTIONS in options else options[HTTP_OPTIONS]["common_http_protocol_options"]
    request = declared.get("request_timeout", Timeouts().request)
    if route is not None and route.request_timeout is not None:
        request = route.request_timeout
    return Timeouts(
        connect=seconds(cluster["connect_timeout"]),
        request=request,
        idle=seconds(idle["idle_timeout"]),
    )


def _stickiness(cluster: Message, route: ReadRoute | None, said: list[str]) -> dict[str, Any]:
    if cluster["lb_policy"] == STICKY_POLICY:
        return {"stickiness": Stickiness(kind=StickinessKind.SOURCE_ADDRESS)}
    fields: dict[str, Any] = {"balancing": _BALANCING[cluster["lb_policy"]]}
    if route is not None and route.cookie is not None:
        unnamed = route.cookie == DEFAULT_COOKIE_NAME and "cookie_name" not in said
        name = None if unnamed else route.cookie
        fields["stickiness"] = Stickiness(kind=StickinessKind.COOKIE, cookie_name=name)
    return fields


def _transport(
    socket: Message | None, said: list[str], declared: Message, certificates: Mapping[str, str]
) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if socket is not None and socket["name"] == PROXY_SOCKET:
        fields["proxy_protocol"] = ProxyProtocol(socket["typed_config"]["config"]["version"].lower())
        socket = socket["typed_config"]["transport_socket"]
    if socket is None or socket["name"] != TLS_SOCKET:
        return fields
    words = socket["typed_config"]
    context = words["common_tls_context"]
    validation = context["validation_context"]
    names = [matched_name(matcher) for matcher in validation.get("match_typed_subject_alt_names", ())]
    server_name = words.get("sni")
    for reference in context.get("tls_certificate_sds_secret_configs", ()):
        fields["client_certificate"] = PemCertificate(
            private_key_and_chain_pem=certificates[reference["name"]],
            ca_bundle_pem=declared.get("client_certificate_ca_bundle_pem"),
        )
    return {
        **fields,
        "tls": True,
        "server_name": server_name,
        "expected_name": names[0] if names and (names[0] != server_name or "expected_name" in said) else None,
        "ca_bundle_pem": validation["trusted_ca"].get("inline_string"),
        "verify_server_certificate": validation.get("trust_chain_verification") != ACCEPT_UNTRUSTED,
        "minimum_tls_version": tls_version(context["tls_params"]["tls_minimum_protocol_version"]),
    }


def _health_check(cluster: Message) -> HealthCheck | None:
    if not cluster.get("health_checks"):
        return None
    check = cluster["health_checks"][0]
    endpoint = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]
    fields: dict[str, Any] = {
        "protocol": HealthProtocol.TCP,
        "port": endpoint.get("health_check_config", {}).get("port_value"),
        "interval": seconds(check["interval"]),
        "timeout": seconds(check["timeout"]),
        "healthy_after": check["healthy_threshold"],
        "unhealthy_after": check["unhealthy_threshold"],
    }
    if "http_health_check" in check:
        words = check["http_health_check"]
        fields["protocol"] = HealthProtocol.HTTP if checks_in_clear(cluster) else HealthProtocol.HTTPS
        fields["host"] = words.get("host")
        fields["path"] = words["path"]
        statuses = tuple((span["start"], span["end"] - 1) for span in words["expected_statuses"])
        fields["statuses"] = None if statuses == USUAL_STATUSES else statuses
    return HealthCheck(**fields)
