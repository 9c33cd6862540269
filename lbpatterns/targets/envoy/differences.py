"""What changes between two sets of plain inputs, place by place, and what that means for a load balancer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from lbpatterns.targets.envoy.paths import child, covers

# All else changes while Envoy runs; `concurrency` restarts it.
REPLACES: Final = frozenset({"name"})


class Change(StrEnum):
    """What happens to a value."""

    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Every change by its place. `drifted`: what runs is not what the inputs of its time asked for."""

    changes: Mapping[str, Change]
    drifted: bool = False
    delete_before_replace: bool = False

    @property
    def replaces(self) -> tuple[str, ...]:
        """The places whose change needs a new load balancer."""
        return tuple(path for path in self.changes if path in REPLACES)

    @property
    def any(self) -> bool:
        """Whether there is something to do."""
        return bool(self.changes) or self.drifted


def changes(old: Any, new: Any, *, ignored: Sequence[str] = ()) -> dict[str, Change]:
    """The changes between two plain values, but for those at or below an ignored place."""
    return {path: change for path, change in _changes(old, new, "") if not is_ignored(path, ignored)}


def is_ignored(path: str, ignored: Iterable[str]) -> bool:
    """Whether a place is, or lies below, one of those that are to be ignored."""
    return any(covers(pattern, path) for pattern in ignored)


def _changes(old: Any, new: Any, path: str) -> Iterator[tuple[str, Change]]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys([*old, *new]):
            yield from _changed_item(old, new, key, child(path, key), missing=key not in old, gone=key not in new)
    elif isinstance(old, list | tuple) and isinstance(new, list | tuple):
        for index in range(max(len(old), len(new))):
            place = child(path, index)
            yield from _changed_item(old, new, index, place, missing=index >= len(old), gone=index >= len(new))
    elif type(old) is not type(new) and {type(old), type(new)} != {int, float}:
        yield path, Change.UPDATE  # 1 and true are equal to Python
    elif old != new:
        yield path, Change.UPDATE


def _changed_item(
    old: Any, new: Any, key: Any, place: str, *, missing: bool, gone: bool
) -> Iterator[tuple[str, Change]]:
    if missing:
        yield place, Change.ADD
    elif gone:
        yield place, Change.DELETE
    else:
        yield from _changes(old[key], new[key], place)
