"""Load balancers as Scaleway's documentation and the provider's own examples describe them, written by hand.

Values are the documented ones; names of hosts and buckets are for tests. Each is as somebody would have copied it, so
that some have findings: `expected` says for each rule why it speaks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lbpatterns.targets.scaleway.examples import TO_HTTPS, acl
from lbpatterns.targets.scaleway.modes import LooseConfiguration
from lbpatterns.targets.scaleway.words import BALANCER, Reference, Words

DOCS: Final = "https://www.scaleway.com/en/docs/load-balancer"
PROVIDER: Final = "https://registry.terraform.io/providers/scaleway/scaleway/latest/docs/resources"


@dataclass(frozen=True, slots=True, kw_only=True)
class Documented:
    """One stack: where it is described, and the rules of this book that it breaks, each with the reason.

    `elsewhere` are rules of other books that speak of it too, once it is read as a declaration.
    """

    name: str
    url: str
    configuration: LooseConfiguration
    expected: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)


CLEARTEXT = {
    "frontend-without-a-certificate-only-redirects": "the example is plain HTTP on a public port, without a redirect"
}
NAMED = {"certificate-is-named-by-pulumi": "the example names its certificate, as Terraform needs it to"}
OLD_ADDRESS = {"no-deprecated-argument-is-used": "the example gives `ip_id`, which the provider itself deprecates"}
OWN_ACLS = {
    "acls-are-written-into-their-frontend": "the example is of the Acl resource, which updates of the frontend delete"
}
RAW_TLS = {
    "frontend-and-backend-make-one-of-the-three-modes": "a certificate in front of a TCP backend is none of the three, "
    "and the page on the three modes asks for an HTTP backend"
}


def backend(protocol: str, port: int, **more: Any) -> Words:
    return {"lb_id": BALANCER, "forward_protocol": protocol, "forward_port": port, "server_ips": ["10.0.0.2"], **more}


def frontend(port: int, to: str, *certificates: str, **more: Any) -> Words:
    held = [Reference("certificates", name) for name in certificates]
    return {
        "lb_id": BALANCER,
        "inbound_port": port,
        "backend_id": Reference("backends", to),
        **({"certificate_ids": held} if held else {}),
        **more,
    }


def issued(*names: str, **more: Any) -> Words:
    others = {"subject_alternative_names": [*names[1:]]} if names[1:] else {}
    return {"lb_id": BALANCER, "letsencrypt": {"common_name": names[0], **others}, **more}


def route(to: str, **match: Any) -> Words:
    return {"frontend_id": Reference("frontends", "frontend"), "backend_id": Reference("backends", to), **match}


WITH_ADDRESS: Final[Words] = {"type": "LB-S", "ip_ids": [Reference("ips", "ip")]}
WITH_OLD_ADDRESS: Final[Words] = {"type": "lb-s", "name": "test-lb", "ip_id": Reference("ips", "ip")}
ADDRESS: Final[dict[str, Words]] = {"ip": {}}

DOCUMENTED: Final = (
    Documented(
        name="passthrough",
        url=f"{DOCS}/reference-content/ssl-bridging-offloading-passthrough/",
        configuration=LooseConfiguration(
            load_balancer=WITH_ADDRESS,
            ips=ADDRESS,
            backends={"backend": backend("tcp", 443)},
            frontends={"frontend": frontend(443, "backend")},
        ),
    ),
    Documented(
        name="offloading with a redirect from HTTP",
        url=f"{DOCS}/reference-content/acls/",
        configuration=LooseConfiguration(
            load_balancer=WITH_ADDRESS,
            ips=ADDRESS,
            certificates={"certificate": issued("shop.example.test")},
            backends={"backend": backend("http", 80)},
            frontends={
                "frontend": frontend(443, "backend", "certificate"),
                "redirect": frontend(80, "backend", acls=[TO_HTTPS]),
            },
        ),
    ),
    Documented(
        name="bridging with a redirect from HTTP",
        url=f"{DOCS}/reference-content/ssl-bridging-offloading-passthrough/",
        configuration=LooseConfiguration(
            load_balancer=WITH_ADDRESS,
            ips=ADDRESS,
            certificates={"certificate": issued("shop.example.test")},
            backends={"backend": backend("http", 443, ssl_bridging=True, health_check_https={"uri": "/health"})},
            frontends={
                "frontend": frontend(443, "backend", "certificate", enable_http3=True),
                "redirect": frontend(80, "backend", acls=[TO_HTTPS]),
            },
        ),
    ),
    Documented(
        name="bridging of raw TCP",
        url=f"{DOCS}/reference-content/ssl-bridging-offloading-passthrough/",
        configuration=LooseConfiguration(
            load_balancer=WITH_ADDRESS,
            ips=ADDRESS,
            certificates={"certificate": issued("shop.example.test")},
            backends={"backend": backend("tcp", 443, ssl_bridging=True)},
            frontends={"frontend": frontend(443, "backend", "certificate")},
        ),
        elsewhere={
            "bridged-backend-speaks-http": "the page demands TLS only, and nothing of layer 7 works over TCP",
            "bridged-health-check-uses-https": "the default check is over TCP, and sees no certificate",
        },
    ),
    Documented(
        name="the API guide for offloading",
        url=f"{DOCS}/api-cli/setting-up-ssl-offloading/",
        configuration=LooseConfiguration(
            load_balancer=WITH_ADDRESS,
            ips=ADDRESS,
            certificates={"certificate": issued("shop.example.test")},
            backends={
                "backend": backend(
                    "tcp",
                    80,
                    forward_port_algorithm="roundrobin",
                    health_check_delay="2s",
                    health_check_timeout="1s",
                    health_check_max_retries=3.0,
                    health_check_tcp={},
                    health_check_port=80.0,
                )
            },
            frontends={"frontend": frontend(443, "backend", "certificate", timeout_client="5s")},
        ),
        expected=RAW_TLS,
    ),
    Documented(
        name="only certain addresses are let in",
        url=f"{DOCS}/reference-content/acls/",
        configuration=LooseConfiguration(
            load_balancer=WITH_ADDRESS,
            ips=ADDRESS,
            certificates={"certificate": issued("shop.example.test")},
            backends={"backend": backend("http", 80)},
            frontends={
                "frontend": frontend(
                    443, "backend", "certificate", acls=[acl("allow", ip_subnets=["203.0.113.1"]), acl("deny")]
                )
            },
        ),
    ),
    Documented(
        name="some paths are redirected to another site",
        url=f"{DOCS}/reference-content/acls/",
        configuration=LooseConfiguration(
            load_balancer=WITH_ADDRESS,
            ips=ADDRESS,
            certificates={"certificate": issued("shop.example.test")},
            backends={"backend": backend("http", 80)},
            frontends={
                "frontend": frontend(
                    443,
                    "backend",
                    "certificate",
                    acls=[
                        acl(
                            "redirect",
                            redirect={
                                "type": "location",
                                "target": "https://blog.example.test/{{path}}?{{query}}",
                                "code": 301,
                            },
                            http_filter="path_end",
                            http_filter_values=["/blog"],
                        )
                    ],
                )
            },
        ),
    ),
    Documented(
        name="routes by server name",
        url=f"{DOCS}/reference-content/sni-route-deprecation/",
        configuration=LooseConfiguration(
            load_balancer=WITH_ADDRESS,
            ips=ADDRESS,
            backends={"shop": backend("tcp", 443), "blog": backend("tcp", 443)},
            frontends={"frontend": frontend(443, "shop")},
            routes={"blog": route("blog", match_sni="blog.example.test", match_subdomains=True)},
        ),
    ),
    Documented(
        name="routes by host",
        url=f"{DOCS}/how-to/create-manage-routes/",
        configuration=LooseConfiguration(
            load_balancer=WITH_ADDRESS,
            ips=ADDRESS,
            certificates={"certificate": issued("shop.example.test", "blog.example.test")},
            backends={"shop": backend("http", 80), "blog": backend("http", 80)},
            frontends={"frontend": frontend(443, "shop", "certificate")},
            routes={"blog": route("blog", match_host_header="blog.example.test")},
        ),
    ),
    Documented(
        name="a page for when all servers are down",
        url=f"{DOCS}/how-to/set-up-s3-failover/",
        configuration=LooseConfiguration(
            load_balancer=WITH_ADDRESS,
            ips=ADDRESS,
            certificates={"certificate": issued("shop.example.test")},
            backends={"backend": backend("http", 80, failover_host="my-bucket.s3-website.nl-ams.scw.cloud")},
            frontends={"frontend": frontend(443, "backend", "certificate")},
        ),
    ),
    Documented(
        name="a private load balancer",
        url=f"{DOCS}/reference-content/public-private-accessibility/",
        configuration=LooseConfiguration(
            load_balancer={
                "type": "LB-S",
                "assign_flexible_ip": False,
                "private_networks": [{"private_network_id": "fr-par/network"}],
            },
            backends={"backend": backend("http", 80)},
            frontends={"frontend": frontend(80, "backend")},
        ),
    ),
    Documented(
        name="the provider's example of a frontend",
        url=f"{PROVIDER}/lb_frontend",
        configuration=LooseConfiguration(
            load_balancer=WITH_ADDRESS,
            ips=ADDRESS,
            backends={"backend": backend("http", 80, name="backend01", health_check_http={"uri": "/health"})},
            frontends={"frontend": frontend(80, "backend", name="frontend01")},
        ),
        expected=CLEARTEXT,
    ),
    Documented(
        name="the provider's example of a frontend with a certificate",
        url=f"{PROVIDER}/lb_frontend",
        configuration=LooseConfiguration(
            load_balancer=WITH_OLD_ADDRESS,
            ips=ADDRESS,
            certificates={"cert01": issued("192-0-2-1.lb.fr-par.scw.cloud", name="test-cert-front-end")},
            backends={"backend": backend("tcp", 443, proxy_protocol="none")},
            frontends={"frontend": frontend(443, "backend", "cert01")},
        ),
        expected={**RAW_TLS, **NAMED, **OLD_ADDRESS},
    ),
    Documented(
        name="the provider's example of a frontend with access rules",
        url=f"{PROVIDER}/lb_frontend",
        configuration=LooseConfiguration(
            load_balancer=WITH_ADDRESS,
            ips=ADDRESS,
            backends={"backend": backend("http", 80)},
            frontends={
                "frontend": frontend(
                    80,
                    "backend",
                    name="frontend01",
                    acls=[
                        {"name": "neighbours", **acl("allow", ip_subnets=["192.168.0.1", "192.168.10.0/24"])},
                        acl("deny", ip_subnets=["203.0.113.5"], http_filter="regex", http_filter_values=["^foo*bar$"]),
                        acl("allow", http_filter="path_begin", http_filter_values=["foo", "bar"]),
                        acl("allow", http_filter="path_begin", http_filter_values=["hi"], invert=True),
                        acl(
                            "allow",
                            http_filter="http_header_match",
                            http_filter_values="foo",
                            http_filter_option="bar",
                        ),
                        acl(
                            "redirect",
                            redirect={"type": "location", "target": "https://example.com", "code": 307.0},
                            ip_subnets=["10.0.0.10"],
                            http_filter="path_begin",
                            http_filter_values=["foo", "bar"],
                        ),
                    ],
                )
            },
        ),
        expected=CLEARTEXT,
    ),
    Documented(
        name="the provider's example of an ACL",
        url=f"{PROVIDER}/lb_acl",
        configuration=LooseConfiguration(
            load_balancer=WITH_ADDRESS,
            ips=ADDRESS,
            certificates={"certificate": issued("shop.example.test")},
            backends={"backend": backend("http", 80)},
            frontends={"frontend": frontend(443, "backend", "certificate", external_acls=True)},
            acls={
                "acl01": {
                    "frontend_id": Reference("frontends", "frontend"),
                    "name": "acl01",
                    "description": "Exclude well-known IPs",
                    "index": 0.0,
                    **acl("allow", ip_subnets=["192.168.0.1", "192.168.0.2", "192.168.10.0/24"]),
                }
            },
        ),
        expected=OWN_ACLS,
        elsewhere={"access-allow-is-followed-by-a-deny": "the example lets in by name, and denies nobody after it"},
    ),
    Documented(
        name="the provider's example of a route by server name",
        url=f"{PROVIDER}/lb_route",
        configuration=LooseConfiguration(
            load_balancer=WITH_OLD_ADDRESS,
            ips=ADDRESS,
            backends={"bkd01": backend("tcp", 80, proxy_protocol="none")},
            frontends={"frontend": frontend(80, "bkd01")},
            routes={"rt01": route("bkd01", match_sni="sni.scaleway.com")},
        ),
        expected=OLD_ADDRESS,
        elsewhere={"backend-port-suits-its-protocol": "the example hands TLS on to port 80, the one for plain HTTP"},
    ),
    Documented(
        name="the provider's example of a route by path",
        url=f"{PROVIDER}/lb_route",
        configuration=LooseConfiguration(
            load_balancer=WITH_OLD_ADDRESS,
            ips=ADDRESS,
            backends={
                "app": backend("http", 80, proxy_protocol="none"),
                "admin": backend("http", 8080, proxy_protocol="none"),
            },
            frontends={"frontend": frontend(80, "app")},
            routes={
                "admin": route("admin", match_path_begin="/admin"),
                "default": route("app", match_path_begin="/"),
            },
        ),
        expected={**OLD_ADDRESS, **CLEARTEXT},
    ),
    Documented(
        name="the provider's example of a certificate from Let's Encrypt",
        url=f"{PROVIDER}/lb_certificate",
        configuration=LooseConfiguration(
            load_balancer=WITH_ADDRESS,
            ips=ADDRESS,
            certificates={"cert01": issued("example.org", "sub1.example.com", "sub2.example.com", name="cert1")},
            backends={"backend": backend("http", 80)},
            frontends={"frontend": frontend(443, "backend", "cert01")},
        ),
        expected=NAMED,
    ),
    Documented(
        name="the provider's example with both families of addresses",
        url=f"{PROVIDER}/lb",
        configuration=LooseConfiguration(
            load_balancer={
                "type": "LB-S",
                "name": "ipv6-lb",
                "ip_ids": [Reference("ips", "v4"), Reference("ips", "v6")],
            },
            ips={"v4": {}, "v6": {"is_ipv6": True}},
            backends={"backend": backend("tcp", 443)},
            frontends={"frontend": frontend(443, "backend")},
        ),
    ),
    Documented(
        name="the provider's example in a zone and with a private network",
        url=f"{PROVIDER}/lb",
        configuration=LooseConfiguration(
            load_balancer={
                "type": "LB-S",
                "zone": "fr-par-1",
                "ip_ids": [Reference("ips", "main")],
                "private_networks": [{"private_network_id": "fr-par/pn01", "ipam_ids": "fr-par/ip01"}],
            },
            ips={"main": {"zone": "fr-par-1"}},
            backends={"backend": backend("tcp", 443)},
            frontends={"frontend": frontend(443, "backend")},
        ),
    ),
    Documented(
        name="the provider's example of a private network",
        url=f"{PROVIDER}/lb_private_network",
        configuration=LooseConfiguration(
            load_balancer={"type": "LB-S", "name": "test-lb-private-network"},
            backends={"backend": backend("tcp", 443)},
            frontends={"frontend": frontend(443, "backend")},
            private_networks={
                "lbpn01": {"lb_id": BALANCER, "private_network_id": "fr-par/pn01", "ipam_ip_ids": "fr-par/ip01"}
            },
        ),
        expected={
            "address-is-a-resource-of-its-own": "the example gives no address, so that one is left behind when it is "
            "destroyed"
        },
    ),
)
