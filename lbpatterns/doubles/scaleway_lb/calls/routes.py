"""Routes: what goes from a frontend to another backend than its own."""

from typing import Any

from lbpatterns.doubles.scaleway_lb import find
from lbpatterns.doubles.scaleway_lb.bodies.frontends import CreateRoute, ListRoutes, Match, UpdateRoute
from lbpatterns.doubles.scaleway_lb.call import Ask, Call
from lbpatterns.doubles.scaleway_lb.calls.frontends import backend_here
from lbpatterns.doubles.scaleway_lb.calls.lbs import ZONE, changeable, touch_instance
from lbpatterns.doubles.scaleway_lb.errors import invalid_argument
from lbpatterns.doubles.scaleway_lb.lists import here, ordered, page
from lbpatterns.doubles.scaleway_lb.pools import new_id
from lbpatterns.doubles.scaleway_lb.records import Route


def _match(ask: Ask, match: Match, backend_id: str) -> dict[str, Any]:
    """ROUTE_MATCH, SNI_TO_HTTP. The one matcher that is set, and whether it stands for subdomains."""
    matchers = match.sent("sni", "host_header", "path_begin")
    if len(matchers) != 1:
        raise invalid_argument("match", "constraint", "set precisely one of sni, host_header and path_begin")
    if "sni" in matchers and ask.state.backends[backend_id].settings["forward_protocol"] == "http":
        raise invalid_argument("match", "constraint", "a route that matches server names needs a tcp backend")
    return {**matchers, "match_subdomains": match.match_subdomains}


def create_route(ask: Ask) -> Any:
    """A route."""
    body = ask.body_as(CreateRoute)
    frontend = find.frontend(ask, body.frontend_id)
    lb = changeable(ask.state.lbs[frontend.lb_id])
    backend_id = backend_here(ask, body.backend_id, lb.id)
    route = Route(
        id=new_id(),
        place=ask.place,
        created_at=ask.now,
        updated_at=ask.now,
        frontend_id=frontend.id,
        backend_id=backend_id,
        match=_match(ask, body.match, backend_id),
    )
    ask.state.routes[route.id] = route
    touch_instance(ask.state, lb, ask.now)
    return ask.views.route(route)


def list_routes(ask: Ask) -> Any:
    """The routes of a zone, or of one frontend."""
    query = ask.query_as(ListRoutes)
    found = [
        route
        for route in here(ask.state.routes.values(), ask.place)
        if not query.frontend_id or route.frontend_id == query.frontend_id
    ]
    return page(ordered(found, query.order_by), query, "routes", ask.views.route)


def get_route(ask: Ask) -> Any:
    """One route."""
    return ask.views.route(find.route(ask, ask.ids["route_id"]))


def update_route(ask: Ask) -> Any:
    """Its backend and its match; the frontend stays."""
    body, route = ask.body_as(UpdateRoute), find.route(ask, ask.ids["route_id"])
    lb = changeable(ask.state.lbs[ask.state.frontends[route.frontend_id].lb_id])
    backend_id = backend_here(ask, body.backend_id, lb.id)
    route.match, route.backend_id, route.updated_at = _match(ask, body.match, backend_id), backend_id, ask.now
    touch_instance(ask.state, lb, ask.now)
    return ask.views.route(route)


def delete_route(ask: Ask) -> Any:
    """No more."""
    route = find.route(ask, ask.ids["route_id"])
    lb = changeable(ask.state.lbs[ask.state.frontends[route.frontend_id].lb_id])
    del ask.state.routes[route.id]
    touch_instance(ask.state, lb, ask.now)


CALLS = (
    Call("GET", f"{ZONE}/routes", list_routes, "recorded", query=ListRoutes),
    Call("POST", f"{ZONE}/routes", create_route, "recorded", body=CreateRoute),
    Call("GET", f"{ZONE}/routes/{{route_id}}", get_route, "recorded"),
    Call("PUT", f"{ZONE}/routes/{{route_id}}", update_route, "recorded", body=UpdateRoute),
    Call("DELETE", f"{ZONE}/routes/{{route_id}}", delete_route, "recorded", 204),
)
