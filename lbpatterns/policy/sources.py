"""The resources of a stack, from what Pulumi prints: its state, or a preview.

Of a state, what was declared is read, and what the cloud says of itself beside it; a resource that somebody else made
has only the latter. Secrets stay secret: they are not known here, but for certificates that were asked for in clear.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from lbpatterns.core.resource import Resource
from lbpatterns.core.spec import UNKNOWN
from lbpatterns.targets.scaleway.stack_words import COMPUTED, KINDS

_STATE_VERSIONS: Final = {3, 4}
_PROVIDERS: Final = "pulumi:providers:"
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 (how a state marks one)
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_HIDDEN: Final = "[secret]"  # how a preview prints one
# What stands for a value that a preview does not know, one for each kind of value.
_UNKNOWNS: Final = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
_GONE: Final = frozenset(
    {"delete", "delete-replaced", "discard", "discard-replaced", "read-discard", "remove-pending-replace"}
)
_PEM: Final = "-----BEGIN "
_EXPORT: Final = "`pulumi stack export --file FILE`"
_PREVIEW: Final = "`pulumi preview --json --show-sames > FILE`"


class SourceError(ValueError):
    """What cannot be read as a stack: what, where, why and what to do. A value is never quoted."""

    def __init__(self, where: str, what: str, *, fix: str) -> None:
        super().__init__(f"{where}: {what}. Fix: {fix}")


def from_text(text: str, *, name: str) -> Iterator[Resource]:
    """The resources of a state or a preview, whichever it is; `name` is said in errors.

    Raises `SourceError` at once, before the first resource is asked for.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise SourceError(name, _no_json(text, error), fix=f"write it with {_EXPORT} or {_PREVIEW}") from None
    return iter([*(from_preview if _is_preview(document) else from_state)(document, name=name)])


def from_state(document: Any, *, name: str = "state") -> Iterator[Resource]:
    """The resources of `pulumi stack export`; providers, and what is about to be deleted, are left out.

    Raises `SourceError` for anything else.
    """
    version = document.get("version") if isinstance(document, Mapping) else None
    deployment = document.get("deployment") if isinstance(document, Mapping) else None
    if not isinstance(deployment, Mapping):
        raise SourceError(name, "it is no state: there is no `deployment` in it", fix=f"write it with {_EXPORT}")
    if version not in _STATE_VERSIONS:
        raise SourceError(
            f"{name}.version", "this version of states is not known here; 3 is", fix=f"write it anew with {_EXPORT}"
        )
    for at, entry in enumerate(_listed(deployment.get("resources"), f"{name}.deployment.resources")):
        where = f"{name}.deployment.resources[{at}]"
        if isinstance(entry, Mapping) and (entry.get("delete") or entry.get("pendingReplacement")):
            continue
        yield from _resource(entry, where)


def from_preview(document: Any, *, name: str = "preview") -> Iterator[Resource]:
    """The resources of `pulumi preview --json --show-sames`, as they are going to be.

    Raises `SourceError` for anything else, and for a preview that leaves out what stays the same: a frontend cannot be
    judged without the backend that does not change.
    """
    if not isinstance(document, Mapping) or "steps" not in document:
        raise SourceError(name, "it is no preview: there are no `steps` in it", fix=f"write it with {_PREVIEW}")
    steps = list(_listed(document["steps"], f"{name}.steps"))
    _refuse_half_a_preview(document, steps, name)
    found: dict[str, Resource] = {}
    for at, step in enumerate(steps):
        where = f"{name}.steps[{at}]"
        if not isinstance(step, Mapping):
            raise SourceError(where, f"an object expected, found {_kind(step)}", fix=f"write it with {_PREVIEW}")
        if step.get("op") in _GONE or not isinstance(step.get("newState"), Mapping):
            continue
        # A resource that is replaced has several steps; the last one is what it is going to be.
        found |= {resource.urn: resource for resource in _resource(step["newState"], f"{where}.newState")}
    yield from found.values()


def _is_preview(document: Any) -> bool:
    return isinstance(document, Mapping) and "steps" in document and "deployment" not in document


