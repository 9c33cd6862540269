"""What all bodies and queries have in common."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from lbpatterns.doubles.scaleway_lb.durations import Duration

Port = Annotated[int, Field(ge=1, le=65535)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
Words = list[str]


class Body(BaseModel):
    """A request body: unknown fields and other JSON types are refused, and no message repeats what was sent.

    A body that is `{}` where none is due is accepted everywhere: the Python SDK sends it with GET and DELETE.
    """

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    def sent(self, *names: str) -> dict[str, Any]:
        """Those of the fields that were sent and are not null."""
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}


class OwnedBody(Body):
    """A body that says whom the new object belongs to: precisely one of the two (SDK)."""

    project_id: str | None = None
    organization_id: str | None = None


class NoBody(Body):
    """Nothing, or `{}`."""


def _one_or_many(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _truth(value: Any) -> Any:
    """`True` as the Python SDK writes it, `true` as all others do."""
    return {"true": True, "false": False}.get(value.lower(), value) if isinstance(value, str) else value


Many = Annotated[tuple[str, ...], BeforeValidator(_one_or_many)]
Truth = Annotated[bool, BeforeValidator(_truth)]
Order = Literal["created_at_asc", "created_at_desc", "name_asc", "name_desc"]


class Query(BaseModel):
    """The query of a call. Values arrive as text, so numbers are read from it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Page(Query):
    """The query of every list. The API's own default and limit of `page_size` are not recorded: modelled."""

    page: Annotated[int, Field(ge=1)] = 1
    page_size: Annotated[int, Field(ge=1)] = 50


class OrderedPage(Page):
    """A list with an order and a filter by a part of the name."""

    order_by: Order = "created_at_asc"
    name: str | None = None


class OwnedPage(Page):
    """A list over all of a zone or region."""

    project_id: str | None = None
    organization_id: str | None = None
    tags: Many = ()


__all__ = [
    "Body",
    "Count",
    "Duration",
    "Many",
    "NoBody",
    "Order",
    "OrderedPage",
    "OwnedBody",
    "OwnedPage",
    "Page",
    "Port",
    "Query",
    "Truth",
    "Words",
]
