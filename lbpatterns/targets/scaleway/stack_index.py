"""Which resource of a stack a property means, and which load balancer a resource belongs to. Each in constant time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lbpatterns.core.resource import Resource
from lbpatterns.core.spec import UNKNOWN, Mode
from lbpatterns.targets.scaleway.stack_words import KINDS, LOAD_BALANCERS, camel, words_of
from lbpatterns.targets.scaleway.words import Words

COMPONENTS: Final[Mapping[str, Mode]] = {
    "lbpatterns:index:OffloadedLB": Mode.OFFLOADED,
    "lbpatterns:index:BridgedLB": Mode.BRIDGED,
    "lbpatterns:index:PassthroughLB": Mode.PASSTHROUGH,
}

# Argument to the kind of what it refers to: one, or a list of them.
ONE: Final[Mapping[str, str]] = {"lb_id": LOAD_BALANCERS, "backend_id": "backends", "frontend_id": "frontends"}
MANY: Final[Mapping[str, str]] = {"certificate_ids": "certificates", "ip_ids": "ips"}
_OF_KIND: Final[Mapping[str, tuple[str, ...]]] = {
    LOAD_BALANCERS: ("ip_ids",),
    "ips": (),
    "certificates": ("lb_id",),
    "backends": ("lb_id",),
    "frontends": ("lb_id", "backend_id", "certificate_ids"),
    "routes": ("frontend_id", "backend_id"),
    "acls": ("frontend_id",),
    "private_networks": ("lb_id",),
}


@dataclass(eq=False, slots=True, kw_only=True)
class Part:
    """One resource of a load balancer, with what its arguments refer to.

    `links` hold, for each reference, the part that is meant; or the id of something that is not in the stack; or
    `UNKNOWN`; or None, where nothing is said.
    """

    resource: Resource
    kind: str
    words: Words = field(repr=False)
    component: Resource | None = None
    links: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def urn(self) -> str:
        """The resource's URN."""
        return self.resource.urn


@dataclass(slots=True, kw_only=True)
class Index:
    """The parts of a stack, in its order, and its components."""

    parts: list[Part]
    components: list[Resource]


def index(resources: Iterable[Resource]) -> Index:
    """Everything that is a part of a load balancer, linked."""
    by_urn = {resource.urn: resource for resource in resources}
    parts = [
        Part(resource=resource, kind=KINDS[resource.type], words=words_of(resource))
        for resource in by_urn.values()
        if resource.type in KINDS
    ]
    components = _Components(by_urn)
    links = _Links(parts)
    for part in parts:
        part.component = components.of(part.resource)
        part.links = {name: links.of(part, name) for name in _OF_KIND[part.kind]}
    return Index(parts=parts, components=[one for one in by_urn.values() if one.type in COMPONENTS])


class _Components:
    """The component of ours that a resource is part of, at any depth."""

    def __init__(self, by_urn: Mapping[str, Resource]) -> None:
        self._by_urn = by_urn
        self._known: dict[str, Resource | None] = {}

    def of(self, resource: Resource) -> Resource | None:
        passed: list[str] = []
        parent = resource.parent
        found: Resource | None = None
        while parent is not None and parent not in passed:
            if parent in self._known:
                found = self._known[parent]
                break
            passed.append(parent)
            at = self._by_urn.get(parent)
            if at is not None and at.type in COMPONENTS:
                found = at
                break
            parent = None if at is None else at.parent
        self._known |= dict.fromkeys(passed, found)
        return found


class _Links:
    """What a reference means: by its id where that is known, else by what its value comes from."""

    def __init__(self, parts: Iterable[Part]) -> None:
        self._by_urn = {part.urn: part for part in parts}
        self._by_id: dict[tuple[str, str], Part] = {}
        for part in self._by_urn.values():
            identity = part.resource.id or part.words.get("id")
            if isinstance(identity, str):
                self._by_id[part.kind, bare(identity)] = part

    def of(self, part: Part, name: str) -> Any:
        kind = ONE.get(name) or MANY[name]
        depends = [found for found in self._sources(part.resource, name) if found.kind == kind]
        value = part.words.get(name)
        return self._one(value, kind, depends) if name in ONE else self._many(value, kind, depends)

    def _sources(self, resource: Resource, name: str) -> Iterator[Part]:
        for urn in sorted(resource.dependencies.get(camel(name), ())):
            if urn in self._by_urn:
                yield self._by_urn[urn]

    def _one(self, value: Any, kind: str, depends: list[Part]) -> Any:
        found = self._by_identity(value, kind)
        if found is not None:
            return found
        if isinstance(value, str):
            # The id of something that was read where ids are not told (a policy engine).
            nameless = [part for part in depends if part.resource.id is None]
            return nameless[0] if len(depends) == len(nameless) == 1 else value
        return depends[0] if len(depends) == 1 else UNKNOWN

    def _many(self, value: Any, kind: str, depends: list[Part]) -> Any:
        if value is None:
            return None
        if not isinstance(value, list):
            return depends or UNKNOWN
        found = [self._by_identity(item, kind) or item for item in value]
        left = [part for part in depends if part not in found]
        for at, item in enumerate(found):
            fits = (part for part in left if item is UNKNOWN or part.resource.id is None)
            chosen = None if isinstance(item, Part) else next(fits, None)
            if chosen is not None:
                found[at] = chosen
                left.remove(chosen)
        return found

    def _by_identity(self, value: Any, kind: str) -> Part | None:
        return self._by_id.get((kind, bare(value))) if isinstance(value, str) else None


def bare(identity: str) -> str:
    """An id without its zone."""
    return identity.rpartition("/")[2].lower()
