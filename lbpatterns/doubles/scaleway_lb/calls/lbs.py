"""Load balancers: create, read, update, delete, migrate, types."""

from typing import Any

from lbpatterns.doubles.scaleway_lb import find
from lbpatterns.doubles.scaleway_lb.bodies.body import Page
from lbpatterns.doubles.scaleway_lb.bodies.lbs import CreateLb, DeleteLb, ListLbs, MigrateLb, UpdateLb
from lbpatterns.doubles.scaleway_lb.call import Ask, Call
from lbpatterns.doubles.scaleway_lb.calls.owner import owner_of
from lbpatterns.doubles.scaleway_lb.errors import invalid_argument, not_found, transient_state
from lbpatterns.doubles.scaleway_lb.instants import Instant
from lbpatterns.doubles.scaleway_lb.lists import here, named, ordered, owned, page
from lbpatterns.doubles.scaleway_lb.pools import new_id, reverse_name
from lbpatterns.doubles.scaleway_lb.records import Instance, Ip, Lb
from lbpatterns.doubles.scaleway_lb.state import State
from lbpatterns.doubles.scaleway_lb.views import region_of

ZONE = "/lb/v1/zones/{zone}"

# Name, bandwidth in bit/s, whether servers may stand outside Scaleway (DOC:reference-content/load-balancer-types).
TYPES = (
    ("LB-S", 200_000_000, False),
    ("LB-GP-M", 500_000_000, False),
    ("LB-GP-L", 1_000_000_000, True),
    ("LB-GP-XL", 4_000_000_000, True),
)
LEVEL_UNKNOWN = "ssl_compatibility_level_unknown"
DEFAULT_LEVEL = "ssl_compatibility_level_intermediate"


def known_type(name: str) -> str:
    """The type in the API's own spelling, lower case (recorded)."""
    if name.upper() not in {known for known, _, _ in TYPES}:
        listed = ", ".join(known for known, _, _ in TYPES)
        raise invalid_argument("type", "constraint", f"{name} is none of {listed}")
    return name.lower()


def level(name: str | None) -> str:
    """What is not chosen is intermediate (recorded with the CLI, which sends unknown)."""
    return DEFAULT_LEVEL if name in {None, LEVEL_UNKNOWN} else str(name)


def changeable(lb: Lb) -> Lb:
    """BEING_DELETED: a load balancer on its way out is changed no more."""
    if lb.status in {"to_delete", "deleting"}:
        raise transient_state("lb", lb.id, lb.status)
    return lb


def touch_instance(state: State, lb: Lb, now: Instant) -> None:
    """The machine takes up a new configuration: pending, and soon ready."""
    instance = lb.instance
    if instance is None:
        return
    instance.status, instance.updated_at = "pending", now

    def configured(at: Instant) -> None:
        if instance.updated_at == now:  # not touched again since
            instance.status, instance.updated_at = "ready", at

    state.later(now + state.pace.instance_configured, configured)


def new_ip(ask: Ask, project_id: str, *, is_ipv6: bool, reverse: str | None, tags: list[str]) -> Ip:
    """A fresh flexible address."""
    pools = ask.state.pools
    address = pools.public_ipv6() if is_ipv6 else pools.public_ipv4()
    ip = Ip(
        id=new_id(),
        place=ask.place,
        created_at=ask.now,
        updated_at=ask.now,
        project_id=project_id,
        tags=tags,
        address=address,
        reverse=reverse or reverse_name(address, region_of(ask.place)),
        is_ipv6=is_ipv6,
    )
    ask.state.ips[ip.id] = ip
    return ip


def free_ip(ask: Ask, ip_id: str, argument: str) -> Ip:
    """FOREIGN_ZONE, ADDRESS_TAKEN: the address named in a body, which nobody may have yet."""
    ip = ask.state.ips.get(ip_id)
    if ip is None:
        raise not_found("ips")
    if ip.place != ask.place:
        raise invalid_argument(argument, "constraint", f"{ip_id} is in zone {ip.place}, not in {ask.place}")
    if ip.lb_id is not None:
        raise invalid_argument(argument, "constraint", f"{ip_id} is attached to load balancer {ip.lb_id}")
    return ip


