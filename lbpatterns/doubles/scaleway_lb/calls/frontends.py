"""Frontends."""

from typing import Any

from lbpatterns.doubles.scaleway_lb import find
from lbpatterns.doubles.scaleway_lb.bodies.body import OrderedPage
from lbpatterns.doubles.scaleway_lb.bodies.frontends import CreateFrontend, FrontendSettings, UpdateFrontend
from lbpatterns.doubles.scaleway_lb.call import Ask, Call
from lbpatterns.doubles.scaleway_lb.calls.lbs import ZONE, changeable, touch_instance
from lbpatterns.doubles.scaleway_lb.errors import ApiError, invalid_argument, not_found
from lbpatterns.doubles.scaleway_lb.lists import named, ordered, page
from lbpatterns.doubles.scaleway_lb.pools import new_id
from lbpatterns.doubles.scaleway_lb.records import Frontend
from lbpatterns.doubles.scaleway_lb.refusals import check_quota


def of_another_lb(argument: str, record_id: str, lb_id: str) -> ApiError:
    """FOREIGN_LB."""
    return invalid_argument(argument, "constraint", f"{record_id} does not belong to load balancer {lb_id}")


def backend_here(ask: Ask, backend_id: str, lb_id: str) -> str:
    """The id of a backend of this load balancer."""
    backend = ask.state.backends.get(backend_id)
    if backend is None:
        raise not_found("backend")
    if backend.lb_id != lb_id:
        raise of_another_lb("backend_id", backend_id, lb_id)
    return backend_id


def _certificates(ask: Ask, body: FrontendSettings, lb_id: str) -> list[str]:
    """The certificates in their order, for the first one is what clients see."""
    ids = list(dict.fromkeys(body.certificate_ids or ([body.certificate_id] if body.certificate_id else [])))
    for certificate_id in ids:
        certificate = ask.state.certificates.get(certificate_id)
        if certificate is None:
            raise not_found("certificate")
        if certificate.lb_id != lb_id:
            raise of_another_lb("certificate_ids", certificate_id, lb_id)
    return ids


def _check_port(ask: Ask, lb_id: str, port: int, certificate_ids: list[str], frontend_id: str | None) -> None:
    """PORT_CLASH, CERTIFICATE_ON_80."""
    for other in ask.state.frontends_of(lb_id):
        if other.inbound_port == port and other.id != frontend_id:
            raise invalid_argument("inbound_port", "constraint", f"{port} is already used by frontend {other.name}")
    if port == 80 and certificate_ids:
        raise invalid_argument("certificate_ids", "constraint", "certificates are not allowed on port 80")


def _touch_certificates(ask: Ask, frontend: Frontend) -> None:
    """A write to a frontend is one to its certificates (CAS:frontend-certificate)."""
    for certificate_id in frontend.certificate_ids:
        ask.state.certificates[certificate_id].updated_at = ask.now


def create_frontend(ask: Ask) -> Any:
    """A listening port. HTTP/3 without a certificate, or before a tcp backend, is accepted (CAS:frontend-basic)."""
    body = ask.body_as(CreateFrontend)
    lb = changeable(find.lb(ask, ask.ids["lb_id"]))
    check_quota("frontends", len(ask.state.frontends_of(lb.id)))
    certificate_ids = _certificates(ask, body, lb.id)
    _check_port(ask, lb.id, body.inbound_port, certificate_ids, None)
    frontend_id = new_id()
    frontend = Frontend(
        id=frontend_id,
        place=ask.place,
        created_at=ask.now,
        updated_at=ask.now,
        lb_id=lb.id,
        backend_id=backend_here(ask, body.backend_id, lb.id),
        name=body.name or f"lb-frt-{frontend_id[:8]}",
        inbound_port=body.inbound_port,
        certificate_ids=certificate_ids,
        timeout_client=body.timeout_client,
        connection_rate_limit=body.connection_rate_limit or None,
        enable_http3=body.enable_http3,
        enable_access_logs=bool(body.enable_access_logs),
    )
    ask.state.frontends[frontend.id] = frontend
    _touch_certificates(ask, frontend)
    touch_instance(ask.state, lb, ask.now)
    return ask.views.frontend(frontend, written=True)


def list_frontends(ask: Ask) -> Any:
    """The frontends of a load balancer."""
    query = ask.query_as(OrderedPage)
    found = ask.state.frontends_of(find.lb(ask, ask.ids["lb_id"]).id)
    found = ordered(named(found, query.name, lambda frontend: frontend.name), query.order_by)
    return page(found, query, "frontends", ask.views.frontend)


def get_frontend(ask: Ask) -> Any:
    """One frontend."""
    return ask.views.frontend(find.frontend(ask, ask.ids["frontend_id"]))


def update_frontend(ask: Ask) -> Any:
    """All of it, the backend among it (the Cloud Controller Manager changes it so).

    What is not sent is as if never sent (SDK: "You must set all parameters").
    """
    body = ask.body_as(UpdateFrontend)
    frontend = find.frontend(ask, ask.ids["frontend_id"])
    lb = changeable(ask.state.lbs[frontend.lb_id])
    certificate_ids = _certificates(ask, body, lb.id)
    _check_port(ask, lb.id, body.inbound_port, certificate_ids, frontend.id)
    frontend.backend_id = backend_here(ask, body.backend_id, lb.id)
    frontend.name, frontend.inbound_port, frontend.certificate_ids = body.name, body.inbound_port, certificate_ids
    frontend.enable_http3, frontend.updated_at = body.enable_http3, ask.now
    frontend.timeout_client = body.timeout_client
    frontend.connection_rate_limit = body.connection_rate_limit or None  # 0 switches it off and comes back as null
    frontend.enable_access_logs = bool(body.enable_access_logs)
    _touch_certificates(ask, frontend)
    touch_instance(ask.state, lb, ask.now)
    return ask.views.frontend(frontend, written=True)


def delete_frontend(ask: Ask) -> Any:
    """A frontend goes with its access rules and routes."""
    state = ask.state
    frontend = find.frontend(ask, ask.ids["frontend_id"])
    lb = changeable(state.lbs[frontend.lb_id])
    del state.frontends[frontend.id]
    state.acls = {key: one for key, one in state.acls.items() if one.frontend_id != frontend.id}
    state.routes = {key: one for key, one in state.routes.items() if one.frontend_id != frontend.id}
    touch_instance(state, lb, ask.now)


ONE = f"{ZONE}/frontends/{{frontend_id}}"

CALLS = (
    Call("GET", f"{ZONE}/lbs/{{lb_id}}/frontends", list_frontends, "recorded", query=OrderedPage),
    Call("POST", f"{ZONE}/lbs/{{lb_id}}/frontends", create_frontend, "recorded", body=CreateFrontend),
    Call("GET", ONE, get_frontend, "recorded"),
    Call("PUT", ONE, update_frontend, "recorded", body=UpdateFrontend),
    Call("DELETE", ONE, delete_frontend, "recorded", 204),
)
