"""What a load balancer may turn out to be, while some of its words are not known yet.

A declaration has a place for data that is not known (a port, an address), and none for a toggle: TLS is on or off. So
each way that an unknown toggle may turn out is a world of its own, and what is broken in all worlds is broken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any, Final

from lbpatterns.core.spec import UNKNOWN, LBSpec
from lbpatterns.targets.scaleway import words as names
from lbpatterns.targets.scaleway.stack_places import Places
from lbpatterns.targets.scaleway.words import Reference, Words

_BOTH: Final = (False, True)
_ANYTHING: Final = {"uri": UNKNOWN, "code": names.HEALTHY_STATUS}
_FILTERED: Final = {"ip_subnets": [], "http_filter": "path_begin", "http_filter_values": [UNKNOWN], "invert": False}
_EVERYTHING: Final = {"ip_subnets": [], "http_filter": names.NO_FILTER, "http_filter_values": [], "invert": False}
_DENIES: Final = {"type": "deny", "redirects": []}
_REDIRECTS: Final = {"type": "redirect", "redirects": []}
_ALLOWS: Final = {"type": "allow", "redirects": []}

# How each word may turn out, as far as rules can tell the difference.
BACKEND: Final[Mapping[str, Sequence[Any]]] = {
    "forward_protocol": ("http", "tcp"),
    "ssl_bridging": _BOTH,
    "ignore_ssl_server_verify": _BOTH,
    "sticky_sessions": (names.NOT_STICKY, *names.STICKINESS.values()),
    "proxy_protocol": tuple(names.PROXY_PROTOCOLS.values()),
    "forward_port_algorithm": tuple(names.ALGORITHMS.values()),
    "server_ips": ([], [UNKNOWN], [UNKNOWN, UNKNOWN]),
    "health_check_http": (None, _ANYTHING),
    "health_check_https": (None, _ANYTHING),
}
FRONTEND: Final[Mapping[str, Sequence[Any]]] = {
    "certificate_ids": ([], [UNKNOWN]),
    "enable_http3": _BOTH,
    "enable_access_logs": _BOTH,
    "acls": (
        [],
        [{"action": _DENIES, "match": _EVERYTHING}],
        [{"action": _DENIES, "match": _FILTERED}],
        [{"action": _REDIRECTS, "match": _EVERYTHING}],
    ),
}
LOAD_BALANCER: Final[Mapping[str, Sequence[Any]]] = {
    "ssl_compatibility_level": tuple(names.COMPATIBILITY.values()),
    "public": _BOTH,
    "ipv6": _BOTH,
    "private_networks": ([], [{"private_network_id": UNKNOWN}]),
}
ACL: Final[Mapping[str, Sequence[Any]]] = {
    "action": (_ALLOWS, _DENIES, _REDIRECTS),
    "match": (_EVERYTHING, _FILTERED),
}
ACTION: Final[Mapping[str, Sequence[Any]]] = {"type": ("allow", "deny", "redirect")}
MATCH: Final[Mapping[str, Sequence[Any]]] = {
    "http_filter": (names.NO_FILTER, *names.FILTERS.values()),
    "invert": _BOTH,
}
CERTIFICATE: Final[Mapping[str, Sequence[Any]]] = {
    "kind": (
        {"custom_certificate": {"certificate_chain": UNKNOWN}},
        {"letsencrypt": {"common_name": UNKNOWN, "subject_alternative_names": []}},
    )
}

_MOST_WORLDS: Final = 48
_MOST_CHANGES: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A declaration, and which resource each place in it is."""

    spec: LBSpec
    places: Places


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is put to the rules about declarations: the readings of each world that is possible.

    One world where everything that matters is known. `declared`: a component declares it. `complete` is false where
    there are too many worlds to look at: then nothing that the rules say of it is sure. `urn` is where it is declared.
    """

    urn: str
    declared: bool
    worlds: tuple[tuple[Reading, ...], ...]
    complete: bool = True


def variants(words: Words, choices: Mapping[str, Sequence[Any]]) -> list[Words]:
    """The words in every way that they may turn out; what turns out to be None is not there."""
    unknown = [name for name in choices if words.get(name) is UNKNOWN]
    if not unknown:
        return [words]
    known = {name: value for name, value in words.items() if name not in unknown}
    return [
        known | {name: value for name, value in zip(unknown, chosen, strict=True) if value is not None}
        for chosen in product(*(choices[name] for name in unknown))
    ]


def worlds(objects: Mapping[Reference, Sequence[Any]]) -> tuple[list[dict[Reference, Any]], bool]:
    """Every combination of how each may turn out, and whether that is all of them.

    Where there are too many, one changes at a time: rules look at one thing at a time, most of them.
    """
    first = {key: options[0] for key, options in objects.items()}
    if prod(len(options) for options in objects.values()) <= _MOST_WORLDS:
        return [dict(zip(objects, chosen, strict=True)) for chosen in product(*objects.values())], True
    changes = [{**first, key: option} for key, option in _changes(objects)]
    return ([first], False) if len(changes) > _MOST_CHANGES else ([first, *changes], True)


def _changes(objects: Mapping[Reference, Sequence[Any]]) -> Iterator[tuple[Reference, Any]]:
    for key, options in objects.items():
        yield from ((key, option) for option in options[1:])