def _chosen_ips(ask: Ask, body: CreateLb) -> list[Ip]:
    named_ips = dict.fromkeys(([body.ip_id] if body.ip_id else []) + (body.ip_ids or []))
    ips = [free_ip(ask, ip_id, "ip_ids") for ip_id in named_ips]
    if len({ip.is_ipv6 for ip in ips}) < len(ips):
        raise invalid_argument("ip_ids", "constraint", "a load balancer has one IPv4 and one IPv6 address at most")
    return ips


def _added_ips(ask: Ask, body: CreateLb, project_id: str, chosen: list[Ip]) -> list[Ip]:
    """Addresses the load balancer gets by itself: an IPv4 unless told otherwise (CAS:lb-private-network-basic)."""
    families = {ip.is_ipv6 for ip in chosen}
    wanted = set()
    if body.assign_flexible_ip or (body.assign_flexible_ip is None and not chosen):
        wanted.add(False)
    if body.assign_flexible_ipv6:
        wanted.add(True)
    return [new_ip(ask, project_id, is_ipv6=is_ipv6, reverse=None, tags=[]) for is_ipv6 in sorted(wanted - families)]


def create_lb(ask: Ask) -> Any:
    """Answers `to_create`; `creating` and `ready` follow."""
    body = ask.body_as(CreateLb)
    project_id, kind = owner_of(body), known_type(body.type)
    chosen = _chosen_ips(ask, body)
    lb_id = new_id()
    lb = Lb(
        id=lb_id,
        place=ask.place,
        created_at=ask.now,
        updated_at=ask.now,
        project_id=project_id,
        tags=body.tags or [],
        name=body.name or f"lb-{lb_id[:8]}",
        description=body.description or "",
        type=kind,
        ssl_compatibility_level=level(body.ssl_compatibility_level),
    )
    for ip in chosen + _added_ips(ask, body, project_id, chosen):
        ip.lb_id = lb.id
    ask.state.lbs[lb.id] = lb
    _start(ask, lb)
    return ask.views.lb(lb)


def _start(ask: Ask, lb: Lb) -> None:
    pace = ask.state.pace

    def creating(at: Instant) -> None:
        if lb.status == "to_create":
            lb.status, lb.updated_at = "creating", at
            lb.instance = Instance(new_id(), "unknown", ask.now, at)

    def ready(at: Instant) -> None:
        if lb.status == "creating" and lb.instance is not None:
            lb.status, lb.updated_at = "ready", at
            lb.instance.status, lb.instance.updated_at = "ready", at

    ask.state.later(ask.now + pace.lb_creating, creating)
    ask.state.later(ask.now + pace.lb_ready, ready)


def list_lbs(ask: Ask) -> Any:
    """The load balancers of a zone."""
    query = ask.query_as(ListLbs)
    found = owned(here(ask.state.lbs.values(), ask.place), query)
    found = [lb for lb in found if not query.lb_ids or lb.id in query.lb_ids]
    return page(ordered(named(found, query.name, lambda lb: lb.name), query.order_by), query, "lbs", ask.views.lb)


def get_lb(ask: Ask) -> Any:
    """One load balancer."""
    return ask.views.lb(find.lb(ask, ask.ids["lb_id"]))


def update_lb(ask: Ask) -> Any:
    """All that can be changed at once; null tags are none.

    A TLS level other than the one it has is the machine's business: it takes that up, and the answer is read back
    (CAS:lb-basic; the CLI sends `unknown`, which counts as another). Names and tags are not (CAS:lb-migrate).
    """
    body = ask.body_as(UpdateLb)
    lb = changeable(find.lb(ask, ask.ids["lb_id"]))
    configured = body.ssl_compatibility_level != lb.ssl_compatibility_level
    lb.name, lb.description, lb.tags = body.name, body.description, body.tags or []
    lb.ssl_compatibility_level, lb.updated_at = level(body.ssl_compatibility_level), ask.now
    if configured:
        touch_instance(ask.state, lb, ask.now)
    return ask.views.lb(lb, read_back=configured)


