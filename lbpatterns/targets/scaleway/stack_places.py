"""From the place of a finding to the resource that says it, and to the property there.

A rule speaks of places in what it was put to: `frontends[0].port` of a declaration, `frontends[web].inbound_port` of a
load balancer in Scaleway's words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from lbpatterns.targets.scaleway.stack_words import camel

# A field of a declaration to the argument that says it.
LOAD_BALANCER: Final[Mapping[str, str]] = {
    "private_networks": "privateNetworks",
    "public": "assignFlexibleIp",
    "ipv6": "ipIds",
}
BACKEND: Final[Mapping[str, str]] = {
    "servers": "serverIps",
    "port": "forwardPort",
    "protocol": "forwardProtocol",
    "tls": "sslBridging",
    "server_name": "host",
    "expected_name": "host",
    "verify_server_certificate": "ignoreSslServerVerify",
    "insecure_skip_verify": "ignoreSslServerVerify",
    "balancing": "forwardPortAlgorithm",
    "stickiness": "stickySessions",
    "stickiness.cookie_name": "stickySessionsCookieName",
    "shared_sessions": "stickySessions",
    "health_check": "healthCheck",
    "health_check.port": "healthCheckPort",
    "health_check.interval": "healthCheckDelay",
    "health_check.timeout": "healthCheckTimeout",
    "health_check.unhealthy_after": "healthCheckMaxRetries",
    "timeouts": "timeoutServer",
    "timeouts.connect": "timeoutConnect",
    "timeouts.request": "timeoutServer",
    "timeouts.idle": "timeoutTunnel",
    "proxy_protocol": "proxyProtocol",
    "failover_host": "failoverHost",
}
FRONTEND: Final[Mapping[str, str]] = {
    "port": "inboundPort",
    "certificates": "certificateIds",
    "unknown_server_name": "backendId",
    "http3": "enableHttp3",
    "connection_rate_limit": "connectionRateLimit",
    "access_logs": "enableAccessLogs",
}
ROUTE: Final[Mapping[str, str]] = {
    "host": "matchHostHeader",
    "path_prefix": "matchPathBegin",
    "server_names": "matchSni",
    "backend": "backendId",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A property of a resource; empty: the resource as a whole."""

    urn: str
    property: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What a prefix of places stands for.

    `table` is how fields are called there; None: as the arguments themselves are. `at` is the property that the prefix
    itself is, and `as_is`: what comes after it is not translated.
    """

    urn: str
    table: Mapping[str, str] | None = None
    at: str = ""
    as_is: bool = False


@dataclass(frozen=True, slots=True)
class Places:
    """Prefixes of places; the longest one that fits tells."""

    entries: Mapping[str, Entry] = field(default_factory=dict)

    def find(self, place: str) -> Place | None:
        """Where that is, or None where no resource of the stack says it."""
        for end in _ends(place):
            entry = self.entries.get(place[:end])
            if entry is not None:
                return Place(entry.urn, _property(entry, place[end:].lstrip(".")))
        return None


def _ends(place: str) -> list[int]:
    """Where a prefix of the place may end, the whole place first, nothing last."""
    return [len(place), *(at for at in range(len(place) - 1, 0, -1) if place[at] in ".["), 0]


def _property(entry: Entry, rest: str) -> str:
    if entry.as_is:
        return rest
    if entry.table is None:
        return _joined(entry.at, camel(rest))
    for end in _ends(rest):
        name = entry.table.get(rest[:end])
        if name is not None and end:
            return _joined(entry.at, name + (_index(rest[end:])))
    return entry.at


def _index(rest: str) -> str:
    """Which of a list: `[1]` of `[1].address`."""
    return rest[: rest.index("]") + 1] if rest.startswith("[") and "]" in rest else ""


def _joined(start: str, rest: str) -> str:
    return f"{start}.{rest}" if start and rest and not rest.startswith("[") else start + rest
