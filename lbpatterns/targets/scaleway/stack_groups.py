"""Which parts of a stack make one load balancer together."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from lbpatterns.core.resource import Resource
from lbpatterns.core.spec import UNKNOWN
from lbpatterns.targets.scaleway.stack_index import Part, bare
from lbpatterns.targets.scaleway.stack_words import LOAD_BALANCERS

Owner: TypeAlias = Part | str
"""A load balancer: its part, its id where it is not in the stack, or words that are no id where nothing is known."""


@dataclass(slots=True, kw_only=True)
class Group:
    """The parts of one load balancer, and whatever of others they refer to.

    `balancer` is None where it is not in the stack; `identity` is then its id, as far as that is known.
    """

    balancer: Part | None
    identity: str | None
    parts: list[Part] = field(default_factory=list)
    own: set[Part] = field(default_factory=set)

    @property
    def component(self) -> Resource | None:
        """The component that made the load balancer."""
        if self.balancer is not None:
            return self.balancer.component
        return next((part.component for part in self.parts if part in self.own and part.component is not None), None)

    @property
    def frontends(self) -> list[Part]:
        """Those of the load balancer itself."""
        return [part for part in self.parts if part.kind == "frontends" and part in self.own]


def groups(parts: Iterable[Part]) -> list[Group]:
    """Every load balancer, in the order of its first part."""
    members = [part for part in parts if part.kind != "ips"]
    owners = _owners(members)
    found: dict[Owner, Group] = {}
    for part in members:
        owner = owners[part]
        if owner not in found:
            balancer = owner if isinstance(owner, Part) else None
            found[owner] = Group(balancer=balancer, identity=owner if isinstance(owner, str) else None)
        found[owner].parts.append(part)
        found[owner].own.add(part)
    for group in found.values():
        _add_what_is_referred_to(group)
    return list(found.values())


def _add_what_is_referred_to(group: Group) -> None:
    """Addresses, and what belongs to another load balancer: a mistake that a rule has to see."""
    known = set(group.parts)
    for part in list(group.parts):
        for linked in _linked(part):
            if linked not in known and linked.kind != LOAD_BALANCERS:
                known.add(linked)
                group.parts.append(linked)


def _linked(part: Part) -> Iterator[Part]:
    for link in part.links.values():
        yield from (item for item in (link if isinstance(link, list) else [link]) if isinstance(item, Part))


def _owners(parts: list[Part]) -> dict[Part, Owner]:
    owners = {part: owner for part in parts if (owner := _said(part)) is not None}
    for part in parts:
        frontend = part.links.get("frontend_id")
        if isinstance(frontend, Part) and frontend in owners:
            owners[part] = owners[frontend]
    neighbours = _neighbours(parts)
    _spread(owners, neighbours)
    strays = [part for part in parts if part not in owners]
    # In a stack with one load balancer, a route or an ACL of which it is not known whose it is may well be its own.
    only = next(iter(owners.values())) if len(set(owners.values())) == 1 else None
    for number, part in enumerate(strays):
        if part not in owners:
            owners[part] = only if only is not None and part.kind in {"routes", "acls"} else f"? {number}"
            _spread({part: owners[part]}, neighbours, owners)
    return owners


def _said(part: Part) -> Owner | None:
    if part.kind == LOAD_BALANCERS:
        return part
    link = part.links.get("lb_id")
    if isinstance(link, str):
        return bare(link)
    return None if link is UNKNOWN or not isinstance(link, Part) else link


def _neighbours(parts: list[Part]) -> dict[Part, list[Part]]:
    found: dict[Part, list[Part]] = {part: [] for part in parts}
    for part in parts:
        for linked in _linked(part):
            if linked.kind not in {LOAD_BALANCERS, "ips"}:
                found[part].append(linked)
                found[linked].append(part)
    return found


def _spread(
    start: dict[Part, Owner], neighbours: dict[Part, list[Part]], owners: dict[Part, Owner] | None = None
) -> None:
    """Whoever is linked with a part, and says nothing itself, belongs to the same load balancer."""
    owners = start if owners is None else owners
    waiting = deque(start)
    while waiting:
        part = waiting.popleft()
        for other in neighbours[part]:
            if other not in owners:
                owners[other] = owners[part]
                waiting.append(other)
