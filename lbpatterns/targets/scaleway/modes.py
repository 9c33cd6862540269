"""Which mode words make, and what belongs together: a frontend, the backends that it sends to, its ACLs.

certificate  protocol  TLS to the servers
yes          http      off                 offloaded
yes          http      on                  bridged
yes          tcp       on                  bridged, without anything that needs HTTP
no           tcp       off                 passthrough
anything else                              none of the three
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final, Literal, TypeAlias

from lbpatterns.core.spec import UNKNOWN, Maybe, Mode, Unknown
from lbpatterns.targets.scaleway.defaults import all_of, any_of, flag, items, number, opposite, part, place, read, text
from lbpatterns.targets.scaleway.words import NO_FILTER, Reference, ScalewayConfiguration, Words

IPV4: Final = "0.0.0.0/0"
IPV6: Final = "::/0"

Toggles: TypeAlias = tuple[bool, str, bool]
"""Certificate on the frontend, protocol of the backend, TLS to the servers."""

_TABLE: Final[Mapping[Toggles, Mode]] = {
    (True, "http", False): Mode.OFFLOADED,
    (True, "http", True): Mode.BRIDGED,
    (True, "tcp", True): Mode.BRIDGED,  # without anything that needs HTTP
    (False, "tcp", False): Mode.PASSTHROUGH,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LooseConfiguration(ScalewayConfiguration):
    """A load balancer that no component made, with what only such a one has.

    `acls` and `private_networks` are resources of their own. `deletes_first` says which resources have the option
    `delete_before_replace`, as far as that was seen.
    """

    acls: Mapping[str, Words] = field(default_factory=dict)
    private_networks: Mapping[str, Words] = field(default_factory=dict)
    deletes_first: Mapping[Reference, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pair:
    """A frontend and a backend that it sends to, by default or by the route at `place`.

    Words are `None` where they are not of this stack, or not known yet to be.
    """

    place: str
    frontend: str | None
    frontend_words: Words | None
    backend: str | None
    backend_words: Words | None


@dataclass(frozen=True, slots=True)
class Acl:
    """An ACL of a frontend: a resource of its own, or written into the frontend. `place` is where it stands."""

    place: str
    index: Maybe[float] | None
    words: Words


def possible_toggles(frontend_words: Words, backend_words: Words) -> Iterator[Toggles]:
    """How the three toggles stand; several where one of them is not known yet."""
    certificate, protocol, tls = holds_certificate(frontend_words), protocol_of(backend_words), has_tls(backend_words)
    yield from product(
        (True, False) if certificate is UNKNOWN else (certificate,),
        ("http", "tcp") if protocol is UNKNOWN else (protocol,),
        (True, False) if tls is UNKNOWN else (tls,),
    )


def mode_by(toggles: Toggles) -> Mode | None:
    """The mode that the toggles make; None: none of the three."""
    return _TABLE.get(toggles)


def mode_of(frontend_words: Words, backend_words: Words) -> Mode | Literal[Unknown.UNKNOWN] | None:
    """The mode that a frontend makes with a backend; None: none of the three."""
    modes = {mode_by(toggles) for toggles in possible_toggles(frontend_words, backend_words)}
    return modes.pop() if len(modes) == 1 else UNKNOWN


def declared_mode(configuration: ScalewayConfiguration) -> Mode | None:
    """The mode that a component declares; None where no component made the load balancer."""
    said = configuration.declared.get("mode")
    return next((mode for mode in Mode if mode == said), None)


def holds_certificate(frontend_words: Words) -> Maybe[bool]:
    """Whether the load balancer decrypts what arrives at a frontend."""
    held = items(frontend_words, "certificate_ids")
    return UNKNOWN if held is UNKNOWN else bool(held)


def protocol_of(backend_words: Words) -> Maybe[str]:
    """`http` or `tcp`; anything else is refused before it is built, and not known here."""
    said = text("backends", backend_words, "forward_protocol")
    return said if said is not None and said in {"http", "tcp"} else UNKNOWN


def has_tls(backend_words: Words) -> Maybe[bool]:
    """Whether the load balancer encrypts towards the servers."""
    return flag("backends", backend_words, "ssl_bridging")


def is_public(configuration: ScalewayConfiguration) -> Maybe[bool]:
    """Whether the load balancer has a public address."""
    words = configuration.load_balancer
    addresses = items(words, "ip_ids")
    given = UNKNOWN if addresses is UNKNOWN else bool(addresses)
    old = read("load_balancer", words, "ip_id")
    return any_of([given, old is not None, flag("load_balancer", words, "assign_flexible_ip")])


def has_ipv6(configuration: ScalewayConfiguration) -> Maybe[bool]:
    """Whether clients reach the load balancer over IPv6 too."""
    words = configuration.load_balancer
    addresses = items(words, "ip_ids")
    if addresses is UNKNOWN:
        return any_of([UNKNOWN, flag("load_balancer", words, "assign_flexible_ipv6")])
    # One address is IPv4; of two, one is IPv6, for there is one of each family at most.
    both = len(addresses) > 1 and any(is_ipv6(configuration, address) is not False for address in addresses)
    return any_of([both, flag("load_balancer", words, "assign_flexible_ipv6")])


def is_ipv6(configuration: ScalewayConfiguration, address: Any) -> Maybe[bool]:
    """Whether an address of `ip_ids` is an IPv6 one."""
    key = find(configuration, "ips", address)
    return UNKNOWN if key is None else flag("ips", configuration.ips[key], "is_ipv6")


def find(configuration: ScalewayConfiguration, kind: str, value: Any) -> str | None:
    """The key of what an id refers to, or None where that is not here."""
    if isinstance(value, Reference) and value.kind == kind and value.key in getattr(configuration, kind):
        return value.key
    return None


def are_apart(one: Any, other: Any) -> Maybe[bool]:
    """Whether two ids of load balancers are those of two, or of two zones."""
    if isinstance(one, Reference) and isinstance(other, Reference):
        return one != other
    if not isinstance(one, str) or not isinstance(other, str):
        return UNKNOWN
    # An id may carry its zone (fr-par-1/…) or leave it to the provider.
    zones = {each.split("/")[0] for each in (one, other) if "/" in each}
    return one.split("/")[-1] != other.split("/")[-1] or len(zones) > 1


def pairs(configuration: ScalewayConfiguration) -> Iterator[Pair]:
    """Every frontend with its default backend, then every route with the backend that it leads to."""
    for key, words in configuration.frontends.items():
        yield _pair(configuration, place("frontends", key, "backend_id"), key, words.get("backend_id"))
    for key, words in configuration.routes.items():
        source = find(configuration, "frontends", words.get("frontend_id"))
        yield _pair(configuration, place("routes", key, "backend_id"), source, words.get("backend_id"))


def pairs_of(configuration: ScalewayConfiguration, frontend: str) -> list[Pair]:
    """The pairs of one frontend, and those of which it is not known yet whose they are."""
    return [pair for pair in pairs(configuration) if pair.frontend in {frontend, None}]


def a_declaration_shows(configuration: ScalewayConfiguration, frontend: str | None) -> bool:
    """Whether the core's rules speak of a frontend: it has one of the three modes. One that redirects has none."""
    if frontend is None:
        return False
    if declared_mode(configuration) is not None:
        return frontend.startswith("frontend-")
    words = configuration.frontends[frontend]
    backend = find(configuration, "backends", words.get("backend_id"))
    return backend is not None and isinstance(mode_of(words, configuration.backends[backend]), Mode)


