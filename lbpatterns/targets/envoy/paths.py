"""Places inside plain values, written as Pulumi does: `spec.frontends[0].port`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from lbpatterns.core.spec import UNKNOWN

# The fields that hold a private key, wherever they stand.
KEY_FIELD: Final = "private_key_and_chain_pem"
BUNDLE_FIELD: Final = "ca_bundle_pem"

_STEP: Final = re.compile(r"""\["(?P<quoted>[^"]*)"\]|\[(?P<index>\*|\d+)\]|(?P<name>[^.\[\]]+)""")


def child(path: str, key: str | int) -> str:
    """The place of a field or an item."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key


def field_name(path: str) -> str:
    """The last field that a path names: `port` of `spec.frontends[0].port`."""
    return path.rpartition(".")[2].partition("[")[0]


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that is neither an object nor a list, with its place."""
    for key, item in _children(value):
        if isinstance(item, Mapping | list | tuple):
            yield from leaves(item, child(path, key))
        else:
            yield child(path, key), item


def holds_unknown(value: Any) -> bool:
    """Whether something in it is not known yet."""
    return value is UNKNOWN or any(leaf is UNKNOWN for _, leaf in leaves(value))


def covers(pattern: str, path: str) -> bool:
    """Whether `pattern`, in which `*` is any name or index, is the place or one above it."""
    wanted, steps = _steps(pattern), _steps(path)
    return len(wanted) <= len(steps) and all(want in {"*", step} for want, step in zip(wanted, steps, strict=False))


def _steps(path: str) -> list[str]:
    return [match["quoted"] or match["index"] or match["name"] for match in _STEP.finditer(path)]


def _children(value: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, list | tuple):
        yield from enumerate(value)
