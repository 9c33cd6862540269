"""Frontends in Envoy's words: listeners.

Source: Envoy's documentation, "Listeners", "TLS Inspector", "TCP proxy", config/listener/v3.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from lbpatterns.core.plain import to_plain
from lbpatterns.core.spec import PRIVATE_NETWORKS, Backend, Frontend, LBSpec, Mode, UnknownServerName
from lbpatterns.targets.envoy.clusters import BUFFER_BYTES
from lbpatterns.targets.envoy.http import redirect_manager, request_manager
from lbpatterns.targets.envoy.stickiness import has_source_address
from lbpatterns.targets.envoy.tls import towards_clients
from lbpatterns.targets.envoy.words import (
    DEFAULT_ROUTE,
    TCP_PROXY,
    UNKNOWN_NAME_CHAIN,
    Message,
    cluster_name,
    duration,
    extension,
    metadata,
    route_name,
    socket_address,
)

_BACKLOG: Final = 4096
_TLS_INSPECTOR: Final = "envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector"
_TCP_PROXY_TYPE: Final = "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy"
_HANDSHAKE_DEADLINE: Final = "10s"
_CLIENT_HELLO_DEADLINE: Final = "5s"


def listeners(spec: LBSpec, address: str, directory: str) -> Iterator[Message]:
    """The listeners of every frontend: its own, then that of its redirect."""
    for frontend in spec.frontends:
        port, redirect_port = _port(frontend.port), frontend.redirect_http_port
        details = (
            _passthrough(spec, frontend) if spec.mode is Mode.PASSTHROUGH else _decrypting(spec, frontend, directory)
        )
        yield {**_listener(address, port), **details, **metadata(_declared(spec, frontend))}
        if redirect_port is not None:
            manager = redirect_manager(port, "redirect")
            yield {**_listener(address, _port(redirect_port)), "filter_chains": [{"filters": [manager]}]}


def _listener(address: str, port: int) -> Message:
    return {
        # Another port is another listener: Envoy cannot move one to another port.
        "name": f"{address}-{port}",
        "address": socket_address(address, port),
        "per_connection_buffer_limit_bytes": BUFFER_BYTES,
        "tcp_backlog_size": _BACKLOG,
        # With it, a second Envoy of the same user would share the port and take half of the connections, unnoticed.
        "enable_reuse_port": False,
    }


def _decrypting(spec: LBSpec, frontend: Frontend, directory: str) -> Message:
    chain = {
        "filters": [request_manager(spec, "frontend")],
        "transport_socket": towards_clients(frontend, directory),
        "transport_socket_connect_timeout": _HANDSHAKE_DEADLINE,
    }
    return {"filter_chains": [chain]}


def _passthrough(spec: LBSpec, frontend: Frontend) -> Message:
    return {
        "listener_filters": [extension("envoy.filters.listener.tls_inspector", _TLS_INSPECTOR)],
        # A connection whose ClientHello does not come is closed; it must never go on without a server name.
        "listener_filters_timeout": _CLIENT_HELLO_DEADLINE,
        "continue_on_listener_filters_timeout": False,
        # Envoy refuses a listener without chains; one without filters closes whatever comes.
        "filter_chains": list(_chains(spec, frontend)) or [{"name": "nobody-is-declared", "filters": []}],
    }


def _chains(spec: LBSpec, frontend: Frontend) -> Iterator[Message]:
    routed: set[str] = set()
    for index, route in enumerate(spec.routes):
        names = [str(name).lower() for name in route.server_names]
        routed.update(names)
        yield _chain(route_name(index), names, route.backend)
    certificate = spec.backend.server_certificate
    known = dict.fromkeys(str(name).lower() for name in (certificate.names if certificate else ()))
    if own := [name for name in known if name not in routed]:
        yield _chain(DEFAULT_ROUTE, own, spec.backend)
    if frontend.unknown_server_name is UnknownServerName.DEFAULT_BACKEND:
        yield _chain(UNKNOWN_NAME_CHAIN, [], spec.backend)


def _chain(name: str, server_names: list[str], backend: Backend) -> Message:
    # What is no TLS at all matches no chain and is closed, also where unknown names are let through.
    match: Message = {"transport_protocol": "tls"}
    if server_names:
        match["server_names"] = server_names
    return {"name": name, "filter_chain_match": match, "filters": [_tcp_proxy(backend)]}


def _tcp_proxy(backend: Backend) -> Message:
    hashing: Message = {"hash_policy": [{"source_ip": {}}]} if has_source_address(backend) else {}
    idle: Any = backend.timeouts.idle
    return extension(
        TCP_PROXY,
        _TCP_PROXY_TYPE,
        stat_prefix="frontend",
        cluster=cluster_name(backend.name),
        idle_timeout=duration(float(idle)),
        max_connect_attempts=3,
        **hashing,
    )


def _declared(spec: LBSpec, frontend: Frontend) -> Message:
    """What Envoy has no word for. The same on every listener, but for the trust anchors of its certificates."""
    declared: Message = {
        "name": spec.name,
        "mode": spec.mode.value,
        "default_backend": spec.backend.name,
    }
    if spec.trusted_networks != PRIVATE_NETWORKS:
        declared["trusted_networks"] = list(spec.trusted_networks)
    if spec.exceptions:
        declared["exceptions"] = to_plain(spec.exceptions)
    anchors = [certificate.ca_bundle_pem for certificate in frontend.pem_certificates]
    if any(anchor is not None for anchor in anchors):
        declared["ca_bundle_pems"] = anchors
    return declared


def _port(port: Any) -> int:
    return int(port)
