"""Pulumi's property values as plain ones, and back, with what is secret kept apart by its place."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime.rpc import UNKNOWN as UNKNOWN_MARK

from lbpatterns.core.spec import UNKNOWN
from lbpatterns.targets.envoy.paths import KEY_FIELD, child, field_name

Properties = dict[str, PropertyValue]

# Outputs that tell something of an input, and the input. A secret input makes them secret.
_DERIVED = {"host": ("bind_address",), "ports": ("spec", "spec.frontends"), "admin": ("name",), "directory": ("name",)}


def plain(properties: Mapping[str, PropertyValue]) -> tuple[dict[str, Any], frozenset[str]]:
    """Plain values (whole numbers as `int`, what is not known yet as UNKNOWN), and the places of secrets."""
    secrets: set[str] = set()
    return {key: _plain(value, key, secrets) for key, value in properties.items()}, frozenset(secrets)


def properties(values: Mapping[str, Any], secrets: Set[str]) -> Properties:
    """Property values. Secret is what stands at one of these places, what it tells of, and every private key."""
    told = {output for output, inputs in _DERIVED.items() if not secrets.isdisjoint(inputs)}
    if any(place.startswith("spec.frontends[") and _tells_a_port(place) for place in secrets):
        told.add("ports")
    return {key: _property(value, key, secrets | told) for key, value in values.items()}


def _tells_a_port(place: str) -> bool:
    return field_name(place) in {"port", "redirect_http_port"} or place.count(".") == 1


def _plain(value: PropertyValue, path: str, secrets: set[str]) -> Any:
    if value.is_secret:
        secrets.add(path)
    held = value.value
    if held == UNKNOWN_MARK:
        return UNKNOWN
    if isinstance(held, Mapping):
        return {key: _plain(item, child(path, key), secrets) for key, item in held.items()}
    if isinstance(held, tuple):
        return [_plain(item, child(path, index), secrets) for index, item in enumerate(held)]
    return int(held) if isinstance(held, float) and held.is_integer() else held


def _property(value: Any, path: str, secrets: Set[str]) -> PropertyValue:
    held: Any = value
    if value is UNKNOWN:
        held = UNKNOWN_MARK
    elif isinstance(value, Mapping):
        held = {key: _property(item, child(path, key), secrets) for key, item in value.items()}
    elif isinstance(value, list | tuple):
        held = [_property(item, child(path, index), secrets) for index, item in enumerate(value)]
    elif isinstance(value, int) and not isinstance(value, bool):
        held = float(value)
    return PropertyValue(held, is_secret=path in secrets or field_name(path) == KEY_FIELD)
