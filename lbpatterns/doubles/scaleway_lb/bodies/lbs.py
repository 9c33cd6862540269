"""Bodies and queries of load balancers, their addresses and subscribers."""

from typing import Literal

from lbpatterns.doubles.scaleway_lb.bodies.body import Body, Many, Order, OwnedBody, OwnedPage, Query, Truth, Words

Level = Literal[
    "ssl_compatibility_level_unknown",
    "ssl_compatibility_level_intermediate",
    "ssl_compatibility_level_modern",
    "ssl_compatibility_level_old",
]


class CreateLb(OwnedBody):
    """POST /lbs."""

    name: str | None = None
    description: str | None = None
    ip_id: str | None = None
    ip_ids: Words | None = None
    assign_flexible_ip: bool | None = None
    assign_flexible_ipv6: bool | None = None
    tags: Words | None = None
    type: str
    ssl_compatibility_level: Level | None = None


class UpdateLb(Body):
    """PUT /lbs/{id}: all that can be changed."""

    name: str
    description: str
    tags: Words | None = None
    ssl_compatibility_level: Level | None = None


class MigrateLb(Body):
    """POST /lbs/{id}/migrate."""

    type: str


class ListLbs(OwnedPage):
    """GET /lbs."""

    name: str | None = None
    order_by: Order = "created_at_asc"
    lb_ids: Many = ()


class DeleteLb(Query):
    """DELETE /lbs/{id}."""

    release_ip: Truth = False


class Stats(Query):
    """GET /lbs/{id}/stats."""

    backend_id: str | None = None


class CreateIp(OwnedBody):
    """POST /ips."""

    is_ipv6: bool = False
    reverse: str | None = None
    tags: Words | None = None


class UpdateIp(Body):
    """PATCH /ips/{id}: what is absent stays."""

    reverse: str | None = None
    lb_id: str | None = None
    tags: Words | None = None


class ListIps(OwnedPage):
    """GET /ips."""

    ip_address: str | None = None
    ip_type: Literal["all", "ipv4", "ipv6"] = "all"


class EmailConfig(Body):
    """Where mail goes."""

    email: str


class WebhookConfig(Body):
    """What is called."""

    uri: str


class CreateSubscriber(OwnedBody):
    """POST /subscribers: precisely one of the two ways (SDK)."""

    name: str
    email_config: EmailConfig | None = None
    webhook_config: WebhookConfig | None = None


class UpdateSubscriber(Body):
    """PUT /subscribers/{id}."""

    name: str
    email_config: EmailConfig | None = None
    webhook_config: WebhookConfig | None = None


class ListSubscribers(OwnedPage):
    """GET /subscribers."""

    name: str | None = None
    order_by: Order = "created_at_asc"


class Subscribe(Body):
    """POST /lb/{id}/subscribe."""

    subscriber_id: str
