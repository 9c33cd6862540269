"""How Envoy writes things down: typed extensions, durations, metadata. Read and written here only."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, TypeAlias

Message: TypeAlias = dict[str, Any]

# The key in `metadata.filter_metadata` under which stands what Envoy itself has no word for.
NAMESPACE: Final = "lbpatterns"

HTTP_OPTIONS: Final = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
TCP_OPTIONS: Final = "envoy.extensions.upstreams.tcp.v3.TcpProtocolOptions"
STATEFUL_SESSION: Final = "envoy.filters.http.stateful_session"
HTTP_MANAGER: Final = "envoy.filters.network.http_connection_manager"
TCP_PROXY: Final = "envoy.filters.network.tcp_proxy"
TLS_SOCKET: Final = "envoy.transport_sockets.tls"
RAW_SOCKET: Final = "envoy.transport_sockets.raw_buffer"
PROXY_SOCKET: Final = "envoy.transport_sockets.upstream_proxy_protocol"

# The cookie that ties a client to a server where the declaration gives it no name.
DEFAULT_COOKIE_NAME: Final = "lbpatterns-server"

# The route or filter chain of the default backend; those of the declaration's routes are `route-0`, `route-1`, …
DEFAULT_ROUTE: Final = "default"
# The filter chain for server names that nobody declared.
UNKNOWN_NAME_CHAIN: Final = "unknown-server-name"


def route_name(index: int) -> str:
    """The name of the route or filter chain that stands for `spec.routes[index]`."""
    return f"route-{index}"


def route_index(name: str) -> int | None:
    """The index that `route_name` wrote, None for any other name."""
    prefix, _, digits = name.partition("-")
    return int(digits) if prefix == "route" and digits.isdigit() else None


def cluster_name(backend_name: str) -> str:
    """The cluster of a backend."""
    return f"backend-{backend_name}"


def backend_name(cluster: str) -> str:
    """The backend of a cluster."""
    return cluster.removeprefix("backend-")


def typed(type_name: str, **fields: Any) -> Message:
    """A `google.protobuf.Any` in JSON form."""
    return {"@type": f"type.googleapis.com/{type_name}", **fields}


def extension(name: str, type_name: str, **fields: Any) -> Message:
    """An extension by its well-known name, with its typed configuration."""
    return {"name": name, "typed_config": typed(type_name, **fields)}


def duration(seconds: float) -> str:
    """`google.protobuf.Duration` in JSON form: 0.25 is `0.25s`. The nine decimals that it can hold must do.

    Raises ValueError for what it cannot hold: negative, infinite or finer than a nanosecond.
    """
    exact = Decimal(repr(seconds)).normalize()
    exponent = exact.as_tuple().exponent
    if not isinstance(exponent, int) or exact < 0 or exponent < -9:
        raise ValueError(f"{seconds} is no duration that Envoy can be told: zero or more seconds, nine decimals")
    return f"{exact:f}s"


def seconds(text: str) -> float:
    """The seconds of what `duration` wrote."""
    return float(text.removesuffix("s"))


def metadata(declared: Mapping[str, Any]) -> Message:
    """Declarations that Envoy has no word for, to be kept beside what they belong to; empty where there are none."""
    return {"metadata": {"filter_metadata": {NAMESPACE: dict(declared)}}} if declared else {}


def declarations(message: Mapping[str, Any]) -> Message:
    """The declarations that `metadata` has put into a message."""
    found: Message = message.get("metadata", {}).get("filter_metadata", {}).get(NAMESPACE, {})
    return found


def socket_address(address: str, port: int) -> Message:
    """A TCP address; `address` is an IP literal, or a name where Envoy resolves it."""
    return {"socket_address": {"address": address, "port_value": port}}
