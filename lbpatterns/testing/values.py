"""Values of properties in tests of policies: unknown, secret, or from elsewhere; and their way on the wire."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, cast

from google.protobuf import json_format, struct_pb2
from pulumi_policy import Secret, proxy
from pulumi_policy.deserialize import SPECIAL_SECRET_SIG, SPECIAL_SIG_KEY, serialize_properties

Kind: TypeAlias = Literal["string", "number", "boolean", "array", "object", "asset", "archive"]

_STANDS_FOR: Final[dict[Kind, str]] = {
    "string": proxy.UNKNOWN_STRING_VALUE,
    "number": proxy.UNKNOWN_NUMBER_VALUE,
    "boolean": proxy.UNKNOWN_BOOLEAN_VALUE,
    "array": proxy.UNKNOWN_ARRAY_VALUE,
    "object": proxy.UNKNOWN_OBJECT_VALUE,
    "asset": proxy.UNKNOWN_ASSET_VALUE,
    "archive": proxy.UNKNOWN_ARCHIVE_VALUE,
}


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that a preview does not know yet, of any kind that Pulumi tells apart."""

    kind: Kind = "string"


UNKNOWN: Final = Unknown()
"""What most unknown values are on the wire, whatever they are going to be."""


@dataclass(frozen=True, slots=True)
class OutputOf:
    """A value that comes from another resource: unknown in a preview, `value` once that resource is built."""

    urn: str
    value: Any


def sent(value: Any, *, preview: bool) -> Any:
    """The value as the engine sends it."""
    if isinstance(value, Unknown):
        return _STANDS_FOR[value.kind]
    if isinstance(value, OutputOf):
        return proxy.UNKNOWN_STRING_VALUE if preview else sent(value.value, preview=preview)
    if isinstance(value, Secret):
        return {SPECIAL_SIG_KEY: SPECIAL_SECRET_SIG, "value": sent(value.value, preview=preview)}
    if isinstance(value, Mapping):
        return {key: sent(item, preview=preview) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [sent(item, preview=preview) for item in value]
    return serialize_properties(value)  # an asset; anything else is what it is


def received(wire: Mapping[str, Any]) -> dict[str, Any]:
    """What is left of a message on the other side: numbers are floats."""
    message = struct_pb2.Struct()
    message.update(wire)
    return cast("dict[str, Any]", json_format.MessageToDict(message))


def sources(value: Any) -> Iterator[str]:
    """The URNs of the resources that a value comes from."""
    if isinstance(value, OutputOf):
        yield value.urn
    elif isinstance(value, Secret):
        yield from sources(value.value)
    elif isinstance(value, Mapping | list | tuple):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from sources(item)


def opened(wire: Any) -> Any:
    """What was sent back, secrets unwrapped and unknown values named again."""
    if _is_secret(wire):
        return opened(wire["value"])
    if isinstance(wire, Mapping):
        return {key: opened(item) for key, item in wire.items()}
    if isinstance(wire, list):
        return [opened(item) for item in wire]
    return next((Unknown(kind) for kind, text in _STANDS_FOR.items() if wire == text), wire)


def secrets(wire: Any, place: str = "") -> Iterator[str]:
    """The places of what was sent back as a secret."""
    if _is_secret(wire):
        yield place
        return
    items = wire.items() if isinstance(wire, Mapping) else enumerate(wire) if isinstance(wire, list) else ()
    for key, item in items:
        yield from secrets(item, f"{place}.{key}" if place else str(key))


def _is_secret(wire: Any) -> bool:
    return isinstance(wire, Mapping) and wire.get(SPECIAL_SIG_KEY) == SPECIAL_SECRET_SIG
