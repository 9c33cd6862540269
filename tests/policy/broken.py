"""For rules about declarations: how a stack that was written by hand breaks each, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from lbpatterns.targets.scaleway.examples import (
    LEFT_OUT,
    LOOSE_BRIDGED,
    LOOSE_OFFLOADED,
    LOOSE_PASSTHROUGH,
    TO_HTTPS,
    acl,
    with_backend,
    with_balancer,
    with_certificate,
    with_frontend,
    with_route,
    with_words,
)
from lbpatterns.targets.scaleway.modes import LooseConfiguration
from lbpatterns.targets.scaleway.words import Reference

_TCP_CHECK = {"health_check_https": LEFT_OUT, "health_check_tcp": {}}
_OTHER = {**LOOSE_OFFLOADED.backends["web"], "server_ips": ["10.0.0.21"]}
_ROUTED = replace(LOOSE_OFFLOADED, backends={**LOOSE_OFFLOADED.backends, "other": _OTHER})
_TO = {"type": "location", "code": 301}
EVERYBODY = ["0.0.0.0/0", "::/0"]


# With a frontend on port 80, too much would be wrong: it shares the backend.
_HTTPS_ALONE = {"https": LOOSE_OFFLOADED.frontends["https"]}
_BRIDGED_TCP = with_backend(replace(LOOSE_BRIDGED, frontends=_HTTPS_ALONE), forward_protocol="tcp")


def _with_acl(*acls: object) -> LooseConfiguration:
    return with_frontend(LOOSE_OFFLOADED, acls=list(acls))


def _redirecting(**redirect: object) -> LooseConfiguration:
    return _with_acl(
        acl("redirect", redirect={**_TO, **redirect}, http_filter="path_begin", http_filter_values=["/old"])
    )


BROKEN: dict[str, LooseConfiguration] = {
    "bridged-internal-name-has-a-trust-anchor": with_backend(LOOSE_BRIDGED, host="backend.internal"),
    "frontend-certificate-carries-the-routed-names": with_route(
        _ROUTED, match_host_header="blog.example.test", backend_id=Reference("backends", "other")
    ),
    "traffic-is-encrypted-to-the-server": with_balancer(LOOSE_OFFLOADED, tags=["cardholder-data"]),
    "access-allow-is-followed-by-a-deny": _with_acl(acl("allow", ip_subnets=["198.51.100.0/24"])),
    "access-rule-can-be-reached": _with_acl(
        acl("allow", ip_subnets=EVERYBODY), acl("deny", ip_subnets=["198.51.100.0/24"])
    ),
    "backend-has-servers": with_backend(LOOSE_OFFLOADED, server_ips=[]),
    "backend-lists-a-server-once": with_backend(LOOSE_OFFLOADED, server_ips=["10.0.0.20", "10.0.0.20"]),
    "backend-port-suits-its-protocol": with_backend(LOOSE_BRIDGED, forward_port=80),
    "bridged-backend-speaks-http": _BRIDGED_TCP,
    "bridged-backend-verifies-the-server": with_backend(LOOSE_BRIDGED, ignore_ssl_server_verify=True),
    "bridged-health-check-uses-https": with_backend(LOOSE_BRIDGED, **_TCP_CHECK),
    "certificate-is-not-on-port-80": with_frontend(replace(LOOSE_OFFLOADED, frontends=_HTTPS_ALONE), inbound_port=80),
    "cookie-stickiness-names-its-cookie": with_backend(LOOSE_OFFLOADED, sticky_sessions="cookie"),
    "durations-and-counts-are-in-range": with_backend(LOOSE_OFFLOADED, health_check_max_retries=0),
    "failover-host-is-a-host-name": with_backend(
        LOOSE_OFFLOADED, failover_host="https://shop.s3-website.fr-par.scw.cloud"
    ),
    "health-check-path-begins-with-a-slash": with_backend(LOOSE_OFFLOADED, health_check_http={"uri": "health"}),
    "health-check-speaks-as-its-backend": with_backend(LOOSE_OFFLOADED, health_check_https={"uri": "/"}),
    "http-backend-needs-no-proxy-protocol": with_backend(
        LOOSE_OFFLOADED, proxy_protocol="v2", health_check_send_proxy=True
    ),
    "http3-needs-an-http-backend": with_frontend(_BRIDGED_TCP, enable_http3=True),
    "layer-7-actions-need-an-http-backend": with_frontend(
        _BRIDGED_TCP,
        acls=[acl("deny", http_filter="path_begin", http_filter_values=["/admin"])],
    ),
    "lets-encrypt-names-are-host-names": with_certificate(
        LOOSE_OFFLOADED, letsencrypt={"common_name": "*.example.test"}
    ),
    "lets-encrypt-needs-a-public-load-balancer": with_balancer(
        replace(LOOSE_OFFLOADED, ips={}), ip_ids=LEFT_OUT, assign_flexible_ip=False
    ),
    "minimum-tls-version-is-not-deprecated": with_balancer(
        LOOSE_OFFLOADED, ssl_compatibility_level="ssl_compatibility_level_old"
    ),
    "offloaded-only-on-a-trusted-network": with_backend(LOOSE_OFFLOADED, server_ips=["51.15.0.1"]),
    "passthrough-has-no-cookie-stickiness": with_backend(
        LOOSE_PASSTHROUGH, sticky_sessions="cookie", sticky_sessions_cookie_name="shop"
    ),
    "passthrough-has-no-layer-7-actions": with_frontend(
        LOOSE_PASSTHROUGH, acls=[acl("deny", http_filter="path_begin", http_filter_values=["/admin"])]
    ),
    "redirect-code-is-one-that-clients-follow": _redirecting(target="https://shop.example.test/new", code=304),
    "redirect-does-not-lead-back": with_frontend(replace(LOOSE_OFFLOADED, frontends=_HTTPS_ALONE), acls=[TO_HTTPS]),
    "redirect-target-is-a-scheme-or-a-url": _redirecting(target="shop.example.test/new"),
    "request-match-is-complete": _with_acl(acl("deny", http_filter="path_begin", http_filter_values=[])),
    "route-says-what-it-matches": with_route(_ROUTED, backend_id=Reference("backends", "other")),
    "routes-are-told-apart": with_route(
        with_route(_ROUTED, "one", match_host_header="shop.example.test"),
        "two",
        match_host_header="shop.example.test",
        backend_id=Reference("backends", "other"),
    ),
    "server-names-route-only-in-passthrough": with_route(
        _ROUTED, match_sni="a.example.test", backend_id=Reference("backends", "other")
    ),
    "skipping-verification-needs-tls": with_backend(LOOSE_OFFLOADED, ignore_ssl_server_verify=True),
    "private-load-balancer-has-a-private-network": with_balancer(
        replace(LOOSE_PASSTHROUGH, ips={}), ip_ids=LEFT_OUT, assign_flexible_ip=False
    ),
    "ports-are-in-range": with_backend(LOOSE_OFFLOADED, forward_port=70000),
    "access-for-everybody-includes-ipv6": with_words(
        with_balancer(
            _with_acl(acl("deny", ip_subnets=["0.0.0.0/0"])),
            ip_ids=[Reference("ips", "shop-ip"), Reference("ips", "six")],
        ),
        "ips",
        "six",
        is_ipv6=True,
    ),
}

NOT_BY_HAND: dict[str, str] = {
    "bridged-backend-uses-tls": "without TLS, what is written by hand is another mode",
    "bridged-frontend-holds-a-certificate": "without a certificate, it is another mode",
    "bridged-server-holds-its-own-certificate": "only a declaration says what servers hold",
    "exception-has-a-reason": "of waivers",
    "exception-is-used": "of waivers",
    "frontend-ports-do-not-clash": "scaleway-frontend-ports-do-not-clash says it of resources",
    "offloaded-backend-is-not-re-encrypted": "with TLS, it is another mode",
    "offloaded-backend-speaks-http": "with TCP, it is none of the modes",
    "offloaded-frontend-holds-a-certificate": "without a certificate, it is none of the modes",
    "offloaded-server-needs-no-certificate": "only a declaration says what servers hold",
    "passthrough-backend-has-tls-off": "with TLS, it is none of the modes",
    "passthrough-backend-speaks-tcp": "with HTTP, it is none of the modes",
    "passthrough-certificate-is-for-its-own-names": "only a declaration says what servers hold",
    "passthrough-frontend-holds-no-certificate": "with a certificate, it is another mode",
    "passthrough-load-balancer-holds-no-private-key": "Scaleway has no certificate towards servers",
    "passthrough-server-holds-its-own-certificate": "only a declaration says what servers hold",
    "passthrough-server-listens-on-the-backend-port": "Scaleway has one port for all servers of a backend",
    "passthrough-servers-share-a-renewal-source": "only a declaration says who renews",
    "passthrough-sessions-are-kept-or-shared": "only a declaration says whether sessions are shared",
    "private-load-balancer-has-no-public-address": "an IPv6 address alone makes a load balancer a public one",
    "redirect-says-where-to": "acl-that-redirects-says-where-to says it of resources",
    "trusted-networks-are-isolated": "of a setting of the whole stack",
}
"""Rules that no stack by hand breaks on Scaleway, and why."""