def migrate_lb(ask: Ask) -> Any:
    """Answers `migrating` with the old type; the new one comes with `ready`."""
    kind = known_type(ask.body_as(MigrateLb).type)
    lb = changeable(find.lb(ask, ask.ids["lb_id"]))
    lb.status, lb.updated_at = "migrating", ask.now

    def migrated(at: Instant) -> None:
        if lb.status == "migrating":
            lb.status, lb.type, lb.updated_at = "ready", kind, at

    ask.state.later(ask.now + ask.state.pace.lb_migrated, migrated)
    return ask.views.lb(lb)


def delete_lb(ask: Ask) -> Any:
    """Answers 204; the load balancer is `to_delete` and then gone, with all it holds.

    Its addresses stay unless `release_ip` is true.
    """
    release = ask.query_as(DeleteLb).release_ip
    lb, state = changeable(find.lb(ask, ask.ids["lb_id"])), ask.state
    lb.status, lb.updated_at = "to_delete", ask.now
    state.later(ask.now + state.pace.lb_gone, lambda _: _remove(state, lb, release=release))


def _remove(state: State, lb: Lb, *, release: bool) -> None:
    frontends = {one.id for one in state.frontends_of(lb.id)}
    state.routes = {key: one for key, one in state.routes.items() if one.frontend_id not in frontends}
    state.acls = {key: one for key, one in state.acls.items() if one.frontend_id not in frontends}
    state.frontends = {key: one for key, one in state.frontends.items() if one.lb_id != lb.id}
    state.backends = {key: one for key, one in state.backends.items() if one.lb_id != lb.id}
    state.certificates = {key: one for key, one in state.certificates.items() if one.lb_id != lb.id}
    for attachment in state.attachments_of(lb.id):
        release_addresses(state, attachment.lb_id, attachment.ipam_ids, keep=attachment.booked_by_client)
        del state.attachments[attachment.id]
    for ip in state.ips_of(lb.id):
        ip.lb_id = None
        if release:
            del state.ips[ip.id]
    state.lbs.pop(lb.id, None)


def release_addresses(state: State, lb_id: str, ipam_ids: list[str], *, keep: bool) -> None:
    """Let go of private addresses: those that the client booked stay booked."""
    for ip_id in ipam_ids:
        ip = state.ipam_ips.get(ip_id)
        if ip is not None and ip.holder is not None and ip.holder.id == lb_id:
            ip.holder = None
            if not keep:
                del state.ipam_ips[ip_id]


def list_types(ask: Ask) -> Any:
    """The types of load balancer."""
    query = ask.query_as(Page)
    types = [
        {
            "bandwidth": bandwidth,
            "description": f"{name}: up to {bandwidth // 1_000_000} Mbit/s",
            "multicloud": multicloud,
            "name": name,
            "region": region_of(ask.place),
            "stock_status": "available",
            "zone": ask.place,
        }
        for name, bandwidth, multicloud in TYPES
    ]
    begin = (query.page - 1) * query.page_size
    return {"lb_types": types[begin : begin + query.page_size], "total_count": len(types)}


CALLS = (
    Call("GET", f"{ZONE}/lbs", list_lbs, "recorded", query=ListLbs),
    Call("POST", f"{ZONE}/lbs", create_lb, "recorded", body=CreateLb),
    Call("GET", f"{ZONE}/lbs/{{lb_id}}", get_lb, "recorded"),
    Call("PUT", f"{ZONE}/lbs/{{lb_id}}", update_lb, "recorded", body=UpdateLb),
    Call("DELETE", f"{ZONE}/lbs/{{lb_id}}", delete_lb, "recorded", 204, query=DeleteLb),
    Call("POST", f"{ZONE}/lbs/{{lb_id}}/migrate", migrate_lb, "recorded", body=MigrateLb),
    Call("GET", f"{ZONE}/lb-types", list_types, "documented", query=Page),
)
