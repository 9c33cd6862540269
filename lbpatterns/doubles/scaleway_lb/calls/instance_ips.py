"""What stacks with a load balancer touch of the Instance API: flexible addresses of servers."""

from typing import Any

from lbpatterns.doubles.scaleway_lb import find
from lbpatterns.doubles.scaleway_lb.bodies.networks import CreateInstanceIp
from lbpatterns.doubles.scaleway_lb.call import Ask, Call
from lbpatterns.doubles.scaleway_lb.errors import invalid_argument
from lbpatterns.doubles.scaleway_lb.pools import new_id
from lbpatterns.doubles.scaleway_lb.records import InstanceIp

ZONE = "/instance/v1/zones/{zone}"


def _view(ip: InstanceIp) -> dict[str, Any]:
    return {
        "ip": {
            "address": ip.address,
            "id": ip.id,
            "ipam_id": ip.id,
            "organization": ip.project_id,
            "prefix": ip.prefix,
            "project": ip.project_id,
            "reverse": ip.reverse,
            "server": None,
            "state": "detached",
            "tags": ip.tags,
            "type": ip.type,
            "zone": ip.place,
        }
    }


def create_ip(ask: Ask) -> Any:
    """Answers 201 (recorded)."""
    body = ask.body_as(CreateInstanceIp)
    project_id = body.project or body.organization
    if not project_id:
        raise invalid_argument("project", "required", "name the project")
    is_ipv6, pools = body.type == "routed_ipv6", ask.state.pools
    address = pools.public_ipv6() if is_ipv6 else pools.public_ipv4()
    ip = InstanceIp(
        id=new_id(),
        place=ask.place,
        created_at=ask.now,
        updated_at=ask.now,
        project_id=project_id,
        tags=body.tags or [],
        address=address,
        prefix=f"{address}/64" if is_ipv6 else None,
        type="routed_ipv6" if is_ipv6 else "routed_ipv4",
    )
    ask.state.instance_ips[ip.id] = ip
    return _view(ip)


def get_ip(ask: Ask) -> Any:
    """One address."""
    return _view(find.instance_ip(ask, ask.ids["ip_id"]))


def delete_ip(ask: Ask) -> Any:
    """No more."""
    del ask.state.instance_ips[find.instance_ip(ask, ask.ids["ip_id"]).id]


CALLS = (
    Call("POST", f"{ZONE}/ips", create_ip, "recorded", 201, body=CreateInstanceIp),
    Call("GET", f"{ZONE}/ips/{{ip_id}}", get_ip, "recorded"),
    Call("DELETE", f"{ZONE}/ips/{{ip_id}}", delete_ip, "recorded", 204),
)
