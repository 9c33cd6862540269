"""Anybody's words made such that they can be lifted: defaults said, and `UNKNOWN` for what cannot be read.

What the provider is going to refuse (a kind of stickiness that there is not) is read as its default: it never comes to
be, and the provider says so better.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from lbpatterns.core.spec import UNKNOWN, AccessAction, Maybe, ProxyProtocol
from lbpatterns.targets.scaleway import words as names
from lbpatterns.targets.scaleway.defaults import DEFAULTS, flag, items, number, part, seconds, text
from lbpatterns.targets.scaleway.modes import protocol_of
from lbpatterns.targets.scaleway.words import Words

_BACKENDS: Final = "backends"
_CHOSEN: Final[Mapping[str, Collection[str]]] = {
    "forward_port_algorithm": set(names.ALGORITHMS.values()),
    "sticky_sessions": {names.NOT_STICKY, *names.STICKINESS.values()},
    "proxy_protocol": {kind.value for kind in ProxyProtocol},
}
_DURATIONS: Final = (
    "timeout_connect",
    "timeout_server",
    "timeout_tunnel",
    "health_check_delay",
    "health_check_timeout",
)
HTTP_CHECK: Final = "health_check_http"
HTTPS_CHECK: Final = "health_check_https"


def backend(words: Words) -> Words:
    """A backend as `lift_backend` takes it."""
    port = whole(_BACKENDS, words, "forward_port", UNKNOWN)
    return {
        "forward_protocol": protocol_of(words),
        "forward_port": port,
        "server_ips": _texts(words, "server_ips"),
        "ssl_bridging": flag(_BACKENDS, words, "ssl_bridging"),
        "ignore_ssl_server_verify": flag(_BACKENDS, words, "ignore_ssl_server_verify"),
        **{name: _one_of(name, words, known) for name, known in _CHOSEN.items()},
        **{name: _duration(words, name) for name in _DURATIONS},
        "health_check_port": whole(_BACKENDS, words, "health_check_port", port),
        "health_check_max_retries": whole(_BACKENDS, words, "health_check_max_retries", UNKNOWN),
        **{name: check for name in (HTTP_CHECK, HTTPS_CHECK) if (check := _check(words, name)) is not None},
        **{
            name: said
            for name in ("host", "failover_host", "sticky_sessions_cookie_name")
            if (said := text(_BACKENDS, words, name)) is not None
        },
    }


def acl(words: Words) -> Words | None:
    """An ACL as `lift_rule` takes it; None where it is none that the provider would take."""
    action, match = part(words, "action"), part(words, "match")
    if not isinstance(action, dict):
        return None if action is None else {"action": UNKNOWN, "match": {}}
    kind = text("acls", action, "type")
    if kind is not UNKNOWN and kind not in set(AccessAction):
        return None
    redirects = items(action, "redirects")
    read = {"type": kind, "redirects": [to for to in map(_redirect, _listed(redirects)) if to is not None]}
    return {"action": read, "match": UNKNOWN if match is UNKNOWN else _match(match or {})}


def certificate(words: Words) -> Words:
    """A certificate: what Let's Encrypt is asked for, or else the text that somebody has."""
    asked = part(words, "letsencrypt")
    if asked is not None:
        asked = {} if asked is UNKNOWN else asked
        name = text("certificates", asked, "common_name")
        more = _texts(asked, "subject_alternative_names")
        return {
            "letsencrypt": {
                "common_name": UNKNOWN if name is None else name,
                "subject_alternative_names": [] if more is UNKNOWN else more,
            }
        }
    held = part(words, "custom_certificate")
    chain = text("certificates", held, "certificate_chain") if isinstance(held, dict) else UNKNOWN
    return {"custom_certificate": {"certificate_chain": UNKNOWN if chain is None else chain}}


def whole(kind: str, words: Words, name: str, otherwise: Any = None) -> Any:
    """A whole number; `otherwise` where nothing is said."""
    said = number(kind, words, name)
    if said is None or said is UNKNOWN:
        return otherwise if said is None else said
    return int(said) if float(said).is_integer() else UNKNOWN


def _one_of(name: str, words: Words, known: Collection[str]) -> Any:
    said = text(_BACKENDS, words, name)
    return said if said is UNKNOWN or said in known else DEFAULTS[_BACKENDS][name]


def _duration(words: Words, name: str) -> Any:
    said = seconds(_BACKENDS, words, name)
    return names.duration(said) if isinstance(said, int | float) else UNKNOWN


def _texts(words: Words, name: str) -> Maybe[list[Any]]:
    said = items(words, name)
    return said if said is UNKNOWN else [item if isinstance(item, str) else UNKNOWN for item in said]


def _check(words: Words, name: str) -> Any:
    asked = part(words, name)
    if asked is None or asked is UNKNOWN:
        return asked
    host = text(_BACKENDS, asked, "host_header")
    code = whole(_BACKENDS, asked, "code", names.HEALTHY_STATUS)
    return {
        "uri": text(_BACKENDS, asked, "uri") or "/",
        "code": names.HEALTHY_STATUS if code is UNKNOWN else code,
        **({} if host is None else {"host_header": host}),
    }


def _match(words: Words) -> Words:
    wanted = text("match", words, "http_filter")
    known = wanted is UNKNOWN or wanted in names.FILTERS.values()
    header = text("match", words, "http_filter_option")
    subnets, values = _texts(words, "ip_subnets"), _texts(words, "http_filter_values")
    return {
        "ip_subnets": [UNKNOWN] if subnets is UNKNOWN else subnets,
        "http_filter": wanted if known else names.NO_FILTER,
        "http_filter_values": [UNKNOWN] if values is UNKNOWN else values,
        "invert": flag("match", words, "invert"),
        **({} if header is None else {"http_filter_option": header}),
    }


def _redirect(words: Any) -> Words | None:
    kind = text("acls", words, "type") if isinstance(words, dict) else None
    if kind not in {"location", "scheme"}:
        return None
    target = text("acls", words, "target")
    return {"type": kind, "target": UNKNOWN if target is None else target, "code": whole("acls", words, "code", 302)}


def _listed(value: Any) -> Iterator[Any]:
    yield from value if isinstance(value, list) else ()
