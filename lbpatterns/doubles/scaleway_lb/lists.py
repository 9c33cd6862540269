"""Lists: filters, order, pages, and the count of all."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from lbpatterns.doubles.scaleway_lb.bodies.body import OwnedPage, Page
from lbpatterns.doubles.scaleway_lb.records import Owned, Record

R = TypeVar("R", bound=Record)
P = TypeVar("P", bound=Owned)


def here(records: Iterable[R], place: str) -> list[R]:
    """Those of this zone or region."""
    return [record for record in records if record.place == place]


def owned(records: Iterable[P], query: OwnedPage) -> list[P]:
    """Those of the project, with one or more of the tags.

    The recordings do not tell whether several tags mean any or all; the SDK says "one or more".
    """
    projects = {query.project_id, query.organization_id} - {None, ""}
    wanted = {tag for tag in query.tags if tag}
    return [
        record
        for record in records
        if (not projects or projects == {record.project_id}) and (not wanted or wanted & set(record.tags))
    ]


def named(records: Iterable[R], part: str | None, name: Callable[[R], str]) -> list[R]:
    """Those whose name contains `part`: `tf-lb-datasource` finds `tf-lb-datasource0` and `…1` (recorded)."""
    return [record for record in records if not part or part in name(record)]


_KEYS: dict[str, Callable[[Any], Any]] = {
    "created_at": lambda record: record.created_at,
    "updated_at": lambda record: record.updated_at,
    "name": lambda record: record.name,
    "ip_address": lambda record: record.address,
}


def ordered(records: Iterable[R], order_by: str) -> list[R]:
    """In the order that was asked for: `created_at_asc` and the like."""
    key, _, direction = order_by.rpartition("_")
    return sorted(records, key=_KEYS[key], reverse=direction == "desc")


def page(records: list[R], query: Page, key: str, view: Callable[[R], Any]) -> dict[str, Any]:
    """One page of a list, with the count of all; a page past the last one is empty."""
    size = min(query.page_size, 100)
    begin = (query.page - 1) * size
    return {key: [view(record) for record in records[begin : begin + size]], "total_count": len(records)}
