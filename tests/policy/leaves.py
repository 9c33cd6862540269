"""Every leaf of a stack's properties, and stacks with another value there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from lbpatterns.core.resource import Resource

Path = tuple[str | int, ...]


def leaves(resources: list[Resource]) -> list[tuple[str, Path]]:
    """Where something stands: lists and objects as a whole, and what is in them."""
    return [(each.urn, path) for each in resources for path in _paths(each.props, ())]


def _paths(value: Any, at: Path) -> Iterator[Path]:
    if at:
        yield at
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _paths(item, (*at, key))
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _paths(item, (*at, index))


def with_leaf(resources: list[Resource], urn: str, path: Path, change: Callable[[Any], Any]) -> list[Resource]:
    """The stack with what stands there changed; `...` takes it out."""
    return [replace(each, props=_set(each.props, path, change)) if each.urn == urn else each for each in resources]


def _set(value: Any, path: Path, change: Callable[[Any], Any]) -> Any:
    if not path:
        return change(value)
    if isinstance(value, list):
        items = [_set(item, path[1:], change) if index == path[0] else item for index, item in enumerate(value)]
        return [item for item in items if item is not ...]
    if isinstance(value, dict) and path[0] in value:
        changed = {**value, path[0]: _set(value[path[0]], path[1:], change)}
        return {key: item for key, item in changed.items() if item is not ...}
    return value
