"""The load balancers of any stack, whoever made them: what each is in Scaleway's words, and what it declares.

Parts are joined by ids, and before those are known by what their properties depend on. A load balancer that is not in
the stack itself is as good as its frontends and backends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from lbpatterns.core.resource import Resource
from lbpatterns.core.spec import LBSpec, Mode
from lbpatterns.targets.scaleway.modes import LooseConfiguration
from lbpatterns.targets.scaleway.stack_declared import declaration, declared_words, subject_of
from lbpatterns.targets.scaleway.stack_groups import Group, groups
from lbpatterns.targets.scaleway.stack_index import COMPONENTS, Part, bare, index
from lbpatterns.targets.scaleway.stack_loose import subjects
from lbpatterns.targets.scaleway.stack_places import Entry, Places
from lbpatterns.targets.scaleway.stack_readings import Subject
from lbpatterns.targets.scaleway.stack_words import LOAD_BALANCERS, Unseen
from lbpatterns.targets.scaleway.words import BALANCER, Reference, Words

_KINDS: Final = ("ips", "certificates", "backends", "frontends", "routes", "acls", "private_networks")


@dataclass(frozen=True, slots=True, kw_only=True)
class StackBalancer:
    """One load balancer of a stack.

    `configuration` is what it is in Scaleway's words, None where it is built elsewhere (a component on another target);
    `places` says which resource each place in it is. `subjects` are what it declares: one for a component, one for each
    frontend that makes a mode for any other. `urn` is the resource that stands for the whole.
    """

    urn: str
    name: str
    component: Resource | None
    configuration: LooseConfiguration | None
    places: Places
    subjects: tuple[Subject, ...]


def read_stack(resources: Iterable[Resource]) -> Iterator[StackBalancer]:
    """Every load balancer of a stack, in the order of its resources. Never raises for what a property holds.

    One at a time, so that a stack of thousands does not have to be held twice.
    """
    found = index(resources)
    built: set[str] = set()
    for group in groups(found.parts):
        balancer = _balancer(group)
        built |= set() if balancer.component is None else {balancer.component.urn}
        yield balancer
    yield from (_built_elsewhere(one) for one in found.components if one.urn not in built)


def _built_elsewhere(component: Resource) -> StackBalancer:
    return StackBalancer(
        urn=component.urn,
        name=component.name,
        component=component,
        configuration=None,
        places=Places({"declared": Entry(component.urn, as_is=True)}),
        subjects=(subject_of(component, declaration(component), None),),
    )


def _balancer(group: Group) -> StackBalancer:
    keys = _keys(group)
    component = group.component
    spec = None if component is None else declaration(component)
    configuration = _configuration(group, keys, declared_words(component, spec))
    places = _places(group, keys)
    first = component or (group.balancer or group.parts[0]).resource
    declared = () if component is None else (subject_of(component, spec, configuration),)
    return StackBalancer(
        urn=first.urn,
        name=first.name,
        component=component,
        configuration=configuration,
        places=places,
        subjects=(*declared, *subjects(configuration, places, _not_declared(group, keys, spec))),
    )


def _not_declared(group: Group, keys: dict[Part, Reference], spec: LBSpec | None) -> Iterator[tuple[str, Mode | None]]:
    """The frontends of which no declaration can be read, each with the mode that its component says all the same."""
    for part in group.frontends:
        component = group.component
        if component is None or part.component is not component:
            yield keys[part].key, None
        elif spec is None:
            yield keys[part].key, COMPONENTS[component.type]


def _keys(group: Group) -> dict[Part, Reference]:
    """Each part's name; for one that a component made, the words that tell what it is for."""
    keys: dict[Part, Reference] = {}
    taken: dict[str, int] = {}
    if group.balancer is not None:
        keys[group.balancer] = BALANCER
    for part in group.parts:
        if part.kind == LOAD_BALANCERS:
            continue
        own = f"{part.component.name}-" if part.component is not None and part.component is group.component else ""
        name = part.resource.name.removeprefix(own)
        count = taken[f"{part.kind}[{name}]"] = taken.get(f"{part.kind}[{name}]", 0) + 1
        keys[part] = Reference(part.kind, name if count == 1 else f"{name} ({count})")
    return keys


def _configuration(group: Group, keys: dict[Part, Reference], declared: Words) -> LooseConfiguration:
    resources: dict[str, dict[str, Words]] = {kind: {} for kind in _KINDS}
    for part in group.parts:
        if part.kind != LOAD_BALANCERS:
            resources[part.kind][keys[part].key] = _words(part, group, keys)
    return LooseConfiguration(
        load_balancer=Unseen() if group.balancer is None else _words(group.balancer, group, keys),
        declared=declared,
        deletes_first={
            keys[part]: part.resource.deletes_first for part in group.parts if part.resource.deletes_first is not None
        },
        **resources,
    )


def _words(part: Part, group: Group, keys: dict[Part, Reference]) -> Words:
    """The part's arguments, with references for ids."""
    words = dict(part.words)
    for name, link in part.links.items():
        if isinstance(link, list):
            words[name] = [_reference(item, group, keys) for item in link]
        elif link is not None:
            words[name] = _reference(link, group, keys)
    return words


def _reference(link: Any, group: Group, keys: dict[Part, Reference]) -> Any:
    if isinstance(link, Part):
        return keys.get(link) or Reference(link.kind, link.resource.name)
    return BALANCER if isinstance(link, str) and bare(link) == group.identity else link


def _places(group: Group, keys: dict[Part, Reference]) -> Places:
    return Places(dict(_entries(group, keys)))


def _entries(group: Group, keys: dict[Part, Reference]) -> Iterator[tuple[str, Entry]]:
    for part, key in keys.items():
        if part is group.balancer:
            yield "load_balancer", Entry(part.urn)
        else:
            yield f"{key.kind}[{key.key}]", Entry(part.urn)
    if group.component is not None and group.component.type in COMPONENTS:
        yield "declared", Entry(group.component.urn, as_is=True)
