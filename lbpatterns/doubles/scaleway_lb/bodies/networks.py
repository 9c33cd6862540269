"""Bodies and queries of private networks on a load balancer, and of what stacks touch of vpc, ipam and instance."""

from typing import Any, Literal

from lbpatterns.doubles.scaleway_lb.bodies.body import Body, Many, OwnedPage, Page, Truth, Words


class Attach(Body):
    """POST /lbs/{id}/attach-private-network. The three `*_config` are deprecated and change nothing here."""

    private_network_id: str
    ipam_ids: Words | None = None
    static_config: dict[str, Any] | None = None
    dhcp_config: dict[str, Any] | None = None
    ipam_config: dict[str, Any] | None = None


class Detach(Body):
    """POST /lbs/{id}/detach-private-network."""

    private_network_id: str


class ListAttachments(Page):
    """GET /lbs/{id}/private-networks."""

    order_by: Literal["created_at_asc", "created_at_desc"] = "created_at_asc"


class CreateVpc(Body):
    """POST /vpcs."""

    name: str | None = None
    project_id: str | None = None
    tags: Words | None = None
    enable_routing: bool = False
    enable_transitivity: bool = False


class UpdateVpc(Body):
    """PATCH /vpcs/{id} and PATCH /private-networks/{id}: what is absent stays."""

    name: str | None = None
    tags: Words | None = None


class ListVpcs(OwnedPage):
    """GET /vpcs."""

    order_by: Literal["created_at_asc", "created_at_desc", "name_asc", "name_desc"] = "created_at_asc"
    name: str | None = None
    is_default: Truth | None = None


class CreatePrivateNetwork(Body):
    """POST /private-networks."""

    name: str | None = None
    project_id: str | None = None
    tags: Words | None = None
    subnets: Words | None = None
    vpc_id: str | None = None
    default_route_propagation_enabled: bool = False


class UpdatePrivateNetwork(UpdateVpc):
    """PATCH /private-networks/{id}."""

    default_route_propagation_enabled: bool | None = None


class ListPrivateNetworks(OwnedPage):
    """GET /private-networks."""

    order_by: Literal["created_at_asc", "created_at_desc", "name_asc", "name_desc"] = "created_at_asc"
    name: str | None = None
    vpc_id: str | None = None
    private_network_ids: Many = ()


class Source(Body):
    """Where an address is booked: in a private network or one of its ranges."""

    private_network_id: str | None = None
    subnet_id: str | None = None


class BookIp(Body):
    """POST /ipam ips."""

    project_id: str | None = None
    source: Source
    is_ipv6: bool = False
    address: str | None = None
    tags: Words | None = None


class UpdateIpamIp(Body):
    """PATCH /ipam ips/{id}."""

    tags: Words | None = None
    reverses: list[dict[str, Any]] | None = None


class ListIpamIps(OwnedPage):
    """GET /ipam ips."""

    order_by: Literal[
        "created_at_asc", "created_at_desc", "updated_at_asc", "updated_at_desc", "ip_address_asc", "ip_address_desc"
    ] = "created_at_desc"
    private_network_id: str | None = None
    subnet_id: str | None = None
    vpc_id: str | None = None
    attached: Truth | None = None
    resource_name: str | None = None
    resource_id: str | None = None
    resource_ids: Many = ()
    resource_type: str | None = None
    resource_types: Many = ()
    mac_address: str | None = None
    is_ipv6: Truth | None = None
    ip_ids: Many = ()


class CreateInstanceIp(Body):
    """POST /instance ips."""

    project: str | None = None
    organization: str | None = None
    tags: Words | None = None
    type: Literal["unknown_iptype", "routed_ipv4", "routed_ipv6"] | None = None
