"""Private networks on a load balancer."""

from typing import Any

from lbpatterns.doubles.scaleway_lb import find
from lbpatterns.doubles.scaleway_lb.bodies.networks import Attach, Detach, ListAttachments
from lbpatterns.doubles.scaleway_lb.call import Ask, Call
from lbpatterns.doubles.scaleway_lb.calls.ipam import book
from lbpatterns.doubles.scaleway_lb.calls.lbs import ZONE, changeable, release_addresses, touch_instance
from lbpatterns.doubles.scaleway_lb.errors import invalid_argument, not_found
from lbpatterns.doubles.scaleway_lb.instants import Instant
from lbpatterns.doubles.scaleway_lb.lists import ordered, page
from lbpatterns.doubles.scaleway_lb.pools import new_id
from lbpatterns.doubles.scaleway_lb.records import Attachment, Holder, Lb, PrivateNetwork
from lbpatterns.doubles.scaleway_lb.refusals import check_quota
from lbpatterns.doubles.scaleway_lb.state import State
from lbpatterns.doubles.scaleway_lb.views import region_of


def _network(ask: Ask, network_id: str, lb: Lb) -> PrivateNetwork:
    """NETWORK_TWICE."""
    network = ask.state.private_networks.get(network_id)
    if network is None:
        raise not_found("privateNetwork")
    if network.place != region_of(lb.place):
        text = f"{network_id} is in region {network.place}, not in {region_of(lb.place)}"
        raise invalid_argument("private_network_id", "constraint", text)
    if any(one.private_network_id == network_id for one in ask.state.attachments_of(lb.id)):
        raise invalid_argument("private_network_id", "constraint", f"{network_id} is attached already")
    return network


def _booked(ask: Ask, ipam_ids: list[str], network: PrivateNetwork) -> list[str]:
    for ip_id in ipam_ids:
        ip = ask.state.ipam_ips.get(ip_id)
        if ip is None or ip.private_network_id != network.id or ip.holder is not None:
            raise invalid_argument("ipam_ids", "constraint", f"{ip_id} is no free address of {network.id}")
    return ipam_ids


def attach(ask: Ask) -> Any:
    """Answers `pending`. An address that the client did not book comes with `ready` (recorded)."""
    body, state = ask.body_as(Attach), ask.state
    lb = changeable(find.lb(ask, ask.ids["lb_id"]))
    check_quota("private_networks", len(state.attachments_of(lb.id)))
    network = _network(ask, body.private_network_id, lb)
    ipam_ids = _booked(ask, body.ipam_ids or [], network)
    attachment = Attachment(
        id=new_id(),
        place=ask.place,
        created_at=ask.now,
        updated_at=ask.now,
        lb_id=lb.id,
        private_network_id=network.id,
        ipam_ids=ipam_ids,
        booked_by_client=bool(ipam_ids),
    )
    state.attachments[attachment.id] = attachment
    path = f"/lb/v1/zones/{ask.place}/lbs/{lb.id}/attach-private-network"
    ends = _ready if ask.faults.strike("POST", path, "attach_error") is None else _failed

    def attached(at: Instant) -> None:
        if attachment.id in state.attachments and not attachment.leaving:
            ends(state, attachment, at)

    state.later(ask.now + state.pace.network_attached, attached)
    return ask.views.attachment(attachment, written=True)


def _ready(state: State, attachment: Attachment, at: Instant) -> None:
    lb = state.lbs[attachment.lb_id]
    if not attachment.ipam_ids:
        network = state.private_networks[attachment.private_network_id]
        attachment.ipam_ids = [book(state, network, network.project_id, at, is_ipv6=False).id]
    for ip in filter(None, map(state.ipam_ips.get, attachment.ipam_ids)):
        ip.holder, ip.updated_at = Holder(lb.id, "lb_server", lb.name, state.pools.mac_address()), at
    attachment.status, attachment.updated_at = "ready", at
    touch_instance(state, lb, at)


def _failed(_state: State, attachment: Attachment, at: Instant) -> None:
    attachment.status, attachment.updated_at = "error", at


def detach(ask: Ask) -> Any:
    """Answers 204; the network is `pending` and then gone (CAS:lb-private-network-basic)."""
    state, network_id = ask.state, ask.body_as(Detach).private_network_id
    lb = changeable(find.lb(ask, ask.ids["lb_id"]))
    found = [one for one in state.attachments_of(lb.id) if one.private_network_id == network_id]
    if not found or found[0].leaving:
        raise not_found("privateNetwork")
    attachment = found[0]
    attachment.status, attachment.leaving, attachment.updated_at = "pending", True, ask.now

    def gone(at: Instant) -> None:
        if state.attachments.pop(attachment.id, None) is not None:
            release_addresses(state, lb.id, attachment.ipam_ids, keep=attachment.booked_by_client)
            touch_instance(state, lb, at)

    state.later(ask.now + state.pace.network_detached, gone)


def list_attachments(ask: Ask) -> Any:
    """The private networks of a load balancer; the key of this list is in the singular (recorded)."""
    query = ask.query_as(ListAttachments)
    found = ask.state.attachments_of(find.lb(ask, ask.ids["lb_id"]).id)
    return page(ordered(found, query.order_by), query, "private_network", ask.views.attachment)


CALLS = (
    Call("GET", f"{ZONE}/lbs/{{lb_id}}/private-networks", list_attachments, "recorded", query=ListAttachments),
    Call("POST", f"{ZONE}/lbs/{{lb_id}}/attach-private-network", attach, "recorded", body=Attach),
    Call("POST", f"{ZONE}/lbs/{{lb_id}}/detach-private-network", detach, "recorded", 204, body=Detach),
)
