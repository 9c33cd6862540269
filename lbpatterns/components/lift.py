"""Pydantic fields that take a plain value now, or a Pulumi Output that is looked at when its value is known."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import pulumi
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetCoreSchemaHandler, ValidationError
from pydantic._internal._model_construction import ModelMetaclass  # it has no public name, and never had
from pydantic_core import CoreSchema, core_schema

from lbpatterns.components.errors import ArgumentsError, complaints
from lbpatterns.core.spec import Mode

if TYPE_CHECKING:
    # Checkers learn the arguments of a model from its fields; a `__call__` of ours would hide them.
    _ReportingMeta = ModelMetaclass
else:

    class _ReportingMeta(ModelMetaclass):
        """Turns what pydantic says into an `ArgumentsError` where a program calls a model.

        Models inside models are made by pydantic itself and do not come by here, so all errors of one call arrive
        together.
        """

        def __call__(cls, *args: Any, **kwargs: Any) -> Any:  # noqa: N805 (a metaclass's instances are classes)
            try:
                return super().__call__(*args, **kwargs)
            except ValidationError as error:
                lines = complaints(error, mode=cls.mode, part=cls.part)
                raise ArgumentsError(f"{cls.__name__}:\n" + "\n".join(lines)) from None


class ArgsModel(BaseModel, metaclass=_ReportingMeta):
    """The ground of every argument: unknown fields are errors, values never appear in messages, nothing changes."""

    mode: ClassVar[Mode | None] = None  # the mode that these arguments are for, where it is one
    part: ClassVar[str] = ""  # the argument of the load balancer that they are given to

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True, use_enum_values=False
    )


class Lift:
    """Marks a field of type `T`: plain values are validated as `T`, an Output passes and is validated once it is known.

    `pulumi.Input[T]` itself cannot be a pydantic field. The second validation is `pattern.py`'s: it puts the resolved
    values through the same models, so that a message names the same place either way.
    """

    def __init__(self, kind: Any) -> None:
        self.kind = kind

    def __get_pydantic_core_schema__(self, _source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """An Output as it is, or whatever the plain type's own schema makes of the value."""
        plain = handler.generate_schema(self.kind)

        def validate(value: Any, validate_plain: Any) -> Any:
            return value if isinstance(value, pulumi.Output) else validate_plain(value)

        return core_schema.no_info_wrap_validator_function(validate, plain)


_PORT = Annotated[int, Field(ge=1, le=65535, strict=True)]
_SECONDS = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_COUNT = Annotated[int, Field(ge=1)]
# RFC 1123 host names, an optional wildcard label in front; underscores appear in real internal names.
_NAME = Annotated[str, Field(max_length=253, pattern=r"^(\*\.)?([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.?)+$")]
_HOST_NAME = Annotated[
    str, Field(max_length=253, pattern=r"^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}\.?$")
]
_ADDRESS = Annotated[str, Field(max_length=253, pattern=r"^[A-Za-z0-9_.:%-]+$")]
_COOKIE = Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]  # a token of RFC 6265
_PATH = Annotated[str, Field(pattern=r"^/[^\s?#]*$")]


def _network(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value))
    except ValueError:
        raise ValueError("expected a network such as 203.0.113.0/24 or 2001:db8::/32, with no host bits set") from None


def _resources(value: Any) -> tuple[pulumi.Resource, ...]:
    resources = tuple(value) if isinstance(value, list | tuple) else (value,)
    if not all(isinstance(resource, pulumi.Resource) for resource in resources):
        raise ValueError("expected a Pulumi resource, or several in a list")
    return resources


if TYPE_CHECKING:
    from collections.abc import Sequence

    Many = Sequence

    Text = pulumi.Input[str]
    Port = pulumi.Input[int]
    Seconds = pulumi.Input[float]
    Count = pulumi.Input[int]
    Name = pulumi.Input[str]
    HostName = pulumi.Input[str]
    Network = pulumi.Input[str]
    Resources = pulumi.Resource | Sequence[pulumi.Resource]
    Address = pulumi.Input[str]
    Path = pulumi.Input[str]
    CookieName = pulumi.Input[str]
else:

    class Many:
        """`Many[T]`: any sequence for type checkers, a tuple once it is read (frozen all the way down)."""

        def __class_getitem__(cls, item: Any) -> Any:
            """The tuple type that pydantic sees."""
            return tuple[item, ...]

    Text = Annotated[Any, Lift(str)]
    Port = Annotated[Any, Lift(_PORT)]
    Seconds = Annotated[Any, Lift(_SECONDS)]
    Count = Annotated[Any, Lift(_COUNT)]
    Name = Annotated[Any, Lift(_NAME)]
    HostName = Annotated[Any, Lift(_HOST_NAME)]
    Network = Annotated[Any, Lift(Annotated[str, AfterValidator(_network)])]
    Resources = Annotated[Any, AfterValidator(_resources)]
    Address = Annotated[Any, Lift(_ADDRESS)]
    Path = Annotated[Any, Lift(_PATH)]
    CookieName = Annotated[Any, Lift(_COOKIE)]