def acl_resources(configuration: ScalewayConfiguration) -> Mapping[str, Words]:
    """The ACLs that are resources of their own."""
    return configuration.acls if isinstance(configuration, LooseConfiguration) else {}


def _pair(configuration: ScalewayConfiguration, where: str, frontend: str | None, backend_id: Any) -> Pair:
    backend = find(configuration, "backends", backend_id)
    return Pair(
        where,
        frontend,
        None if frontend is None else configuration.frontends[frontend],
        backend,
        None if backend is None else configuration.backends[backend],
    )


def acls_of(configuration: ScalewayConfiguration, frontend: str) -> Maybe[list[Acl]]:
    """The ACLs of a frontend in the order in which they are tried; `UNKNOWN` where that cannot be told."""
    words = configuration.frontends[frontend]
    owners = list(all_acls(configuration))
    found = [acl for acl, owner in owners if owner == frontend]
    elsewhere = items(words, "acls") is UNKNOWN or any(owner is None for _, owner in owners)
    managed_elsewhere = flag("frontends", words, "external_acls") is not False and not found
    if elsewhere or (managed_elsewhere and declared_mode(configuration) is None):
        return UNKNOWN
    return _in_order(found)


def _in_order(acls: list[Acl]) -> Maybe[list[Acl]]:
    known = [(acl.index, acl) for acl in acls if isinstance(acl.index, int | float)]
    if len(acls) < 2:
        return acls
    return [acl for _, acl in sorted(known, key=lambda each: each[0])] if len(known) == len(acls) else UNKNOWN


