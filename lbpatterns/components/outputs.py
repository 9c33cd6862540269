"""Specs and arguments whose leaves are Pulumi Outputs: finding them, hiding them, waiting for them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import pulumi
from pydantic import BaseModel

from lbpatterns.core.spec import UNKNOWN, LBSpec

T = TypeVar("T")


def map_outputs(value: T, change: Callable[[Any], Any]) -> T:
    """A spec, or a part of it, with every Output leaf replaced by what `change` makes of it."""
    changed: Any = value
    if isinstance(value, pulumi.Output):
        changed = change(value)
    elif isinstance(value, tuple):
        changed = tuple(map_outputs(item, change) for item in value)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        changed = dataclasses.replace(value, **{name: map_outputs(item, change) for name, item in fields.items()})
    return changed  # type: ignore[no-any-return]  # the same shape with other leaves


def after(value: Any, resources: Sequence[pulumi.Resource]) -> Any:
    """The same value, for which Pulumi waits until `resources` are created."""
    if not resources:
        return value
    output = pulumi.Output.from_input(value)

    async def dependencies() -> set[pulumi.Resource]:
        return {*await output.resources(), *resources}

    return pulumi.Output(dependencies(), output.future(), output.is_known(), output.is_secret())


def masked(spec: LBSpec) -> LBSpec:
    """The spec as far as it is known now: every Output is `UNKNOWN`."""
    return map_outputs(spec, lambda _output: UNKNOWN)


def has_outputs(value: Any) -> bool:
    """Whether any leaf of some arguments is an Output."""
    return next(_outputs(value), None) is not None


def _outputs(value: Any) -> Iterator[pulumi.Output[Any]]:
    if isinstance(value, pulumi.Output):
        yield value
    elif isinstance(value, BaseModel):
        for name in value.model_fields_set:
            yield from _outputs(getattr(value, name))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _outputs(item)
    elif isinstance(value, dict):
        yield from _outputs(tuple(value.values()))


def opened(value: Any) -> Any:
    """Arguments as dictionaries and lists of what the user set; Outputs stay what they are."""
    if isinstance(value, BaseModel):
        tag = {"kind"} & type(value).model_fields.keys()  # tells one model of a union from the others
        return {name: opened(getattr(value, name)) for name in (*value.model_fields_set, *tag)}
    if isinstance(value, list | tuple):
        return [opened(item) for item in value]
    return {key: opened(item) for key, item in value.items()} if isinstance(value, dict) else value
