"""States and previews as Pulumi prints them, from resources made by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lbpatterns.core.resource import Resource


def state(resources: Iterable[Resource]) -> dict[str, Any]:
    """What `pulumi stack export` prints."""
    return {"version": 3, "deployment": {"resources": [_entry(resource) for resource in resources]}}


def preview(resources: Iterable[Resource]) -> dict[str, Any]:
    """What `pulumi preview --json` prints."""
    return {"steps": [{"op": "create", "urn": each.urn, "newState": _entry(each)} for each in resources]}


def _entry(resource: Resource) -> dict[str, Any]:
    return {
        "urn": resource.urn,
        "type": resource.type,
        "id": resource.id,
        "inputs": dict(resource.props),
        "propertyDependencies": {name: list(urns) for name, urns in resource.dependencies.items()},
    }
