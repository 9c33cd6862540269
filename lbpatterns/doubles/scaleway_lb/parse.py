"""From bytes to models: what a call may not carry is answered with 400 and a detail for each wrong argument.

No detail repeats a value that was sent: it may be a private key.
"""

import json
from collections.abc import Iterable
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError

from lbpatterns.doubles.scaleway_lb.bodies.body import Body, Query
from lbpatterns.doubles.scaleway_lb.errors import ApiError, invalid_argument, invalid_arguments

B = TypeVar("B", bound=Body)
Q = TypeVar("Q", bound=Query)

_REASONS = {"extra_forbidden": "unknown", "missing": "required"}
_FORMATS = ("_type", "_parsing", "literal_error", "value_error")


def details(error: ValidationError) -> Iterable[dict[str, str]]:
    """One detail for each thing that pydantic found."""
    for found in error.errors(include_input=False, include_url=False, include_context=False):
        kind = found["type"]
        reason = _REASONS.get(kind, "format" if kind.endswith(_FORMATS) else "constraint")
        name = ".".join(str(part) for part in found["loc"]) or "body"
        yield {"argument_name": name, "reason": reason, "help_message": found["msg"].removeprefix("Value error, ")}


def _refused(error: ValidationError) -> ApiError:
    return invalid_arguments(list(details(error)))


def json_object(data: bytes) -> dict[str, Any]:
    """The object that a body holds; nothing is `{}`."""
    if not data.strip():
        return {}
    try:
        parsed = json.loads(data)
    except ValueError:
        raise invalid_argument("body", "format", "the body is no JSON") from None
    if not isinstance(parsed, dict):
        raise invalid_argument("body", "format", "the body is no JSON object")
    return parsed


def parse_body(kind: type[B], data: bytes) -> B:
    """The body of a call."""
    try:
        return kind.model_validate(json_object(data))
    except ValidationError as error:
        raise _refused(error) from None


def parse_query(kind: type[Q], text: str) -> Q:
    """The query of a call. A parameter that comes several times is a list; one without a value is as if absent."""
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        values.setdefault(name, [])
        if value:
            values[name].append(value)
    several = {name: found if len(found) > 1 else found[0] for name, found in values.items() if found}
    empty = dict.fromkeys(values.keys() - several.keys() - kind.model_fields.keys(), "")
    try:
        return kind.model_validate({**several, **empty})
    except ValidationError as error:
        raise _refused(error) from None


def parse_door(kind: type[BaseModel], data: bytes) -> Any:
    """The body of a test-only door, by the same rules."""
    try:
        return kind.model_validate(json_object(data))
    except ValidationError as error:
        raise _refused(error) from None
