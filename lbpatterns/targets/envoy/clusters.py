"""Backends in Envoy's words: clusters.

Source: Envoy's documentation, "Cluster manager", "Circuit breaking", "Panic threshold", config/cluster/v3.
"""

from __future__ import annotations

import ipaddress
from typing import Any, Final

from lbpatterns.core.plain import to_plain
from lbpatterns.core.spec import Backend, Balancing, Mode, Protocol, ProxyProtocol, Server
from lbpatterns.targets.envoy.health import checked_at, health_fields
from lbpatterns.targets.envoy.stickiness import has_source_address
from lbpatterns.targets.envoy.tls import is_ip, towards_servers
from lbpatterns.targets.envoy.words import (
    DEFAULT_COOKIE_NAME,
    HTTP_OPTIONS,
    PROXY_SOCKET,
    RAW_SOCKET,
    TCP_OPTIONS,
    Message,
    cluster_name,
    duration,
    extension,
    metadata,
    socket_address,
    typed,
)

BUFFER_BYTES: Final = 32768  # of Envoy's guide for edge proxies
POLICIES: Final = {Balancing.ROUND_ROBIN: "ROUND_ROBIN", Balancing.LEAST_CONNECTIONS: "LEAST_REQUEST"}
STICKY_POLICY: Final = "MAGLEV"
_MOST_CONNECTIONS: Final = 8192
_MOST_RETRIES: Final = 1024


def cluster(backend: Backend, mode: Mode, directory: str) -> Message:
    """The cluster of a backend."""

    def wrap(socket: Message) -> Message:
        return _behind_proxy_header(socket, backend.proxy_protocol)

    name = cluster_name(backend.name)
    endpoints = [_endpoint(backend, server) for server in backend.servers]
    return {
        "name": name,
        **_discovery(backend),
        "connect_timeout": duration(_number(backend.timeouts.connect)),
        "per_connection_buffer_limit_bytes": BUFFER_BYTES,
        "lb_policy": STICKY_POLICY if has_source_address(backend) else POLICIES[backend.balancing],
        # Servers known to be down get no traffic, however many they are. What a check finds counts at once: Envoy's
        # own would wait up to a second to merge it with other findings, which is meant for thousands of servers.
        "common_lb_config": {"healthy_panic_threshold": {"value": 0}, "update_merge_window": "0s"},
        "ignore_health_on_host_removal": True,
        "circuit_breakers": {"thresholds": [_thresholds()]},
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": endpoints}]},
        "typed_extension_protocol_options": _protocol(backend),
        **health_fields(backend, mode, wrap),
        **_transport(backend, mode, directory, wrap),
        **metadata(_declared(backend)),
    }


def _discovery(backend: Backend) -> Message:
    """Addresses are taken as they are, names are resolved again as their records run out."""
    if all(is_ip(str(server.address)) for server in backend.servers):
        return {"type": "STATIC"}
    resolved = extension(
        "envoy.clusters.dns",
        "envoy.extensions.clusters.dns.v3.DnsCluster",
        dns_lookup_family="V4_PREFERRED",
        respect_dns_ttl=True,
    )
    return {"cluster_type": resolved}


def _endpoint(backend: Backend, server: Server) -> Message:
    port = backend.port if server.port is None else server.port
    declared: Message = {} if server.port is None else {"own_port": True}
    if server.certificate is not None:
        declared["certificate"] = to_plain(server.certificate)
    address = _canonical(str(server.address))
    endpoint = {"address": socket_address(address, int(_number(port))), **checked_at(backend, server)}
    return {"endpoint": endpoint, **metadata(declared)}


def _canonical(address: str) -> str:
    return str(ipaddress.ip_address(address)) if is_ip(address) else address.lower()


def _thresholds() -> Message:
    return {
        "max_connections": _MOST_CONNECTIONS,
        "max_pending_requests": _MOST_CONNECTIONS,
        "max_requests": _MOST_CONNECTIONS,
        "max_retries": _MOST_RETRIES,
    }


def _protocol(backend: Backend) -> Message:
    idle = duration(_number(backend.timeouts.idle))
    if backend.protocol is Protocol.TCP:
        return {TCP_OPTIONS: typed(TCP_OPTIONS, idle_timeout=idle)}
    options = typed(
        HTTP_OPTIONS,
        common_http_protocol_options={"idle_timeout": idle},
        explicit_http_config={"http_protocol_options": {}},
    )
    return {HTTP_OPTIONS: options}


def _transport(backend: Backend, mode: Mode, directory: str, wrap: Any) -> Message:
    if mode is Mode.BRIDGED:
        return {"transport_socket": wrap(towards_servers(backend, directory))}
    if backend.proxy_protocol is ProxyProtocol.NONE:
        return {}
    raw = extension(RAW_SOCKET, "envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer")
    return {"transport_socket": wrap(raw)}


def _behind_proxy_header(socket: Message, version: ProxyProtocol) -> Message:
    """The header comes before the TLS hand-shake, so its socket is around the other."""
    if version is ProxyProtocol.NONE:
        return socket
    return extension(
        PROXY_SOCKET,
        "envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport",
        config={"version": version.value.upper()},
        transport_socket=socket,
    )


def _declared(backend: Backend) -> Message:
    """What Envoy has no word for, or one word for two ways to say it."""
    declared: Message = {}
    if backend.shared_sessions:
        declared["shared_sessions"] = True
    if backend.insecure_skip_verify is not None:
        declared["insecure_skip_verify"] = to_plain(backend.insecure_skip_verify)
    if backend.server_certificate is not None:
        declared["server_certificate"] = to_plain(backend.server_certificate)
    if backend.client_certificate is not None and backend.client_certificate.ca_bundle_pem is not None:
        declared["client_certificate_ca_bundle_pem"] = backend.client_certificate.ca_bundle_pem
    if all(server.port is not None for server in backend.servers):
        declared["port"] = backend.port
    if backend.protocol is Protocol.TCP and backend.timeouts.request == 0:
        declared["request_timeout"] = 0
    if said := list(_said(backend)):
        declared["said"] = said
    return declared


def _said(backend: Backend) -> Any:
    """Fields that were given although their value is the one they would have had anyway."""
    if backend.expected_name is not None and backend.expected_name == backend.server_name:
        yield "expected_name"
    if backend.stickiness is not None and backend.stickiness.cookie_name == DEFAULT_COOKIE_NAME:
        yield "cookie_name"


def _number(value: Any) -> float:
    return float(value)
