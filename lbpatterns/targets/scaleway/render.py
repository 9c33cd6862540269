"""A spec in Scaleway's own words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lbpatterns.core.plain import to_plain
from lbpatterns.core.spec import (
    PRIVATE_NETWORKS,
    Backend,
    Frontend,
    FrontendCertificate,
    LBSpec,
    Mode,
    PemCertificate,
    Protocol,
    UnknownServerName,
)
from lbpatterns.targets.scaleway.access import acls, to_https
from lbpatterns.targets.scaleway.backends import backend, without_servers
from lbpatterns.targets.scaleway.options import ScalewayOptions
from lbpatterns.targets.scaleway.refusals import refusals
from lbpatterns.targets.scaleway.routes import routes
from lbpatterns.targets.scaleway.words import (
    BALANCER,
    CLOSED,
    COMPATIBILITY,
    DEFAULT_TYPE,
    REDIRECT,
    Late,
    Reference,
    ScalewayConfiguration,
    Words,
    duration,
    when_known,
)


def render(spec: LBSpec, options: ScalewayOptions | None = None, *, late: Late = when_known) -> ScalewayConfiguration:
    """The resources that make up the load balancer that `spec` declares.

    `late` changes values that may be known later only; without it they may be `UNKNOWN`. Raises ValueError with every
    reason, one a line and each with its place, when the spec holds what contradicts itself or what Scaleway cannot do.
    """
    reasons = refusals(spec)
    if reasons:
        raise ValueError("\n".join(reasons))
    options = options or ScalewayOptions()
    ips = dict(_ips(spec, options))
    return ScalewayConfiguration(
        load_balancer=_load_balancer(spec, options, ips),
        ips=ips,
        certificates=dict(_certificates(spec, late)),
        backends=dict(_backends(spec, late)),
        frontends=dict(_frontends(spec, late)),
        routes=dict(routes(spec, late)),
        declared=_declared(spec),
    )


def _load_balancer(spec: LBSpec, options: ScalewayOptions, ips: dict[str, Words]) -> Words:
    chosen = {"zone": options.zone, "project_id": options.project_id, "description": options.description}
    own = [Reference("ips", key) for key in ips]
    words: Words = {
        "type": options.type or DEFAULT_TYPE,
        "ssl_compatibility_level": COMPATIBILITY[spec.frontends[0].minimum_tls_version],
        **({"ip_ids": [*(options.ip_ids or own)]} if spec.public else {"assign_flexible_ip": False}),
        **{name: value for name, value in chosen.items() if value is not None},
    }
    if options.tags:
        words["tags"] = list(options.tags)
    if spec.private_networks:
        words["private_networks"] = [{"private_network_id": network} for network in spec.private_networks]
    return words


def _ips(spec: LBSpec, options: ScalewayOptions) -> Iterator[tuple[str, Words]]:
    """Addresses of its own, so that they outlive a replaced load balancer and are released with the stack."""
    if not spec.public or options.ip_ids:
        return
    chosen = {"zone": options.zone, "project_id": options.project_id}
    place: Words = {name: value for name, value in chosen.items() if value is not None}
    yield "ip", place
    if spec.ipv6:
        yield "ipv6", {**place, "is_ipv6": True}


def _certificates(spec: LBSpec, late: Late) -> Iterator[tuple[str, Words]]:
    for number, frontend in enumerate(spec.frontends):
        for index, held in enumerate(frontend.certificates):
            yield f"certificate-{number}-{index}", _certificate(held, late)


def _certificate(held: FrontendCertificate, late: Late) -> Words:
    if isinstance(held, PemCertificate):
        return {"lb_id": BALANCER, "custom_certificate": {"certificate_chain": held.private_key_and_chain_pem}}
    names = list(held.subject_alternative_names)
    return {
        "lb_id": BALANCER,
        "letsencrypt": {
            "common_name": late(held.common_name, str.lower),
            **({"subject_alternative_names": [late(name, str.lower) for name in names]} if names else {}),
        },
    }


def _backends(spec: LBSpec, late: Late) -> Iterator[tuple[str, Words]]:
    for each in spec.backends:
        yield f"backend-{each.name}", backend(each, spec.mode, late)
    if spec.mode is Mode.PASSTHROUGH and any(_closes(frontend) for frontend in spec.frontends):
        yield CLOSED, without_servers(Protocol.TCP, spec.backend.port)
    if any(frontend.redirect_http_port is not None for frontend in spec.frontends):
        yield REDIRECT, without_servers(Protocol.HTTP, 80)  # should its ACL be lost: no answer, rather than cleartext


def _closes(frontend: Frontend) -> bool:
    return frontend.unknown_server_name is UnknownServerName.CLOSE


def _frontends(spec: LBSpec, late: Late) -> Iterator[tuple[str, Words]]:
    default = f"backend-{spec.backend.name}"
    passthrough = spec.mode is Mode.PASSTHROUGH
    for number, frontend in enumerate(spec.frontends):
        answers = CLOSED if passthrough and _closes(frontend) else default
        yield f"frontend-{number}", _frontend(spec, number, frontend, answers, late)
        if frontend.redirect_http_port is not None:
            redirecting: Words = {
                "lb_id": BALANCER,
                "inbound_port": frontend.redirect_http_port,
                "backend_id": Reference("backends", REDIRECT),
                "acls": acls(to_https(spec.access)),
            }
            yield f"redirect-{number}", redirecting


def _frontend(spec: LBSpec, number: int, frontend: Frontend, answers: str, late: Late) -> Words:
    limit = frontend.connection_rate_limit
    return {
        "lb_id": BALANCER,
        "inbound_port": frontend.port,
        "backend_id": Reference("backends", answers),
        "certificate_ids": [
            Reference("certificates", f"certificate-{number}-{index}") for index in range(len(frontend.certificates))
        ],
        "timeout_client": late(spec.backend.timeouts.idle, duration),
        "enable_http3": frontend.http3,
        "enable_access_logs": frontend.access_logs,
        "acls": acls(spec.access),
        **({} if limit is None else {"connection_rate_limit": limit}),
    }


def _declared(spec: LBSpec) -> dict[str, Any]:
    """What Scaleway has no word for; only what differs from its default."""
    declared: dict[str, Any] = {"name": spec.name, "mode": spec.mode.value, "default_backend": spec.backend.name}
    if spec.trusted_networks != PRIVATE_NETWORKS:
        declared["trusted_networks"] = list(spec.trusted_networks)
    if spec.exceptions:
        declared["exceptions"] = to_plain(spec.exceptions)
    anchors = {
        f"certificate-{number}-{index}": held.ca_bundle_pem
        for number, frontend in enumerate(spec.frontends)
        for index, held in enumerate(frontend.certificates)
        if isinstance(held, PemCertificate) and held.ca_bundle_pem is not None
    }
    if anchors:
        declared["ca_bundle_pems"] = anchors
    of_backends = {f"backend-{each.name}": words for each in spec.backends if (words := _of_backend(each))}
    if of_backends:
        declared["backends"] = of_backends
    return declared


def _of_backend(spec: Backend) -> dict[str, Any]:
    certificates = [server.certificate for server in spec.servers]
    return {
        **({"server_certificate": to_plain(spec.server_certificate)} if spec.server_certificate else {}),
        **({"server_certificates": [to_plain(held) for held in certificates]} if any(certificates) else {}),
        **({"insecure_skip_verify": to_plain(spec.insecure_skip_verify)} if spec.insecure_skip_verify else {}),
        **({"shared_sessions": True} if spec.shared_sessions else {}),
    }
