"""How Scaleway says things: names of values, durations, and references between resources."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, TypeVar

from lbpatterns.core.spec import UNKNOWN, Balancing, ProxyProtocol, RequestPart, StickinessKind, TLSVersion

K = TypeVar("K")
V = TypeVar("V")

Words: TypeAlias = dict[str, Any]
"""The arguments of one resource, by the names of `pulumiverse_scaleway`; what they refer to is a `Reference`."""

Late: TypeAlias = Callable[[Any, Callable[[Any], Any]], Any]
"""Changes a value that may be known later only."""

EVERYBODY: Final = ("0.0.0.0/0", "::/0")  # with IPv4 alone, IPv6 clients would pass by the rule
DEFAULT_TYPE: Final = "LB-S"
HEALTHY_STATUS: Final = 200
NO_FILTER: Final = "acl_http_filter_none"
TRANSIENT_DELAY: Final = "500ms"  # the API's own default, said so that nobody's change of it stays
CLOSED: Final = "closed"
REDIRECT: Final = "redirect"

ALGORITHMS: Final = {Balancing.ROUND_ROBIN: "roundrobin", Balancing.LEAST_CONNECTIONS: "leastconn"}
STICKINESS: Final = {StickinessKind.COOKIE: "cookie", StickinessKind.SOURCE_ADDRESS: "table"}
NOT_STICKY: Final = "none"
PROXY_PROTOCOLS: Final = {kind: kind.value for kind in ProxyProtocol}
COMPATIBILITY: Final = {
    TLSVersion.TLS_1_0: "ssl_compatibility_level_old",
    TLSVersion.TLS_1_2: "ssl_compatibility_level_intermediate",
    TLSVersion.TLS_1_3: "ssl_compatibility_level_modern",
}
FILTERS: Final = {
    RequestPart.PATH_PREFIX: "path_begin",
    RequestPart.PATH_SUFFIX: "path_end",
    RequestPart.PATH_REGEX: "regex",
    RequestPart.HEADER: "http_header_match",
}


@dataclass(frozen=True, slots=True)
class Reference:
    """The id of another resource of the same load balancer: its kind (a field below) and its key there."""

    kind: str
    key: str


BALANCER: Final = Reference("load_balancers", "lb")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalewayConfiguration:
    """A load balancer as Scaleway's resources. Keys say what a resource is for, and name it in a stack.

    `declared` is what Scaleway has no word for: the mode, reasons and dates, certificates that servers hold.
    """

    load_balancer: Words
    backends: Mapping[str, Words]
    frontends: Mapping[str, Words]
    ips: Mapping[str, Words] = field(default_factory=dict)
    certificates: Mapping[str, Words] = field(default_factory=dict, repr=False)
    routes: Mapping[str, Words] = field(default_factory=dict)
    declared: Mapping[str, Any] = field(default_factory=dict)


def when_known(value: Any, change: Callable[[Any], Any]) -> Any:
    """What `change` makes of a known value; `UNKNOWN` stays what it is."""
    return UNKNOWN if value is UNKNOWN else change(value)


def other_way(table: Mapping[K, V]) -> dict[V, K]:
    """The table read from right to left."""
    return {value: key for key, value in table.items()}


_UNITS: Final = {"h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}


def duration(seconds: float) -> str:
    """Seconds as Go prints a duration (`5m0s`, `1.5s`, `500ms`): what the provider reads back, so nothing differs."""
    milliseconds = round(seconds * 1000)
    if milliseconds < 1000:
        return f"{milliseconds}ms" if milliseconds else "0s"
    hours, rest = divmod(milliseconds, _UNITS["h"])
    minutes, rest = divmod(rest, _UNITS["m"])
    whole = f"{rest / 1000:.3f}".rstrip("0").rstrip(".") + "s"
    return (f"{hours}h" if hours else "") + (f"{minutes}m" if hours or minutes else "") + whole


def seconds(text: str) -> float:
    """The seconds that a Go duration says. Raises ValueError for anything else."""
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|h|m|s)", text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"{text!r} is no duration such as 5m0s")
    return round(sum(float(number) * _UNITS[unit] for number, unit in parts)) / 1000
