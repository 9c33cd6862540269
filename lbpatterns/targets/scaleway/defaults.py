"""What the provider takes where an argument is left out, and a tolerant way to read one.

Words may be anybody's: an argument may be missing, `None`, `UNKNOWN`, a whole number that arrives as a float, or of a
kind that the provider is going to refuse. Reading never raises: what cannot be read is `UNKNOWN`, so that a rule says
"not decided" rather than "kept".

Source: https://registry.terraform.io/providers/scaleway/scaleway/latest/docs/resources/lb_backend (and lb, lb_acl,
lb_frontend, lb_ip, lb_route).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from lbpatterns.core.spec import UNKNOWN, Maybe
from lbpatterns.targets.scaleway.words import NO_FILTER, Words

DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "load_balancer": {
        "ssl_compatibility_level": "ssl_compatibility_level_intermediate",
        "assign_flexible_ip": True,
        "assign_flexible_ipv6": False,
        "external_private_networks": False,
        "release_ip": False,
    },
    "ips": {"is_ipv6": False},
    "backends": {
        "forward_port_algorithm": "roundrobin",
        "ssl_bridging": False,
        "ignore_ssl_server_verify": False,
        "sticky_sessions": "none",
        "proxy_protocol": "none",
        "send_proxy_v2": False,
        "timeout_server": "5m",
        "timeout_connect": "5s",
        "timeout_tunnel": "15m",
        "timeout_queue": "0s",
        "max_retries": 3,
        "on_marked_down_action": "none",
        "health_check_delay": "60s",
        "health_check_timeout": "30s",
        "health_check_max_retries": 2,
        "health_check_transient_delay": "0.5s",
        "health_check_send_proxy": False,
    },
    "frontends": {"enable_http3": False, "enable_access_logs": False, "external_acls": False},
    "certificates": {},
    "routes": {"match_subdomains": False},
    "acls": {},
    # Parts of a resource.
    "match": {"http_filter": NO_FILTER, "invert": False, "ips_edge_services": False},
}

_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
_DURATION_PART: Final = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)")
_SECONDS: Final = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def place(kind: str, key: str, *names: str) -> str:
    """Where something stands, for messages: `frontends[public].inbound_port`."""
    return ".".join([f"{kind}[{key}]", *names])


def read(kind: str, words: Words, name: str) -> Any:
    """What an argument says: its value, else the provider's default (`None`: there is none)."""
    value = words.get(name) if isinstance(words, Mapping) else UNKNOWN
    return DEFAULTS[kind].get(name) if value is None or value == "" else value


def flag(kind: str, words: Words, name: str) -> Maybe[bool]:
    """True or false; what was never said and has no default is false."""
    value = read(kind, words, name)
    if value is None:
        return False
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower(), UNKNOWN)
    return value if isinstance(value, bool) else UNKNOWN


def number(kind: str, words: Words, name: str) -> Maybe[float] | None:
    """A number, whole or not; `None` where nothing is said and there is no default."""
    value = read(kind, words, name)
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value) else UNKNOWN
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    return UNKNOWN


def text(kind: str, words: Words, name: str) -> Maybe[str] | None:
    """A text; an empty one is none, as for the provider."""
    value = read(kind, words, name)
    return value if value is None or isinstance(value, str) else UNKNOWN


def seconds(kind: str, words: Words, name: str) -> Maybe[float] | None:
    """The seconds that a duration (`1m30s`) says."""
    value = text(kind, words, name)
    if not isinstance(value, str):
        return value
    parts = _DURATION_PART.findall(value)
    if "".join(count + unit for count, unit in parts) != value:
        return UNKNOWN
    return sum(float(count) * _SECONDS[unit] for count, unit in parts)


def items(words: Words, name: str) -> Maybe[list[Any]]:
    """The items of a list, without those that are `None`; nothing said is an empty list."""
    value = words.get(name) if isinstance(words, Mapping) else UNKNOWN
    if value is None:
        return []
    return [item for item in value if item is not None] if isinstance(value, list | tuple) else UNKNOWN


def part(words: Words, name: str) -> Maybe[Words] | None:
    """A group of arguments inside another (`custom_certificate`); `None` where there is none."""
    value = words.get(name) if isinstance(words, Mapping) else UNKNOWN
    if isinstance(value, list | tuple) and len(value) <= 1:
        value = value[0] if value else None
    if value is None:
        return None
    return dict(value) if isinstance(value, Mapping) else UNKNOWN


def all_of(answers: Iterable[Maybe[bool]]) -> Maybe[bool]:
    """Whether all are true: one that is false decides, whatever is not known."""
    given = list(answers)
    return False if False in given else UNKNOWN if UNKNOWN in given else True


def any_of(answers: Iterable[Maybe[bool]]) -> Maybe[bool]:
    """Whether one is true: one that is decides, whatever is not known."""
    given = list(answers)
    return True if True in given else UNKNOWN if UNKNOWN in given else False


def opposite(answer: Maybe[bool]) -> Maybe[bool]:
    """Not; what is not known stays so."""
    return UNKNOWN if answer is UNKNOWN else not answer


def is_auto_named(key: str, name: Maybe[str] | None) -> Maybe[bool]:
    """Whether Pulumi chose the name: there is none yet, or it is the resource's with seven random digits."""
    if not isinstance(name, str):
        return True if name is None else UNKNOWN
    return re.fullmatch(rf"{re.escape(key)}-[0-9a-f]{{7}}", name) is not None
