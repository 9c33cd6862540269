"""What Envoy is started with, and keeps for its life: who it is, its admin interface, where to discover the rest.

Source: Envoy's documentation, "Bootstrap", "Overload manager", "Configuring Envoy as an edge proxy".
"""

from __future__ import annotations

from typing import Final

from lbpatterns.targets.envoy.words import Message, extension

ADMIN_SOCKET: Final = "admin.sock"
_MOST_CLIENT_CONNECTIONS: Final = "50000"
_MOST_HEAP_BYTES: Final = str(2 * 1024**3)


def bootstrap(name: str, directory: str) -> Message:
    """The bootstrap. The admin socket is relative to the working directory: a path may hold about 107 bytes only."""
    return {
        "node": {"id": name, "cluster": "lbpatterns"},
        # 0600: who may write to it may stop Envoy.
        "admin": {"address": {"pipe": {"path": ADMIN_SOCKET, "mode": 0o600}}},
        "dynamic_resources": {
            "lds_config": _watched(f"{directory}/lds.json"),
            "cds_config": _watched(f"{directory}/cds.json"),
        },
        "overload_manager": _overload_manager(),
    }


def _watched(path: str) -> Message:
    return {"resource_api_version": "V3", "path_config_source": {"path": path}}


def _overload_manager() -> Message:
    heap = "envoy.resource_monitors.fixed_heap"
    connections = "envoy.resource_monitors.global_downstream_max_connections"
    return {
        "refresh_interval": "0.25s",
        "resource_monitors": [
            extension(
                heap,
                "envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig",
                max_heap_size_bytes=_MOST_HEAP_BYTES,
            ),
            extension(
                connections,
                "envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
                max_active_downstream_connections=_MOST_CLIENT_CONNECTIONS,
            ),
        ],
        "actions": [
            _action("envoy.overload_actions.shrink_heap", heap, 0.95),
            _action("envoy.overload_actions.stop_accepting_requests", heap, 0.98),
        ],
    }


def _action(name: str, monitor: str, threshold: float) -> Message:
    return {"name": name, "triggers": [{"name": monitor, "threshold": {"value": threshold}}]}
