"""What stacks with a load balancer touch of IPAM: addresses in private networks."""

import ipaddress
from typing import Any

from lbpatterns.doubles.scaleway_lb import find
from lbpatterns.doubles.scaleway_lb.bodies.networks import BookIp, ListIpamIps, UpdateIpamIp
from lbpatterns.doubles.scaleway_lb.call import Ask, Call
from lbpatterns.doubles.scaleway_lb.errors import invalid_argument, still_in_use
from lbpatterns.doubles.scaleway_lb.instants import Instant, in_microseconds
from lbpatterns.doubles.scaleway_lb.lists import here, ordered, owned, page
from lbpatterns.doubles.scaleway_lb.pools import new_id
from lbpatterns.doubles.scaleway_lb.records import IpamIp, PrivateNetwork, Subnet
from lbpatterns.doubles.scaleway_lb.state import State

REGION = "/ipam/v1/regions/{region}"


def book(
    state: State,
    network: PrivateNetwork,
    project_id: str,
    now: Instant,
    *,
    is_ipv6: bool,
    address: str | None = None,
    tags: list[str] | None = None,
) -> IpamIp:
    """Book this address, or the first free one. IPAM_ADDRESS when that cannot be."""
    subnet = _subnet(state, network, is_ipv6=is_ipv6, address=address)
    prefix = ipaddress.ip_network(subnet.subnet).prefixlen
    chosen = address or _first_free(state, subnet)
    if any(ip.subnet_id == subnet.id and ip.address.partition("/")[0] == chosen for ip in state.ipam_ips.values()):
        raise invalid_argument("address", "constraint", f"{chosen} is booked already")
    ip = IpamIp(
        id=new_id(),
        place=network.place,
        created_at=now,
        updated_at=now,
        project_id=project_id,
        tags=tags or [],
        address=f"{chosen}/{prefix}",
        is_ipv6=is_ipv6,
        private_network_id=network.id,
        subnet_id=subnet.id,
    )
    state.ipam_ips[ip.id] = ip
    return ip


def _subnet(state: State, network: PrivateNetwork, *, is_ipv6: bool, address: str | None) -> Subnet:
    """The range for the address, or the first of the family."""
    try:
        wanted = None if address is None else ipaddress.ip_address(address)
    except ValueError:
        raise invalid_argument("address", "format", f"{address} is no IP address") from None
    for subnet in state.subnets_of(network.id):
        parsed = ipaddress.ip_network(subnet.subnet)
        if parsed.version == (6 if is_ipv6 else 4) and (wanted is None or wanted in parsed):
            return subnet
    raise invalid_argument("address", "constraint", f"private network {network.id} has no range for {address}")


def _first_free(state: State, subnet: Subnet) -> str:
    taken = {ip.address.partition("/")[0] for ip in state.ipam_ips.values() if ip.subnet_id == subnet.id}
    hosts = ipaddress.ip_network(subnet.subnet).hosts()
    next(hosts)  # the first one is the network's gateway
    for host in hosts:
        if str(host) not in taken:
            return str(host)
    raise invalid_argument("address", "constraint", f"{subnet.subnet} has no free address")


def _view(ip: IpamIp) -> dict[str, Any]:
    holder = ip.holder
    return {
        "address": ip.address,
        "created_at": in_microseconds(ip.created_at),
        "id": ip.id,
        "is_ipv6": ip.is_ipv6,
        "project_id": ip.project_id,
        "region": ip.place,
        "resource": None
        if holder is None
        else {"id": holder.id, "mac_address": holder.mac_address, "name": holder.name, "type": holder.type},
        "reverses": ip.reverses,
        "source": {"subnet_id": ip.subnet_id},
        "tags": ip.tags,
        "updated_at": in_microseconds(ip.updated_at),
        "zone": None,
    }


def create_ip(ask: Ask) -> Any:
    """Book an address in a private network, or in one of its ranges."""
    body, state = ask.body_as(BookIp), ask.state
    network_id = body.source.private_network_id
    if body.source.subnet_id:
        subnet = state.subnets.get(body.source.subnet_id)
        network_id = None if subnet is None else subnet.private_network_id
    if network_id is None:
        raise invalid_argument("source", "required", "name a private network, or one of its ranges")
    network = find.private_network(ask, network_id)
    ip = book(
        state,
        network,
        body.project_id or network.project_id,
        ask.now,
        is_ipv6=body.is_ipv6,
        address=body.address,
        tags=body.tags,
    )
    return _view(ip)


def get_ip(ask: Ask) -> Any:
    """One address."""
    return _view(find.ipam_ip(ask, ask.ids["ip_id"]))


def update_ip(ask: Ask) -> Any:
    """Tags and reverse names; what is absent stays."""
    body, ip = ask.body_as(UpdateIpamIp), find.ipam_ip(ask, ask.ids["ip_id"])
    ip.tags = ip.tags if body.tags is None else body.tags
    ip.reverses = ip.reverses if body.reverses is None else body.reverses
    ip.updated_at = ask.now
    return _view(ip)


def release_ip(ask: Ask) -> Any:
    """An address that something has stays booked: modelled."""
    ip = find.ipam_ip(ask, ask.ids["ip_id"])
    if ip.holder is not None:
        raise still_in_use(f"the address is attached to {ip.holder.type} {ip.holder.id}")
    del ask.state.ipam_ips[ip.id]


def _matches(ip: IpamIp, query: ListIpamIps, vpc_ids: dict[str, str]) -> bool:
    holder = ip.holder
    kinds = {query.resource_type, *query.resource_types} - {None, "", "unknown_type"}
    ids = {query.resource_id, *query.resource_ids} - {None, ""}
    wanted = (
        not query.private_network_id or ip.private_network_id == query.private_network_id,
        not query.subnet_id or ip.subnet_id == query.subnet_id,
        not query.vpc_id or vpc_ids[ip.private_network_id] == query.vpc_id,
        query.attached is None or query.attached is (holder is not None),
        query.is_ipv6 is None or query.is_ipv6 is ip.is_ipv6,
        not query.ip_ids or ip.id in query.ip_ids,
        not kinds or (holder is not None and holder.type in kinds),
        not ids or (holder is not None and holder.id in ids),
        not query.resource_name or (holder is not None and query.resource_name in holder.name),
        not query.mac_address or (holder is not None and holder.mac_address == query.mac_address),
    )
    return all(wanted)


def list_ips(ask: Ask) -> Any:
    """The addresses of a region, by what they are attached to and where they are booked."""
    query = ask.query_as(ListIpamIps)
    vpc_ids = {network.id: network.vpc_id for network in ask.state.private_networks.values()}
    found = [ip for ip in owned(here(ask.state.ipam_ips.values(), ask.place), query) if _matches(ip, query, vpc_ids)]
    return page(ordered(found, query.order_by), query, "ips", _view)


CALLS = (
    Call("GET", f"{REGION}/ips", list_ips, "recorded", query=ListIpamIps),
    Call("POST", f"{REGION}/ips", create_ip, "recorded", body=BookIp),
    Call("GET", f"{REGION}/ips/{{ip_id}}", get_ip, "recorded"),
    Call("PATCH", f"{REGION}/ips/{{ip_id}}", update_ip, "documented", body=UpdateIpamIp),
    Call("DELETE", f"{REGION}/ips/{{ip_id}}", release_ip, "recorded", 204),
)
