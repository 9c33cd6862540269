"""A spec as plain values (dictionaries, lists, strings, numbers) and back: what a resource takes as its inputs.

Only fields that differ from their default are written, so that a diff shows what somebody said. `UNKNOWN` and any
other foreign leaf (a value that only the caller understands) pass through untouched.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from lbpatterns.core.spec import UNKNOWN, LBSpec, Unknown

S = TypeVar("S")


def to_plain(value: Any) -> Any:
    """The plain form of a spec or a part of it; sequences become lists, dates ISO text, enums their value."""
    if isinstance(value, Unknown):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: to_plain(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if not _is_default(field, getattr(value, field.name))
        }
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


def _is_default(field: dataclasses.Field[Any], value: Any) -> bool:
    # Identity and type first: `==` on a foreign leaf may mean something else, or raise.
    return field.default is value or (type(field.default) is type(value) and bool(field.default == value))


def spec_from_plain(plain: Mapping[str, Any]) -> LBSpec:
    """The spec that `to_plain` wrote.

    Raises `ValueError` naming the place (`backend.servers[0].port`), the value's kind and what was expected; a
    value itself is never quoted, because it may be a private key.
    """
    return from_plain(LBSpec, plain)


def from_plain(kind: type[S], plain: Any, place: str = "") -> S:
    """The same for any part of a spec; `place` is where it stands, for messages."""
    return typing.cast("S", _read(kind, plain, place))


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _read(kind: Any, value: Any, place: str) -> Any:
    options = typing.get_args(kind) if typing.get_origin(kind) in {typing.Union, types.UnionType} else (kind,)
    if value is UNKNOWN:
        return value
    if value is None and type(None) in options:
        return None
    wanted = _wanted(options, value)
    if typing.get_origin(wanted) is tuple:
        return _read_tuple(typing.get_args(wanted), value, place)
    if dataclasses.is_dataclass(wanted):
        return _read_dataclass(typing.cast("type", wanted), value, place)
    return _read_leaf(wanted, value, place)


def _wanted(options: tuple[Any, ...], value: Any) -> Any:
    """The one kind that `value` is to be read as; where two dataclasses are possible, that which knows its fields."""
    kinds = [
        option
        for option in options
        if option is not type(None) and typing.get_origin(option) is not typing.Literal and option is not Unknown
    ]
    if len(kinds) > 1 and isinstance(value, Mapping):
        return next((kind for kind in kinds if value.keys() <= _hints(kind).keys()), kinds[0])
    return kinds[0]


def _read_tuple(items: tuple[Any, ...], value: Any, place: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise _wrong(place, "a list", value)
    if items[-1:] == (Ellipsis,):
        return tuple(_read(items[0], item, f"{place}[{index}]") for index, item in enumerate(value))
    if len(value) != len(items):
        raise ValueError(f"{place or 'spec'}: {len(items)} items expected, {len(value)} found")
    return tuple(
        _read(item_kind, item, f"{place}[{index}]")
        for index, (item_kind, item) in enumerate(zip(items, value, strict=True))
    )


def _read_dataclass(kind: type, value: Any, place: str) -> Any:
    if not isinstance(value, Mapping):
        raise _wrong(place, "an object", value)
    hints = _hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)}
    dot = f"{place}." if place else ""
    for name in value:
        if name not in fields:
            raise ValueError(f"{dot}{name}: there is no such field; known here: {', '.join(sorted(fields))}")
    missing = [name for name, field in fields.items() if name not in value and field.default is dataclasses.MISSING]
    if missing:
        raise ValueError(f"{dot}{missing[0]}: missing; it has no default")
    return kind(**{name: _read(hints[name], item, f"{dot}{name}") for name, item in value.items()})


def _leaf_readers() -> dict[type, tuple[str, Callable[[Any], bool]]]:
    def number(value: Any) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool)

    return {
        bool: ("true or false", lambda value: isinstance(value, bool)),
        int: ("a whole number", lambda value: number(value) and float(value).is_integer()),
        float: ("a number", number),
        str: ("text", lambda value: isinstance(value, str)),
        date: ("a date such as 2027-01-31", lambda value: isinstance(value, str | date)),
    }


_LEAVES = _leaf_readers()


def _read_leaf(kind: type, value: Any, place: str) -> Any:
    if issubclass(kind, Enum):
        try:
            return kind(value)
        except ValueError:
            known = ", ".join(str(member.value) for member in kind)
            raise ValueError(f"{place or 'spec'}: {value!r} is none of {known}") from None
    words, accepts = _LEAVES[kind]
    if not accepts(value):
        raise _wrong(place, words, value)
    if kind is date and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{place}: {value!r} is no date such as 2027-01-31") from None
    return kind(value) if kind in {int, float} else value


def _wrong(place: str, wanted: str, value: Any) -> ValueError:
    return ValueError(f"{place or 'spec'}: {wanted} expected, found {type(value).__name__}")
