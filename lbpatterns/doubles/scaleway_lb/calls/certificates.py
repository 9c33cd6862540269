"""Certificates: brought by the client, or obtained from Let's Encrypt (which is never asked)."""

import secrets
from typing import Any

from lbpatterns.doubles.scaleway_lb import find
from lbpatterns.doubles.scaleway_lb.bodies.body import OrderedPage
from lbpatterns.doubles.scaleway_lb.bodies.frontends import (
    CreateCertificate,
    CustomCertificate,
    LetsEncrypt,
    UpdateCertificate,
)
from lbpatterns.doubles.scaleway_lb.call import Ask, Call
from lbpatterns.doubles.scaleway_lb.calls.lbs import ZONE, changeable
from lbpatterns.doubles.scaleway_lb.errors import invalid_argument
from lbpatterns.doubles.scaleway_lb.instants import SECOND, Instant
from lbpatterns.doubles.scaleway_lb.lists import named, ordered, page
from lbpatterns.doubles.scaleway_lb.pem import UnreadableChainError, read_chain
from lbpatterns.doubles.scaleway_lb.pools import new_id
from lbpatterns.doubles.scaleway_lb.records import Certificate, Lb
from lbpatterns.doubles.scaleway_lb.refusals import certificate_in_use, check_quota, port_80_is_tcp, unresolved

HOUR = 3600 * SECOND
NINETY_DAYS = 90 * 24 * HOUR


def create_certificate(ask: Ask) -> Any:
    """A custom certificate is ready at once; one of Let's Encrypt is pending first."""
    body = ask.body_as(CreateCertificate)
    lb = changeable(find.lb(ask, ask.ids["lb_id"]))
    check_quota("certificates", len(ask.state.certificates_of(lb.id)))
    if body.letsencrypt is not None and body.custom_certificate is None:
        certificate = _order(ask, lb, body.letsencrypt)
    elif body.custom_certificate is not None and body.letsencrypt is None:
        certificate = _import(ask, lb, body.custom_certificate)
    else:
        raise invalid_argument("letsencrypt", "constraint", "send precisely one of letsencrypt and custom_certificate")
    certificate.name = body.name or f"lb-cert-{certificate.id[:8]}"
    ask.state.certificates[certificate.id] = certificate
    return ask.views.certificate(certificate, written=True)


def _certificate(ask: Ask, lb: Lb, kind: str, status: str, names: list[str]) -> Certificate:
    return Certificate(
        id=new_id(),
        place=ask.place,
        created_at=ask.now,
        updated_at=ask.now,
        lb_id=lb.id,
        name="",
        type=kind,
        common_name=next(iter(names), ""),
        subject_alternative_name=names[1:],
        status=status,
    )


def _import(ask: Ask, lb: Lb, body: CustomCertificate) -> Certificate:
    """CHAIN. The common name is the first DNS name, the fingerprint stays empty (CAS:certificate-basic)."""
    try:
        leaf = read_chain(body.certificate_chain)
    except UnreadableChainError as error:
        raise invalid_argument("certificate_chain", "format", str(error)) from None
    certificate = _certificate(ask, lb, "custom", "ready", leaf.names)
    certificate.not_valid_before, certificate.not_valid_after = leaf.not_valid_before, leaf.not_valid_after
    return certificate


def _order(ask: Ask, lb: Lb, body: LetsEncrypt) -> Certificate:
    """PORT_80, DNS_NAME; a load balancer without a frontend is fine (CAS:frontend-certificate)."""
    state = ask.state
    if any(
        frontend.inbound_port == 80 and state.backends[frontend.backend_id].settings["forward_protocol"] == "tcp"
        for frontend in state.frontends_of(lb.id)
    ):
        raise port_80_is_tcp()
    names = [body.common_name, *(body.subject_alternative_name or [])]
    own = {ip.address for ip in state.ips_of(lb.id)}
    for name in names:
        if not state.names.addresses(name) & own:
            raise unresolved(name)
    certificate = _certificate(ask, lb, "letsencrypt", "pending", names)
    lb.updated_at = ask.now  # recorded: the load balancer has to answer Let's Encrypt's challenge
    path = f"/lb/v1/zones/{ask.place}/lbs/{lb.id}/certificates"
    fails = ask.faults.strike("POST", path, "letsencrypt_error") is not None

    def issued(at: Instant) -> None:
        certificate.updated_at = at
        if fails:
            certificate.status, certificate.status_details = "error", "Let's Encrypt could not issue the certificate"
            return
        certificate.status, certificate.fingerprint = "ready", secrets.token_hex(20)
        certificate.not_valid_before = at - HOUR
        certificate.not_valid_after = at - HOUR + NINETY_DAYS - SECOND

    state.later(ask.now + state.pace.certificate_issued, issued)
    return certificate


def list_certificates(ask: Ask) -> Any:
    """The certificates of a load balancer."""
    query = ask.query_as(OrderedPage)
    found = ask.state.certificates_of(find.lb(ask, ask.ids["lb_id"]).id)
    found = ordered(named(found, query.name, lambda certificate: certificate.name), query.order_by)
    return page(found, query, "certificates", ask.views.certificate)


def get_certificate(ask: Ask) -> Any:
    """One certificate."""
    return ask.views.certificate(find.certificate(ask, ask.ids["certificate_id"]))


def update_certificate(ask: Ask) -> Any:
    """The name is all that can be changed."""
    certificate = find.certificate(ask, ask.ids["certificate_id"])
    changeable(ask.state.lbs[certificate.lb_id])
    certificate.name, certificate.updated_at = ask.body_as(UpdateCertificate).name, ask.now
    return ask.views.certificate(certificate, written=True)


def delete_certificate(ask: Ask) -> Any:
    """CERTIFICATE_IN_USE."""
    certificate = find.certificate(ask, ask.ids["certificate_id"])
    changeable(ask.state.lbs[certificate.lb_id])
    if any(certificate.id in frontend.certificate_ids for frontend in ask.state.frontends.values()):
        raise certificate_in_use()
    del ask.state.certificates[certificate.id]


ONE = f"{ZONE}/certificates/{{certificate_id}}"

CALLS = (
    Call("GET", f"{ZONE}/lbs/{{lb_id}}/certificates", list_certificates, "recorded", query=OrderedPage),
    Call("POST", f"{ZONE}/lbs/{{lb_id}}/certificates", create_certificate, "recorded", body=CreateCertificate),
    Call("GET", ONE, get_certificate, "recorded"),
    Call("PUT", ONE, update_certificate, "recorded", body=UpdateCertificate),
    Call("DELETE", ONE, delete_certificate, "recorded", 204),
)
