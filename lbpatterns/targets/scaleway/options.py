"""What the user may choose about a Scaleway Load Balancer, beside the load balancer itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

# What the stack's configuration calls them, in `lbpatterns:scaleway`.
_CONFIGURED: Final = {
    "type": "type",
    "zone": "zone",
    "projectId": "project_id",
    "description": "description",
    "tags": "tags",
    "ipIds": "ip_ids",
}
_LISTS: Final = {"tags", "ip_ids"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalewayOptions:
    """`type` is the offer (`LB-S`, `LB-GP-M`, …); `zone` and `project_id` None are the provider's own.

    `ip_ids` are addresses (`loadbalancers.Ip`) that exist already; without them the load balancer gets one of its own.
    Any value but the tuples may be a Pulumi Output, and so may what is in them.
    """

    type: Any = None
    zone: Any = None
    project_id: Any = None
    description: Any = None
    tags: tuple[Any, ...] | None = None
    ip_ids: tuple[Any, ...] | None = None

    def or_else(self, configured: Mapping[str, Any]) -> ScalewayOptions:
        """These options, and for what they leave out the stack's configuration.

        Raises ValueError for a name that is no option, or a value of another kind.
        """
        strange = sorted(configured.keys() - _CONFIGURED.keys())
        if strange:
            known = ", ".join(_CONFIGURED)
            raise ValueError(f"lbpatterns:scaleway.{strange[0]}: there is no such option; known here: {known}")
        values = {_CONFIGURED[name]: _checked(name, value) for name, value in configured.items()}
        missing = {field.name for field in fields(self) if getattr(self, field.name) is None}
        return replace(self, **{name: value for name, value in values.items() if name in missing})


def _checked(name: str, value: Any) -> Any:
    if _CONFIGURED[name] in _LISTS:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ValueError(f"lbpatterns:scaleway.{name}: a list of texts expected, found {type(value).__name__}")
        return tuple(value)
    if not isinstance(value, str):
        raise ValueError(f"lbpatterns:scaleway.{name}: text expected, found {type(value).__name__}")
    return value
