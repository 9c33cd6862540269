"""What stacks with a load balancer touch of vpc: VPCs and private networks."""

import ipaddress
from typing import Any

from lbpatterns.doubles.scaleway_lb import find
from lbpatterns.doubles.scaleway_lb.bodies.networks import (
    CreatePrivateNetwork,
    CreateVpc,
    ListPrivateNetworks,
    ListVpcs,
    UpdatePrivateNetwork,
    UpdateVpc,
)
from lbpatterns.doubles.scaleway_lb.call import Ask, Call
from lbpatterns.doubles.scaleway_lb.errors import invalid_argument, still_in_use
from lbpatterns.doubles.scaleway_lb.instants import in_microseconds
from lbpatterns.doubles.scaleway_lb.lists import here, named, ordered, owned, page
from lbpatterns.doubles.scaleway_lb.pools import new_id
from lbpatterns.doubles.scaleway_lb.records import Owned, PrivateNetwork, Subnet, Vpc

REGION = "/vpc/v2/regions/{region}"


def _project(project_id: str | None) -> str:
    if not project_id:
        raise invalid_argument("project_id", "required", "name the project")
    return project_id


def _common(record: Owned) -> dict[str, Any]:
    """All dates have microseconds here, those of a fresh object too (CAS:lb-private-network-basic)."""
    return {
        "created_at": in_microseconds(record.created_at),
        "id": record.id,
        "organization_id": record.project_id,
        "project_id": record.project_id,
        "region": record.place,
        "tags": record.tags,
        "updated_at": in_microseconds(record.updated_at),
    }


def _vpc(ask: Ask, vpc: Vpc) -> dict[str, Any]:
    """Routing is on whatever was asked for (CAS:lb-private-network-basic)."""
    networks = [one for one in ask.state.private_networks.values() if one.vpc_id == vpc.id]
    return {
        **_common(vpc),
        "custom_routes_propagation_enabled": True,
        "is_default": vpc.is_default,
        "name": vpc.name,
        "private_network_count": len(networks),
        "routing_enabled": True,
        "transitivity_enabled": vpc.transitivity_enabled,
    }


def _network(ask: Ask, network: PrivateNetwork) -> dict[str, Any]:
    return {
        **_common(network),
        "default_route_propagation_enabled": network.default_route_propagation_enabled,
        "dhcp_enabled": True,
        "name": network.name,
        "subnets": [_subnet(subnet) for subnet in ask.state.subnets_of(network.id)],
        "vpc_id": network.vpc_id,
    }


def _subnet(subnet: Subnet) -> dict[str, Any]:
    return {
        "created_at": in_microseconds(subnet.created_at),
        "id": subnet.id,
        "private_network_id": subnet.private_network_id,
        "project_id": subnet.project_id,
        "region": subnet.place,
        "subnet": subnet.subnet,
        "updated_at": in_microseconds(subnet.updated_at),
        "vpc_id": subnet.vpc_id,
    }


def _new_vpc(ask: Ask, project_id: str, name: str, *, tags: list[str], default: bool, transitive: bool) -> Vpc:
    vpc = Vpc(
        id=new_id(),
        place=ask.place,
        created_at=ask.now,
        updated_at=ask.now,
        project_id=project_id,
        tags=tags,
        name=name,
        is_default=default,
        transitivity_enabled=transitive,
    )
    ask.state.vpcs[vpc.id] = vpc
    return vpc


def create_vpc(ask: Ask) -> Any:
    """A VPC."""
    body = ask.body_as(CreateVpc)
    name = body.name or f"vpc-{new_id()[:8]}"
    vpc = _new_vpc(
        ask,
        _project(body.project_id),
        name,
        tags=body.tags or [],
        default=False,
        transitive=body.enable_transitivity,
    )
    return _vpc(ask, vpc)


def list_vpcs(ask: Ask) -> Any:
    """The VPCs of a region."""
    query = ask.query_as(ListVpcs)
    found = [
        vpc
        for vpc in owned(here(ask.state.vpcs.values(), ask.place), query)
        if query.is_default is None or query.is_default is vpc.is_default
    ]
    found = ordered(named(found, query.name, lambda vpc: vpc.name), query.order_by)
    return page(found, query, "vpcs", lambda vpc: _vpc(ask, vpc))


def get_vpc(ask: Ask) -> Any:
    """One VPC."""
    return _vpc(ask, find.vpc(ask, ask.ids["vpc_id"]))


def update_vpc(ask: Ask) -> Any:
    """Name and tags; what is absent stays."""
    body, vpc = ask.body_as(UpdateVpc), find.vpc(ask, ask.ids["vpc_id"])
    vpc.name, vpc.tags = body.name or vpc.name, vpc.tags if body.tags is None else body.tags
    vpc.updated_at = ask.now
    return _vpc(ask, vpc)


def delete_vpc(ask: Ask) -> Any:
    """NETWORK_IN_USE."""
    vpc = find.vpc(ask, ask.ids["vpc_id"])
    if any(network.vpc_id == vpc.id for network in ask.state.private_networks.values()):
        raise still_in_use("the VPC has private networks")
    del ask.state.vpcs[vpc.id]


