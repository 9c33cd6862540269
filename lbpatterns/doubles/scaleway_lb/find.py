"""Objects by their id, or the 404 that says which kind is missing."""

from typing import TypeVar

from lbpatterns.doubles.scaleway_lb.call import Ask
from lbpatterns.doubles.scaleway_lb.errors import ApiError, not_found, resource_not_found
from lbpatterns.doubles.scaleway_lb.records import (
    Acl,
    Backend,
    Certificate,
    Frontend,
    InstanceIp,
    Ip,
    IpamIp,
    Lb,
    PrivateNetwork,
    Record,
    Route,
    Subscriber,
    Vpc,
)

R = TypeVar("R", bound=Record)


def _here(ask: Ask, table: dict[str, R], record_id: str, missing: ApiError) -> R:
    """The object in the zone or region of the path: one of another is not found there."""
    record = table.get(record_id)
    if record is None or record.place != ask.place:
        raise missing
    return record


def lb(ask: Ask, lb_id: str) -> Lb:
    """A load balancer."""
    return _here(ask, ask.state.lbs, lb_id, not_found("lbs"))


def ip(ask: Ask, ip_id: str) -> Ip:
    """A flexible address."""
    return _here(ask, ask.state.ips, ip_id, not_found("ips"))


def backend(ask: Ask, backend_id: str) -> Backend:
    """A backend."""
    return _here(ask, ask.state.backends, backend_id, not_found("backend"))


def frontend(ask: Ask, frontend_id: str) -> Frontend:
    """A frontend."""
    return _here(ask, ask.state.frontends, frontend_id, not_found("frontend"))


def certificate(ask: Ask, certificate_id: str) -> Certificate:
    """A certificate."""
    return _here(ask, ask.state.certificates, certificate_id, not_found("certificate"))


def route(ask: Ask, route_id: str) -> Route:
    """A route. The API calls a missing one a private network (CAS:route-with-sni)."""
    return _here(ask, ask.state.routes, route_id, not_found("privateNetwork"))


def acl(ask: Ask, acl_id: str) -> Acl:
    """An access rule; the text of its 404 is modelled."""
    return _here(ask, ask.state.acls, acl_id, not_found("acl"))


def subscriber(ask: Ask, subscriber_id: str) -> Subscriber:
    """A subscriber; the text of its 404 is modelled."""
    return _here(ask, ask.state.subscribers, subscriber_id, not_found("subscriber"))


def vpc(ask: Ask, vpc_id: str) -> Vpc:
    """A VPC."""
    return _here(ask, ask.state.vpcs, vpc_id, resource_not_found("vpc", vpc_id))


def private_network(ask: Ask, private_network_id: str) -> PrivateNetwork:
    """A private network."""
    return _here(
        ask, ask.state.private_networks, private_network_id, resource_not_found("private_network", private_network_id)
    )


def ipam_ip(ask: Ask, ip_id: str) -> IpamIp:
    """An address of IPAM; its 404 is modelled on that of vpc."""
    return _here(ask, ask.state.ipam_ips, ip_id, resource_not_found("ip", ip_id))


def instance_ip(ask: Ask, ip_id: str) -> InstanceIp:
    """An address of the Instance API; its 404 is modelled on that of vpc."""
    return _here(ask, ask.state.instance_ips, ip_id, resource_not_found("instance_ip", ip_id))