def _refuse_half_a_preview(document: Mapping[str, Any], steps: list[Any], name: str) -> None:
    summary = document.get("changeSummary")
    same = summary.get("same", 0) if isinstance(summary, Mapping) else 0
    shown = sum(isinstance(step, Mapping) and step.get("op") == "same" for step in steps)
    if isinstance(same, int) and same > shown:
        raise SourceError(
            f"{name}.steps",
            f"{same - shown} resources that stay the same are left out, and what changes cannot be judged without them",
            fix=f"write it with {_PREVIEW}",
        )


def _resource(entry: Any, where: str) -> Iterator[Resource]:
    if not isinstance(entry, Mapping):
        raise SourceError(where, f"an object expected, found {_kind(entry)}", fix="write the file anew")
    urn, token = entry.get("urn"), entry.get("type")
    if not isinstance(urn, str) or not isinstance(token, str):
        raise SourceError(where, "a resource has a `urn` and a `type`, and one is missing", fix="write the file anew")
    if token.startswith(_PROVIDERS):
        return
    identity, parent = entry.get("id"), entry.get("parent")
    yield Resource(
        urn=urn,
        type=token,
        name=urn.split("::", 3)[-1],
        props=_props(entry, KINDS.get(token)),
        id=identity if isinstance(identity, str) and identity and identity not in _UNKNOWNS else None,
        parent=parent if isinstance(parent, str) and parent else None,
        dependencies=_dependencies(entry.get("propertyDependencies")),
    )


def _props(entry: Mapping[str, Any], kind: str | None) -> dict[str, Any]:
    inputs, outputs = entry.get("inputs"), entry.get("outputs")
    declared = dict(inputs) if isinstance(inputs, Mapping) else {}
    said = outputs if isinstance(outputs, Mapping) else {}
    if entry.get("external") or not declared:
        declared = {**said, **declared}
    computed = COMPUTED.get(kind or "", frozenset())
    whole = {**{name: value for name, value in said.items() if name in computed}, **declared}
    return {name: _value(value) for name, value in whole.items() if not name.startswith("__")}


def _value(value: Any) -> Any:
    if isinstance(value, str):
        return UNKNOWN if value in _UNKNOWNS or value == _HIDDEN else value
    if isinstance(value, list):
        return [_value(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    if _SIGNATURE in value:
        return _marked(value, value[_SIGNATURE])
    return {str(name): _value(item) for name, item in value.items() if not str(name).startswith("__")}


def _marked(value: Mapping[str, Any], signature: Any) -> Any:
    if signature == _SECRET:
        return _secret(value)
    is_told = signature == _OUTPUT and "value" in value and not value.get("secret")
    return _value(value["value"]) if is_told else UNKNOWN


def _secret(value: Mapping[str, Any]) -> Any:
    """Not known, but for a PEM text in clear: what is said of one never quotes it."""
    plaintext = value.get("plaintext")
    try:
        text = json.loads(plaintext) if isinstance(plaintext, str) else None
    except ValueError:
        return UNKNOWN
    return text if isinstance(text, str) and _PEM in text else UNKNOWN


def _dependencies(given: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(given, Mapping):
        return {}
    return {
        str(name): tuple(urn for urn in urns if isinstance(urn, str))
        for name, urns in given.items()
        if isinstance(urns, list)
    }


def _listed(value: Any, where: str) -> Iterator[Any]:
    """The items; a stack in which there is nothing has no list either."""
    if value is not None and not isinstance(value, list):
        raise SourceError(where, f"a list expected, found {_kind(value)}", fix=f"write it with {_EXPORT} or {_PREVIEW}")
    yield from value or ()


def _kind(value: Any) -> str:
    return "nothing" if value is None else type(value).__name__


def _no_json(text: str, error: ValueError) -> str:
    if not text.strip():
        return "it is empty"
    if isinstance(error, json.JSONDecodeError):
        return f"it is no JSON: line {error.lineno}, column {error.colno}: {error.msg}"
    return "it is no JSON"
