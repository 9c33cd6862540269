"""What a policy engine hands over, as plain values: no proxies, and `UNKNOWN` for what it does not know yet.

Reading one unknown value raises, even in `"port" in props`, and ends the whole policy. All reading is done here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pulumi_policy import PolicyResource, Secret, proxy

from lbpatterns.core.resource import Resource
from lbpatterns.core.spec import UNKNOWN
from lbpatterns.targets.scaleway.stack_words import COMPUTED, KINDS

_STAND_FOR_UNKNOWN: Final = frozenset(
    {
        proxy.UNKNOWN_ARCHIVE_VALUE,
        proxy.UNKNOWN_ARRAY_VALUE,
        proxy.UNKNOWN_ASSET_VALUE,
        proxy.UNKNOWN_BOOLEAN_VALUE,
        proxy.UNKNOWN_NUMBER_VALUE,
        proxy.UNKNOWN_OBJECT_VALUE,
        proxy.UNKNOWN_STRING_VALUE,
    }
)
_INTERNAL: Final = "__"  # `__defaults` and its like are notes of the engine to itself


def plain(value: Any) -> Any:
    """The value without proxies and marks of secrets, at any depth; what is not known is `UNKNOWN`.

    Numbers stay what they are at run time: floats. A secret is not known either, so that no finding can quote it; PEM
    text is the exception, which rules read and none ever shows.
    """
    if isinstance(value, str):
        return UNKNOWN if value in _STAND_FOR_UNKNOWN else value
    if isinstance(value, Secret):
        return _only_pem(plain(value.value))
    opened = _opened(value)
    if isinstance(opened, Mapping):
        return {key: _item(opened, key) for key in opened if not str(key).startswith(_INTERNAL)}
    if isinstance(opened, Sequence) and not isinstance(opened, bytes):
        return [_item(opened, index) for index in range(len(opened))]
    return opened


def _only_pem(secret: Any) -> Any:
    if isinstance(secret, dict):
        return {key: _only_pem(item) for key, item in secret.items()}
    if isinstance(secret, list):
        return [_only_pem(item) for item in secret]
    return secret if isinstance(secret, str) and "-----BEGIN " in secret else UNKNOWN


def _opened(value: Any) -> Any:
    """What a proxy stands for: reading that costs a third of reading through the proxy. Without it the proxy does."""
    if isinstance(value, dict | list):
        return value
    try:
        return value["__target"]
    except (KeyError, TypeError):
        return value


def _item(container: Any, key: Any) -> Any:
    try:
        return plain(container[key])
    except proxy.UnknownValueError:
        return UNKNOWN


def resource_of(seen: PolicyResource, declared: Mapping[str, Any] | None = None) -> Resource:
    """A resource as a stack policy sees it. `declared` are its inputs, where they were seen (`plain`)."""
    props = plain(seen.props)
    own = props.get("id")
    if declared is not None:
        props = _as_declared(seen.resource_type, props, declared)
    parent = seen.parent.urn if seen.parent else seen.opts.parent
    return Resource(
        urn=seen.urn,
        type=seen.resource_type,
        name=seen.name,
        props=props,
        id=own if isinstance(own, str) else None,
        parent=parent or None,
        dependencies={
            name: tuple(other.urn for other in others) for name, others in seen.property_dependencies.items()
        },
        deletes_first=seen.opts.delete_before_replace,
    )


def _as_declared(type_: str, outputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs, and what only the cloud can say of the resource.

    A preview says of everything that nobody declared and the cloud fills in that it is not known, as of a declared
    value that is not; and what a component puts out does not repeat what it was given.
    """
    computed = COMPUTED.get(KINDS.get(type_, ""), frozenset())
    return {**{name: value for name, value in outputs.items() if name in computed}, **inputs}