def _vpc_for(ask: Ask, vpc_id: str | None, project_id: str) -> Vpc:
    """The VPC that was named, or the project's default one of this region."""
    if vpc_id:
        return find.vpc(ask, vpc_id)
    for vpc in here(ask.state.vpcs.values(), ask.place):
        if vpc.is_default and vpc.project_id == project_id:
            return vpc
    return _new_vpc(ask, project_id, "default", tags=["default"], default=True, transitive=False)


def _ranges(ask: Ask, subnets: list[str] | None) -> list[str]:
    """ADDRESS_FORMAT. A family that was not asked for gets a range by itself (CAS:lb-private-network-basic)."""
    try:
        parsed = [ipaddress.ip_network(subnet, strict=False) for subnet in subnets or []]
    except ValueError as error:
        raise invalid_argument("subnets", "format", str(error)) from None
    families = {network.version for network in parsed}
    ranges = [str(network) for network in parsed]
    if 4 not in families:
        ranges.insert(0, ask.state.pools.private_ipv4_range())
    if 6 not in families:
        ranges.append(ask.state.pools.private_ipv6_range())
    return ranges


def create_private_network(ask: Ask) -> Any:
    """A private network with a range of each family."""
    body = ask.body_as(CreatePrivateNetwork)
    project_id = _project(body.project_id)
    ranges = _ranges(ask, body.subnets)
    vpc = _vpc_for(ask, body.vpc_id, project_id)
    network = PrivateNetwork(
        id=new_id(),
        place=ask.place,
        created_at=ask.now,
        updated_at=ask.now,
        project_id=project_id,
        tags=body.tags or [],
        name=body.name or f"pn-{new_id()[:8]}",
        vpc_id=vpc.id,
        default_route_propagation_enabled=body.default_route_propagation_enabled,
    )
    ask.state.private_networks[network.id] = network
    for text in ranges:
        subnet = Subnet(
            id=new_id(),
            place=ask.place,
            created_at=ask.now,
            updated_at=ask.now,
            project_id=project_id,
            private_network_id=network.id,
            vpc_id=vpc.id,
            subnet=text,
        )
        ask.state.subnets[subnet.id] = subnet
    return _network(ask, network)


def list_private_networks(ask: Ask) -> Any:
    """The private networks of a region."""
    query = ask.query_as(ListPrivateNetworks)
    found = [
        network
        for network in owned(here(ask.state.private_networks.values(), ask.place), query)
        if not query.vpc_id or network.vpc_id == query.vpc_id
        if not query.private_network_ids or network.id in query.private_network_ids
    ]
    found = ordered(named(found, query.name, lambda network: network.name), query.order_by)
    return page(found, query, "private_networks", lambda network: _network(ask, network))


def get_private_network(ask: Ask) -> Any:
    """One private network."""
    return _network(ask, find.private_network(ask, ask.ids["private_network_id"]))


def update_private_network(ask: Ask) -> Any:
    """Name, tags and route propagation; what is absent stays."""
    body = ask.body_as(UpdatePrivateNetwork)
    network = find.private_network(ask, ask.ids["private_network_id"])
    network.name, network.tags = body.name or network.name, network.tags if body.tags is None else body.tags
    if body.default_route_propagation_enabled is not None:
        network.default_route_propagation_enabled = body.default_route_propagation_enabled
    network.updated_at = ask.now
    return _network(ask, network)


def delete_private_network(ask: Ask) -> Any:
    """NETWORK_IN_USE. A load balancer that is being deleted holds it no more."""
    state = ask.state
    network = find.private_network(ask, ask.ids["private_network_id"])
    for attachment in state.attachments.values():
        if attachment.private_network_id == network.id and state.lbs[attachment.lb_id].status != "to_delete":
            raise still_in_use(f"the private network is attached to load balancer {attachment.lb_id}")
    del state.private_networks[network.id]
    state.attachments = {k: one for k, one in state.attachments.items() if one.private_network_id != network.id}
    state.subnets = {key: one for key, one in state.subnets.items() if one.private_network_id != network.id}
    state.ipam_ips = {key: one for key, one in state.ipam_ips.items() if one.private_network_id != network.id}


VPC, NETWORK = f"{REGION}/vpcs/{{vpc_id}}", f"{REGION}/private-networks/{{private_network_id}}"

CALLS = (
    Call("GET", f"{REGION}/vpcs", list_vpcs, "documented", query=ListVpcs),
    Call("POST", f"{REGION}/vpcs", create_vpc, "recorded", body=CreateVpc),
    Call("GET", VPC, get_vpc, "recorded"),
    Call("PATCH", VPC, update_vpc, "documented", body=UpdateVpc),
    Call("DELETE", VPC, delete_vpc, "recorded", 204),
    Call("GET", f"{REGION}/private-networks", list_private_networks, "documented", query=ListPrivateNetworks),
    Call("POST", f"{REGION}/private-networks", create_private_network, "recorded", body=CreatePrivateNetwork),
    Call("GET", NETWORK, get_private_network, "recorded"),
    Call("PATCH", NETWORK, update_private_network, "documented", body=UpdatePrivateNetwork),
    Call("DELETE", NETWORK, delete_private_network, "recorded", 204),
)
