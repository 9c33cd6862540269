"""Flexible addresses."""

import ipaddress
from typing import Any

from lbpatterns.doubles.scaleway_lb import find
from lbpatterns.doubles.scaleway_lb.bodies.lbs import CreateIp, ListIps, UpdateIp
from lbpatterns.doubles.scaleway_lb.call import Ask, Call
from lbpatterns.doubles.scaleway_lb.calls.lbs import ZONE, changeable, free_ip, new_ip
from lbpatterns.doubles.scaleway_lb.calls.owner import owner_of
from lbpatterns.doubles.scaleway_lb.errors import invalid_argument, still_in_use
from lbpatterns.doubles.scaleway_lb.lists import here, owned, page
from lbpatterns.doubles.scaleway_lb.records import Ip


def create_ip(ask: Ask) -> Any:
    """An address, with a name for the way back unless one is given."""
    body = ask.body_as(CreateIp)
    ip = new_ip(ask, owner_of(body), is_ipv6=body.is_ipv6, reverse=body.reverse, tags=body.tags or [])
    return ask.views.ip(ip)


def list_ips(ask: Ask) -> Any:
    """The addresses of a zone, ordered by address (CAS:data-source-ips-with-tags)."""
    query = ask.query_as(ListIps)
    found = [
        ip
        for ip in owned(here(ask.state.ips.values(), ask.place), query)
        if query.ip_type == "all" or ip.is_ipv6 is (query.ip_type == "ipv6")
        if not query.ip_address or _same(ip, query.ip_address)
    ]
    return page(sorted(found, key=_by_address), query, "ips", ask.views.ip)


def _by_address(ip: Ip) -> tuple[bool, int]:
    return ip.is_ipv6, int(ipaddress.ip_address(ip.address))


def _same(ip: Ip, address: str) -> bool:
    try:
        return ipaddress.ip_address(address) == ipaddress.ip_address(ip.address)
    except ValueError:
        return False


def get_ip(ask: Ask) -> Any:
    """One address."""
    return ask.views.ip(find.ip(ask, ask.ids["ip_id"]))


def update_ip(ask: Ask) -> Any:
    """What is absent stays (CAS:ip-basic). An `lb_id` moves a free address to a load balancer."""
    body, ip = ask.body_as(UpdateIp), find.ip(ask, ask.ids["ip_id"])
    if body.lb_id is not None and body.lb_id != ip.lb_id:
        lb = changeable(find.lb(ask, body.lb_id))
        free_ip(ask, ip.id, "lb_id")
        if any(other.is_ipv6 is ip.is_ipv6 for other in ask.state.ips_of(lb.id)):
            raise invalid_argument("lb_id", "constraint", f"load balancer {lb.id} has an address of this family")
        ip.lb_id = lb.id
    if body.reverse is not None:
        ip.reverse = body.reverse
    if body.tags is not None:
        ip.tags = body.tags
    ip.updated_at = ask.now
    return ask.views.ip(ip)


def release_ip(ask: Ask) -> Any:
    """ADDRESS_IN_USE: an address is released once no load balancer has it."""
    ip = find.ip(ask, ask.ids["ip_id"])
    if ip.lb_id is not None:
        raise still_in_use(f"the address is attached to load balancer {ip.lb_id}")
    del ask.state.ips[ip.id]


CALLS = (
    Call("GET", f"{ZONE}/ips", list_ips, "recorded", query=ListIps),
    Call("POST", f"{ZONE}/ips", create_ip, "recorded", body=CreateIp),
    Call("GET", f"{ZONE}/ips/{{ip_id}}", get_ip, "recorded"),
    Call("PATCH", f"{ZONE}/ips/{{ip_id}}", update_ip, "recorded", body=UpdateIp),
    Call("DELETE", f"{ZONE}/ips/{{ip_id}}", release_ip, "recorded", 204),
)
