"""The HTTP connection manager, as Envoy's guide for edge proxies wants it.

Source: Envoy's documentation, "Configuring Envoy as an edge proxy" and "How do I configure timeouts?".
"""

from __future__ import annotations

from typing import Any, Final

from lbpatterns.core.spec import LBSpec
from lbpatterns.targets.envoy.routes import route_configuration
from lbpatterns.targets.envoy.stickiness import has_cookie, session_filter
from lbpatterns.targets.envoy.words import HTTP_MANAGER, Message, duration, extension

_MANAGER: Final = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
_ROUTER: Final = "envoy.extensions.filters.http.router.v3.Router"

# Every figure is that of Envoy's guide for edge proxies.
_EDGE: Final[Message] = {
    "codec_type": "AUTO",
    # The client's address is that of the connection, and X-Forwarded-For and X-Forwarded-Proto say what it says.
    "use_remote_address": True,
    # Nobody is trusted for living in a private network: `x-envoy-*` headers of a client are always removed.
    "internal_address_config": {},
    "forward_client_cert_details": "SANITIZE",
    "normalize_path": True,
    "merge_slashes": True,
    "path_with_escaped_slashes_action": "UNESCAPE_AND_REDIRECT",
    "max_request_headers_kb": 60,
    "request_headers_timeout": "10s",
    "http2_protocol_options": {
        "max_concurrent_streams": 100,
        "initial_stream_window_size": 65536,
        "initial_connection_window_size": 1048576,
    },
    "generate_request_id": False,
}


def request_manager(spec: LBSpec, stat_prefix: str) -> Message:
    """The filter that answers requests on a frontend that decrypts."""
    idle = _longest([backend.timeouts.idle for backend in spec.backends])
    request = _longest([backend.timeouts.request for backend in spec.backends])
    router = extension("envoy.filters.http.router", _ROUTER, suppress_envoy_headers=True)
    cookies = [session_filter()] if any(has_cookie(backend) for backend in spec.backends) else []
    http2 = {**_EDGE["http2_protocol_options"], "allow_connect": True}  # WebSocket over HTTP/2, RFC 8441
    return _manager(
        stat_prefix=stat_prefix,
        idle=idle,
        request=request,
        http2_protocol_options=http2,
        server_header_transformation="PASS_THROUGH",
        upgrade_configs=[{"upgrade_type": "websocket"}],
        route_config=route_configuration(spec),
        http_filters=[*cookies, router],
    )


def redirect_manager(port: int, stat_prefix: str) -> Message:
    """The filter that sends plain HTTP to https on `port`, same host and path.

    308 and not 301: after a 301 a client may turn a POST into a GET (RFC 9110, section 15.4.2). The port in the Host
    header is that of the redirect itself, so it is stripped; 443 goes without saying.
    """
    redirect: Message = {"https_redirect": True, "response_code": "PERMANENT_REDIRECT"}
    if port != 443:
        redirect["port_redirect"] = port
    route = {"match": {"prefix": "/"}, "redirect": redirect}
    return _manager(
        stat_prefix=stat_prefix,
        idle=60.0,
        request=10.0,
        strip_any_host_port=True,
        route_config={
            "name": "redirect",
            "virtual_hosts": [{"name": "any-host", "domains": ["*"], "routes": [route]}],
        },
        http_filters=[extension("envoy.filters.http.router", _ROUTER, suppress_envoy_headers=True)],
    )


def _manager(*, stat_prefix: str, idle: float, request: float, **fields: Any) -> Message:
    return extension(
        HTTP_MANAGER,
        _MANAGER,
        stat_prefix=stat_prefix,
        common_http_protocol_options={
            "idle_timeout": duration(idle),
            # `a_b` and `a-b` are one header to many servers.
            "headers_with_underscores_action": "REJECT_REQUEST",
        },
        stream_idle_timeout=duration(idle),
        request_timeout=duration(request),
        **{**_EDGE, **fields},
    )


def _longest(timeouts: list[Any]) -> float:
    """The longest of timeouts of which zero is the longest, as it means none."""
    return 0.0 if 0 in timeouts else float(max(timeouts))
