"""What breaks a rule, told by the difference between an example that breaks it and the likest one that does not."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, Final

from lbpatterns.book.shelf import Rule
from lbpatterns.core.examples import BRIDGED, EXAMPLES_TODAY, OFFLOADED, PASSTHROUGH
from lbpatterns.core.spec import UNKNOWN, Backend

_LONGEST: Final = 110
_SECRET: Final = ("pem", "certificate_chain")
_ABSENT: Final = "left out"


@dataclasses.dataclass(frozen=True, slots=True)
class Example:
    """`changes` are the lines that make a right declaration a wrong one; `said` is what the rule then says."""

    changes: tuple[str, ...]
    said: tuple[str, ...]


def example(rule: Rule) -> Example:
    """The example that breaks the rule with the least change to a right one."""
    rights = [*rule.holds, OFFLOADED, BRIDGED, PASSTHROUGH]
    told = [(tuple(_differences(right, wrong, "")), wrong) for wrong in rule.fails for right in rights]
    changes, wrong = min((pair for pair in told if pair[0]), key=lambda pair: len(pair[0]), default=((), rule.fails[0]))
    said = (f"{one.place}: {one.found}" for one in rule.check(wrong, EXAMPLES_TODAY) if one.found is not None)
    return Example(changes, tuple(said))


def _differences(right: Any, wrong: Any, place: str) -> Iterator[str]:
    """One line for each part that differs, as it stands in the wrong one."""
    before, after = _parts(right), _parts(wrong)
    if type(right) is type(wrong) and right == wrong:
        return
    if type(right) is not type(wrong) or not before or not after:
        yield _line(place, wrong)
        return
    for name in {**before, **after}:
        below = _below(place, name)
        if name not in after:
            yield f"{below}: {_ABSENT}"
        elif name not in before:
            yield _line(below, after[name])
        else:
            yield from _differences(before[name], after[name], below)


def _parts(value: Any) -> dict[str | int, Any]:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(name): item for name, item in value.items()}
    return dict(enumerate(value)) if isinstance(value, list | tuple) else {}


def _below(place: str, name: str | int) -> str:
    if isinstance(name, int):
        return f"{place}[{name}]"
    return f"{place}.{name}" if place else name


def _line(place: str, value: Any) -> str:
    text = f"{place}: {_brief(value, place.rpartition('.')[2])}"
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def _brief(value: Any, name: str) -> str:
    """A value in one line: only what differs from its default, and secrets covered."""
    if value is None or value is UNKNOWN:
        return "none" if value is None else "not known yet"
    if isinstance(value, str) and ("-----BEGIN" in value or any(part in name for part in _SECRET)):
        return "..."
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Backend):
        return f"backend {value.name}"
    if isinstance(value, float):
        return f"{value:g}"
    return _brief_parts(value, name)


def _brief_parts(value: Any, name: str) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(_brief(item, name) for item in value)}]"
    defaults: Mapping[str, Any] = {}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        defaults = {field.name: field.default for field in dataclasses.fields(value)}
    elif not isinstance(value, Mapping):
        return json.dumps(value, default=str, ensure_ascii=False)
    told = {each: item for each, item in _parts(value).items() if item != defaults.get(str(each), dataclasses.MISSING)}
    return f"{{{', '.join(f'{each}: {_brief(item, str(each))}' for each, item in told.items())}}}"
