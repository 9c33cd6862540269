"""Health checks in Envoy's words, with the transport socket that they need.

A check takes the cluster's transport socket: TLS in bridging, none elsewhere. Where it is to speak otherwise, it names
another one through `transport_socket_match_criteria`. Source: Envoy's documentation, "Health checking".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from lbpatterns.core.legs import probe_name
from lbpatterns.core.spec import Backend, HealthCheck, HealthProtocol, Mode, Server
from lbpatterns.targets.envoy.tls import towards_checked_servers
from lbpatterns.targets.envoy.words import RAW_SOCKET, Message, duration, extension

_CRITERIA: Final = {"lbpatterns": "health-check"}
USUAL_STATUSES: Final = ((200, 399),)
_ANY_STATUS: Final = {"start": 100, "end": 600}


def health_fields(backend: Backend, mode: Mode, wrap: Callable[[Message], Message]) -> Message:
    """What a cluster says of its health check; empty where there is none. `wrap` puts a PROXY header in front."""
    check = backend.health_check
    if check is None:
        return {}
    socket = _own_socket(check, backend, mode)
    checking = _check(check)
    if socket is None:
        return {"health_checks": [checking]}
    match = {"name": "health-check", "match": _CRITERIA, "transport_socket": wrap(socket)}
    return {
        "health_checks": [{**checking, "transport_socket_match_criteria": _CRITERIA}],
        "transport_socket_matches": [match],
    }


def checked_at(backend: Backend, server: Server) -> Message:
    """What an endpoint says of its health check: the Host header it is sent, and a port of its own."""
    check = backend.health_check
    if check is None:
        return {}
    fields: Message = {}
    if check.protocol is not HealthProtocol.TCP and check.host is None:
        address = str(server.address)
        fields["hostname"] = backend.server_name or (f"[{address}]" if ":" in address else address)
    if check.port is not None:
        fields["port_value"] = check.port
    return {"health_check_config": fields} if fields else {}


def _check(check: HealthCheck) -> Message:
    interval = duration(_number(check.interval))
    return {
        "timeout": duration(_number(check.timeout)),
        "interval": interval,
        # Envoy's own is a minute, in which a server that nobody has used yet could be long gone.
        "no_traffic_interval": interval,
        "healthy_threshold": check.healthy_after,
        "unhealthy_threshold": check.unhealthy_after,
        **({"tcp_health_check": {}} if check.protocol is HealthProtocol.TCP else {"http_health_check": _http(check)}),
    }


def _http(check: HealthCheck) -> Message:
    host = {} if check.host is None else {"host": check.host}
    return {
        **host,
        "path": check.path,
        "expected_statuses": [{"start": first, "end": last + 1} for first, last in check.statuses or USUAL_STATUSES],
        # Without it a single unexpected status takes a server out, whatever the threshold says.
        "retriable_statuses": [_ANY_STATUS],
    }


def _own_socket(check: HealthCheck, backend: Backend, mode: Mode) -> Message | None:
    """The transport socket of the check, None where the cluster's is right."""
    encrypted = mode is Mode.BRIDGED
    if check.protocol is HealthProtocol.HTTP and encrypted:
        return extension(RAW_SOCKET, "envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer")
    if check.protocol is HealthProtocol.HTTPS and not encrypted:
        return _https_socket(backend)
    return None


def _https_socket(backend: Backend) -> Message:
    own = (backend.server_certificate, *(server.certificate for server in backend.servers))
    certificates = [certificate for certificate in own if certificate is not None]
    names = dict.fromkeys(probe_name(str(name)) for certificate in certificates for name in certificate.names)
    anchors = list(dict.fromkeys(certificate.ca_bundle_pem for certificate in certificates))
    known = [str(anchor) for anchor in anchors if anchor is not None]
    anchor = "\n".join(known) if known else None
    return towards_checked_servers(next(iter(names)), tuple(names), anchor)


def refused(check: HealthCheck, backend: Backend, mode: Mode) -> str | None:
    """Why this check cannot be done right, None where it can."""
    if check.protocol is not HealthProtocol.HTTPS or mode is Mode.BRIDGED:
        return None
    if mode is Mode.OFFLOADED:
        return (
            "protocol: https to servers that are spoken to in plain HTTP: nothing says what their certificate is to "
            "be verified against; check with http or tcp"
        )
    certificates = [backend.server_certificate, *(server.certificate for server in backend.servers)]
    declared = [certificate for certificate in certificates if certificate is not None]
    if not any(certificate.names for certificate in declared):
        return (
            "protocol: https needs a name to ask for and to verify: declare the servers' certificate, or check with tcp"
        )
    anchors = {certificate.ca_bundle_pem for certificate in declared}
    if None in anchors and len(anchors) > 1:
        return "protocol: https cannot verify against the public roots and a trust anchor of your own at once"
    return None


def _number(value: Any) -> float:
    return float(value)


def checks_in_clear(cluster: Message) -> bool:
    """Whether the check of a rendered cluster goes through a plain transport socket; false with TLS."""
    socket: Message | None = cluster.get("transport_socket")
    for match in cluster.get("transport_socket_matches", ()):
        socket = match["transport_socket"]
    inner = (socket or {}).get("typed_config", {}).get("transport_socket", socket)
    return inner is None or inner["name"] == RAW_SOCKET
