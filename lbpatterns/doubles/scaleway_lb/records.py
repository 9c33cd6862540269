"""What the double remembers: plain records, changed only by the calls and by the transitions they start."""

from dataclasses import dataclass, field
from typing import Any

from lbpatterns.doubles.scaleway_lb.instants import Instant


@dataclass(kw_only=True)
class Record:
    """An object with an id, in a zone or region, that belongs to a project."""

    id: str
    place: str
    """The zone (`fr-par-1`) or region (`fr-par`) in the path of the call that made it."""
    created_at: Instant
    updated_at: Instant


@dataclass(kw_only=True)
class Owned(Record):
    """A record of a project. Organization and project are one in all recordings."""

    project_id: str
    tags: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class Ip(Owned):
    """A flexible address of the load balancer API."""

    address: str
    reverse: str
    is_ipv6: bool
    lb_id: str | None = None


@dataclass
class Instance:
    """The machine behind a load balancer."""

    id: str
    status: str
    created_at: Instant
    updated_at: Instant


@dataclass(kw_only=True)
class Lb(Owned):
    """A load balancer."""

    name: str
    description: str
    type: str
    ssl_compatibility_level: str
    status: str = "to_create"
    instance: Instance | None = None
    subscriber_id: str | None = None


@dataclass
class HealthCheck:
    """How servers are checked. `config` is the one of the `*_config` that was sent, with its name."""

    port: int
    config: tuple[str, dict[str, Any]]
    check_max_retries: int
    check_send_proxy: bool
    check_delay: int | None
    check_timeout: int | None
    transient_check_delay: int | None


@dataclass(kw_only=True)
class Backend(Record):
    """Servers, and how they are spoken to. Durations are nanoseconds."""

    lb_id: str
    name: str
    pool: list[str]
    health_check: HealthCheck
    settings: dict[str, Any]
    """The fields that create and update share, by their name in the API."""


@dataclass(kw_only=True)
class Frontend(Record):
    """A listening port."""

    lb_id: str
    backend_id: str
    name: str
    inbound_port: int
    certificate_ids: list[str]
    timeout_client: int | None
    connection_rate_limit: int | None
    enable_http3: bool
    enable_access_logs: bool


@dataclass(kw_only=True)
class Certificate(Record):
    """A certificate. The private key of a custom one is gone when the call that brought it ends."""

    lb_id: str
    name: str
    type: str
    common_name: str
    subject_alternative_name: list[str]
    status: str
    status_details: str | None = None
    fingerprint: str = ""
    not_valid_before: Instant | None = None
    not_valid_after: Instant | None = None


@dataclass(kw_only=True)
class Route(Record):
    """What goes from a frontend to another backend than its own."""

    frontend_id: str
    backend_id: str
    match: dict[str, Any]


@dataclass(kw_only=True)
class Acl(Record):
    """An access rule of a frontend."""

    frontend_id: str
    name: str
    description: str
    index: int
    action: dict[str, Any]
    match: dict[str, Any] | None


@dataclass(kw_only=True)
class Attachment(Record):
    """A private network on a load balancer."""

    lb_id: str
    private_network_id: str
    ipam_ids: list[str]
    booked_by_client: bool
    status: str = "pending"
    leaving: bool = False
    """Being detached: `pending` as well, but on the way out."""


@dataclass(kw_only=True)
class Subscriber(Owned):
    """Who is told about a load balancer's state."""

    name: str
    email_config: dict[str, Any] | None
    webhook_config: dict[str, Any] | None


@dataclass(kw_only=True)
class Vpc(Owned):
    """A virtual private cloud."""

    name: str
    is_default: bool
    transitivity_enabled: bool


@dataclass(kw_only=True)
class Subnet(Record):
    """A range of addresses of a private network."""

    project_id: str
    private_network_id: str
    vpc_id: str
    subnet: str


@dataclass(kw_only=True)
class PrivateNetwork(Owned):
    """A private network."""

    name: str
    vpc_id: str
    default_route_propagation_enabled: bool


@dataclass
class Holder:
    """What an address of IPAM is attached to."""

    id: str
    type: str
    name: str
    mac_address: str


@dataclass(kw_only=True)
class IpamIp(Owned):
    """An address booked in a private network."""

    address: str
    """With its prefix length: `172.16.32.7/22`."""
    is_ipv6: bool
    private_network_id: str
    subnet_id: str
    holder: Holder | None = None
    reverses: list[dict[str, Any]] = field(default_factory=list)


@dataclass(kw_only=True)
class InstanceIp(Owned):
    """A flexible address of the Instance API."""

    address: str
    prefix: str | None
    type: str
    reverse: str | None = None
