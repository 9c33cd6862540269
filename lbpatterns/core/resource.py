"""A resource of any stack, wherever it was read: from a policy engine, a state, or a preview."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource: its type token, the last part of its URN as `name`, and its properties by the engine's names.

    In `props`, at any depth, what is not known yet is `UNKNOWN` and numbers may be floats. They may hold secrets, and
    are never printed. `parent` is the URN of the component that made it; `dependencies` says for each property which
    resources (URNs) its value comes from, which is known before their ids are. `deletes_first` is the option
    `delete_before_replace`, None where that was not seen.
    """

    urn: str
    type: str
    name: str
    props: Mapping[str, Any] = field(repr=False)
    id: str | None = None
    parent: str | None = None
    dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    deletes_first: bool | None = None
