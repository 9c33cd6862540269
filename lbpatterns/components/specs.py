"""From arguments to the spec: every default of a mode is decided here, and nowhere else.

Leaves of the spec may be Pulumi Outputs; the spec's types say what they will be once they are known.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from lbpatterns.components.access_args import AccessRuleArgs, NetworkAccessRuleArgs
from lbpatterns.components.args import (
    BridgedLBArgs,
    FrontendArgs,
    HTTPRouteArgs,
    OffloadedLBArgs,
    PassthroughFrontendArgs,
    PassthroughLBArgs,
    SNIRouteArgs,
)
from lbpatterns.components.backend_args import (
    BridgedBackendArgs,
    HealthCheckArgs,
    LetsEncryptCertificateArgs,
    OffloadedBackendArgs,
    PassthroughBackendArgs,
    PassthroughServerArgs,
    PemCertificateArgs,
    ServerCertificateArgs,
)
from lbpatterns.components.backend_args import InsecureSkip as InsecureSkipArgs
from lbpatterns.core.spec import (
    PRIVATE_NETWORKS,
    AccessAction,
    AccessRule,
    Backend,
    Balancing,
    Frontend,
    HealthCheck,
    HealthProtocol,
    InsecureSkip,
    LBSpec,
    LetsEncryptCertificate,
    Mode,
    PemCertificate,
    Protocol,
    ProxyProtocol,
    Redirect,
    RequestMatch,
    RequestPart,
    Route,
    RuleException,
    Server,
    ServerCertificate,
    Stickiness,
    StickinessKind,
    Timeouts,
    TLSVersion,
    UnknownServerName,
)

LBArgs = OffloadedLBArgs | BridgedLBArgs | PassthroughLBArgs
RouteArgs = HTTPRouteArgs | SNIRouteArgs
BackendArgs = OffloadedBackendArgs | BridgedBackendArgs | PassthroughBackendArgs

_HEALTH = {
    Mode.OFFLOADED: HealthProtocol.HTTP,
    Mode.BRIDGED: HealthProtocol.HTTPS,
    Mode.PASSTHROUGH: HealthProtocol.TCP,
}


def spec_of(name: str, mode: Mode, args: LBArgs) -> LBSpec:
    """The spec that these arguments declare, for a load balancer called `name`."""
    trusted = args.network.trusted
    return LBSpec(
        name=name,
        mode=mode,
        frontends=tuple(_frontend(frontend) for frontend in args.frontends),
        backend=_backend(mode, args, args.backend, "default"),
        routes=tuple(_route(mode, args, index, route) for index, route in enumerate(_leaves(args.routes))),
        access=tuple(_access_rule(rule) for rule in _leaves(args.access)),
        trusted_networks=PRIVATE_NETWORKS if trusted is None else _leaves(trusted),
        private_networks=_leaves(args.network.private),
        public=args.network.public,
        ipv6=args.network.ipv6,
        exceptions=tuple(
            RuleException(rule=entry.rule, reason=entry.reason, expires=entry.expires) for entry in args.exceptions
        ),
    )


def _leaves(values: Any) -> Any:
    """Values that may be Outputs, where the spec names what they will be."""
    return values


def _route(mode: Mode, lb: LBArgs, index: int, args: RouteArgs) -> Route:
    backend = _backend(mode, lb, args.backend, f"route-{index}")
    if isinstance(args, SNIRouteArgs):
        return Route(backend=backend, server_names=_leaves(args.server_names))
    return Route(backend=backend, host=_leaves(args.host), path_prefix=_leaves(args.path_prefix))


def _frontend(args: FrontendArgs | PassthroughFrontendArgs) -> Frontend:
    common: dict[str, Any] = {
        "port": args.port,
        "redirect_http_port": args.redirect_http_port if args.redirect_http else None,
        "connection_rate_limit": args.connection_rate_limit,
        "access_logs": args.access_logs,
    }
    if isinstance(args, PassthroughFrontendArgs):
        return Frontend(**common, unknown_server_name=UnknownServerName(args.unknown_server_name))
    return Frontend(
        **common,
        certificates=tuple(_certificate(certificate) for certificate in args.certificates),
        minimum_tls_version=TLSVersion(args.minimum_tls_version),
        http3=args.http3,
    )


def _certificate(args: PemCertificateArgs | LetsEncryptCertificateArgs) -> PemCertificate | LetsEncryptCertificate:
    if isinstance(args, PemCertificateArgs):
        return _pem(args)
    return LetsEncryptCertificate(
        common_name=_leaves(args.common_name), subject_alternative_names=_leaves(args.subject_alternative_names)
    )


def _access_rule(args: AccessRuleArgs | NetworkAccessRuleArgs) -> AccessRule:
    rule = AccessRule(action=AccessAction(args.action), networks=_leaves(args.networks), invert=args.invert)
    if isinstance(args, NetworkAccessRuleArgs):
        return rule
    request, redirect = args.request, args.redirect
    return dataclasses.replace(
        rule,
        request=None
        if request is None
        else RequestMatch(kind=RequestPart(request.kind), values=_leaves(request.values), header=request.header),
        redirect=None
        if redirect is None
        else Redirect(scheme=redirect.scheme, location=_leaves(redirect.location), code=redirect.code),
    )


def _pem(args: PemCertificateArgs) -> PemCertificate:
    return PemCertificate(
        private_key_and_chain_pem=_leaves(args.private_key_and_chain_pem), ca_bundle_pem=_leaves(args.ca_bundle_pem)
    )


def _server_certificate(args: ServerCertificateArgs | None) -> ServerCertificate | None:
    if args is None:
        return None
    return ServerCertificate(
        names=_leaves(args.names), ca_bundle_pem=_leaves(args.ca_bundle_pem), renewed_by=args.renewed_by
    )


def _backend(mode: Mode, lb: LBArgs, args: BackendArgs, name: str) -> Backend:
    stickiness = args.stickiness or lb.stickiness
    timeouts = args.timeouts or lb.timeouts
    return Backend(
        name=args.name or name,
        servers=tuple(_server(server) for server in args.servers),
        port=_leaves(args.port),
        protocol=Protocol.TCP if mode is Mode.PASSTHROUGH else Protocol.HTTP,
        tls=mode is Mode.BRIDGED,
        balancing=Balancing(args.balancing or lb.balancing),
        stickiness=None
        if stickiness is None
        else Stickiness(kind=StickinessKind(stickiness.kind), cookie_name=getattr(stickiness, "cookie_name", None)),
        health_check=_health_check(mode, args.health_check or lb.health_check, args),
        timeouts=Timeouts(
            connect=_leaves(timeouts.connect), request=_leaves(timeouts.request), idle=_leaves(timeouts.idle)
        ),
        proxy_protocol=ProxyProtocol(args.proxy_protocol or lb.proxy_protocol),
        **_of_mode(args),
    )


def _of_mode(args: BackendArgs) -> dict[str, Any]:
    """What only one mode's backends have."""
    if isinstance(args, BridgedBackendArgs):
        skip: InsecureSkipArgs | None = args.insecure_skip_verify
        return {
            "server_name": args.server_name,
            "expected_name": args.expected_name,
            "ca_bundle_pem": args.ca_bundle_pem,
            "client_certificate": None if args.client_certificate is None else _pem(args.client_certificate),
            "verify_server_certificate": skip is None,
            "insecure_skip_verify": None if skip is None else InsecureSkip(reason=skip.reason, until=skip.until),
            "minimum_tls_version": TLSVersion(args.minimum_tls_version),
            "failover_host": args.failover_host,
        }
    if isinstance(args, PassthroughBackendArgs):
        return {
            "server_certificate": _server_certificate(args.certificate),
            "shared_sessions": args.shared_sessions,
        }
    return {"failover_host": args.failover_host}


def _server(args: Any) -> Server:
    certificate = args.certificate if isinstance(args, PassthroughServerArgs) else None
    return Server(address=_leaves(args.address), port=_leaves(args.port), certificate=_server_certificate(certificate))


def _health_check(mode: Mode, args: HealthCheckArgs, backend: BackendArgs) -> HealthCheck:
    host = args.host
    if host is None and isinstance(backend, BridgedBackendArgs):
        host = backend.server_name  # a server that picks its site by Host answers checks and traffic alike
    return HealthCheck(
        protocol=HealthProtocol(args.protocol or _HEALTH[mode]),
        path=_leaves(args.path),
        host=_leaves(host),
        port=_leaves(args.port),
        interval=_leaves(args.interval),
        timeout=_leaves(args.timeout),
        healthy_after=_leaves(args.healthy_after),
        unhealthy_after=_leaves(args.unhealthy_after),
        statuses=None if args.statuses is None else tuple(args.statuses),
    )