def all_acls(configuration: ScalewayConfiguration) -> Iterator[tuple[Acl, str | None]]:
    """Every ACL, in no order, with the frontend that it belongs to (None: not of this stack, or not known yet)."""
    for frontend, words in configuration.frontends.items():
        inside = items(words, "acls")
        for at, each in enumerate([UNKNOWN] if inside is UNKNOWN else inside):
            said = dict(each) if isinstance(each, Mapping) else {"action": UNKNOWN, "match": UNKNOWN}
            yield Acl(place("frontends", frontend, f"acls[{at}]"), float(at + 1), said), frontend
    for key, each in acl_resources(configuration).items():
        yield (
            Acl(place("acls", key), number("acls", each, "index"), each),
            find(configuration, "frontends", each.get("frontend_id")),
        )


def action_of(acl: Acl) -> Maybe[str] | None:
    """`allow`, `deny` or `redirect`."""
    action = part(acl.words, "action")
    return text("acls", action, "type") if isinstance(action, dict) else action


def match_of(acl: Acl) -> Maybe[Words]:
    """What an ACL looks at; nothing said is an empty match."""
    match = part(acl.words, "match")
    return {} if match is None else match


def takes_everybody(acl: Acl) -> Maybe[bool]:
    """Whether an ACL has no condition. For IPv6 clients that is another question, with a rule of its own."""
    match = match_of(acl)
    if match is UNKNOWN:
        return UNKNOWN
    subnets, looks_for = items(match, "ip_subnets"), text("match", match, "http_filter")
    return all_of(
        [
            UNKNOWN if looks_for is UNKNOWN else looks_for == NO_FILTER,
            opposite(flag("match", match, "invert")),
            opposite(flag("match", match, "ips_edge_services")),
            UNKNOWN if subnets is UNKNOWN else not subnets or any_of(_is_whole(each) for each in subnets),
        ]
    )


def _is_whole(subnet: Any) -> Maybe[bool]:
    return subnet == IPV4 if isinstance(subnet, str) else UNKNOWN


def lets_nobody_in(configuration: ScalewayConfiguration, frontend: str) -> Maybe[bool]:
    """Whether a frontend answers everybody itself: its ACLs redirect or deny, and let nothing pass to a backend."""
    acls = acls_of(configuration, frontend)
    answer: Maybe[bool] = UNKNOWN if acls is UNKNOWN else False
    for acl in reversed([] if acls is UNKNOWN else acls):
        action, everybody = action_of(acl), takes_everybody(acl)
        closes = UNKNOWN if action is UNKNOWN else action in {"redirect", "deny"}
        answer = all_of([closes, any_of([everybody, answer])])
    return answer
