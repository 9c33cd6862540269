"""Access rules of a frontend."""

import ipaddress
from typing import Any

from lbpatterns.doubles.scaleway_lb import find
from lbpatterns.doubles.scaleway_lb.bodies.body import OrderedPage
from lbpatterns.doubles.scaleway_lb.bodies.frontends import AclMatch, AclSettings, Action, SetAcls
from lbpatterns.doubles.scaleway_lb.call import Ask, Call
from lbpatterns.doubles.scaleway_lb.calls.lbs import ZONE, changeable, touch_instance
from lbpatterns.doubles.scaleway_lb.errors import invalid_argument
from lbpatterns.doubles.scaleway_lb.lists import named, ordered, page
from lbpatterns.doubles.scaleway_lb.pools import new_id
from lbpatterns.doubles.scaleway_lb.records import Acl, Frontend, Lb
from lbpatterns.doubles.scaleway_lb.refusals import check_quota

EVERYONE = ["0.0.0.0/0"]


def _match(match: AclMatch | None) -> dict[str, Any] | None:
    """No subnets are all of IPv4, no values are none (CAS:acl-basic)."""
    if match is None:
        return None
    for subnet in match.ip_subnet or []:
        try:
            ipaddress.ip_network(subnet, strict=False)
        except ValueError:
            raise invalid_argument("ip_subnet", "format", f"{subnet} is no range of IP addresses") from None
    return {
        "http_filter": match.http_filter,
        "http_filter_option": match.http_filter_option,
        "http_filter_value": match.http_filter_value or [],
        "invert": match.invert,
        "ip_subnet": match.ip_subnet or EVERYONE,
        "ips_edge_services": match.ips_edge_services,
    }


def _action(action: Action) -> dict[str, Any]:
    return {"type": action.type, "redirect": None if action.redirect is None else action.redirect.model_dump()}


def _new(ask: Ask, frontend: Frontend, body: AclSettings) -> Acl:
    acl = Acl(
        id=new_id(),
        place=ask.place,
        created_at=ask.now,
        updated_at=ask.now,
        frontend_id=frontend.id,
        name=body.name,
        description=body.description or "",
        index=body.index,
        action=_action(body.action),
        match=_match(body.match),
    )
    ask.state.acls[acl.id] = acl
    return acl


def _lb(ask: Ask, frontend_id: str) -> Lb:
    return changeable(ask.state.lbs[ask.state.frontends[frontend_id].lb_id])


def create_acl(ask: Ask) -> Any:
    """A rule."""
    frontend = find.frontend(ask, ask.ids["frontend_id"])
    lb = _lb(ask, frontend.id)
    check_quota("acls", len(ask.state.acls_of(frontend.id)))
    acl = _new(ask, frontend, ask.body_as(AclSettings))
    touch_instance(ask.state, lb, ask.now)
    return ask.views.acl(acl)


def list_acls(ask: Ask) -> Any:
    """The rules of a frontend."""
    query = ask.query_as(OrderedPage)
    found = ask.state.acls_of(find.frontend(ask, ask.ids["frontend_id"]).id)
    return page(ordered(named(found, query.name, lambda acl: acl.name), query.order_by), query, "acls", ask.views.acl)


def set_acls(ask: Ask) -> Any:
    """These rules and no others."""
    state, frontend = ask.state, find.frontend(ask, ask.ids["frontend_id"])
    lb, bodies = _lb(ask, frontend.id), ask.body_as(SetAcls).acls
    check_quota("acls", len(bodies) - 1)
    before = dict(state.acls)
    state.acls = {key: one for key, one in before.items() if one.frontend_id != frontend.id}
    try:
        acls = [_new(ask, frontend, body) for body in bodies]
    except Exception:
        state.acls = before
        raise
    touch_instance(state, lb, ask.now)
    return {"acls": [ask.views.acl(acl) for acl in acls], "total_count": len(acls)}


def get_acl(ask: Ask) -> Any:
    """One rule."""
    return ask.views.acl(find.acl(ask, ask.ids["acl_id"]))


def update_acl(ask: Ask) -> Any:
    """All of it; an absent match or description stays."""
    body, acl = ask.body_as(AclSettings), find.acl(ask, ask.ids["acl_id"])
    lb = _lb(ask, acl.frontend_id)
    match = acl.match if body.match is None else _match(body.match)
    acl.name, acl.index, acl.action, acl.match = body.name, body.index, _action(body.action), match
    if body.description is not None:
        acl.description = body.description
    acl.updated_at = ask.now
    touch_instance(ask.state, lb, ask.now)
    return ask.views.acl(acl, updated=True)


def delete_acl(ask: Ask) -> Any:
    """No more."""
    acl = find.acl(ask, ask.ids["acl_id"])
    lb = _lb(ask, acl.frontend_id)
    del ask.state.acls[acl.id]
    touch_instance(ask.state, lb, ask.now)


CALLS = (
    Call("GET", f"{ZONE}/frontends/{{frontend_id}}/acls", list_acls, "recorded", query=OrderedPage),
    Call("POST", f"{ZONE}/frontends/{{frontend_id}}/acls", create_acl, "recorded", body=AclSettings),
    Call("PUT", f"{ZONE}/frontends/{{frontend_id}}/acls", set_acls, "documented", body=SetAcls),
    Call("GET", f"{ZONE}/acls/{{acl_id}}", get_acl, "recorded"),
    Call("PUT", f"{ZONE}/acls/{{acl_id}}", update_acl, "recorded", body=AclSettings),
    Call("DELETE", f"{ZONE}/acls/{{acl_id}}", delete_acl, "recorded", 204),
)
