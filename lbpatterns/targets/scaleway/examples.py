"""Correct load balancers in Scaleway's words, to be changed word by word: the ground of the rules' examples.

Three are rendered, as a component would make them. The others are written by hand, as most stacks are: keys are names
of resources, what the provider has a default for is left out, numbers may be floats, and nothing is declared.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Final, TypeVar

from lbpatterns.core import examples as specs
from lbpatterns.core.examples import with_backend as spec_with_backend
from lbpatterns.core.examples import with_frontend as spec_with_frontend
from lbpatterns.core.spec import LBSpec, PemCertificate
from lbpatterns.targets.scaleway.modes import LooseConfiguration
from lbpatterns.targets.scaleway.render import render
from lbpatterns.targets.scaleway.words import BALANCER, Reference, ScalewayConfiguration, Words

C = TypeVar("C", bound=ScalewayConfiguration)

LEFT_OUT: Final = object()
"""As a changed word: the argument is not there at all."""


def pem(label: str) -> str:
    """Text that has the form of a PEM block, and nothing in it."""
    return f"-----BEGIN {label}-----\n-----END {label}-----\n"


KEY_AND_CHAIN: Final = pem("PRIVATE KEY") + pem("CERTIFICATE")


def _spec(spec: LBSpec, **frontend: Any) -> LBSpec:
    held = tuple(PemCertificate(private_key_and_chain_pem=KEY_AND_CHAIN) for _ in spec.frontends[0].certificates)
    return spec_with_frontend(spec_with_backend(spec, ca_bundle_pem=None), certificates=held, **frontend)


OFFLOADED: Final = render(_spec(specs.OFFLOADED, redirect_http_port=80))
BRIDGED: Final = render(_spec(specs.BRIDGED, redirect_http_port=80))
PASSTHROUGH: Final = render(_spec(specs.PASSTHROUGH, redirect_http_port=80))

TO_HTTPS: Final[Words] = {
    "action": {"type": "redirect", "redirects": [{"type": "scheme", "target": "https", "code": 301.0}]},
    "match": {"ip_subnets": ["0.0.0.0/0", "::/0"]},
}

LOOSE_OFFLOADED: Final = LooseConfiguration(
    load_balancer={"type": "LB-S", "ip_ids": [Reference("ips", "shop-ip")]},
    ips={"shop-ip": {}},
    certificates={"shop": {"lb_id": BALANCER, "letsencrypt": {"common_name": "shop.example.test"}}},
    backends={
        "web": {"lb_id": BALANCER, "forward_protocol": "http", "forward_port": 8080.0, "server_ips": ["10.0.0.20"]}
    },
    frontends={
        "https": {
            "lb_id": BALANCER,
            "inbound_port": 443.0,
            "backend_id": Reference("backends", "web"),
            "certificate_ids": [Reference("certificates", "shop")],
        },
        "http": {
            "lb_id": BALANCER,
            "inbound_port": 80.0,
            "backend_id": Reference("backends", "web"),
            "acls": [TO_HTTPS],
        },
    },
)
LOOSE_BRIDGED: Final = dataclasses.replace(
    LOOSE_OFFLOADED,
    backends={
        "web": {
            **LOOSE_OFFLOADED.backends["web"],
            "forward_port": 8443.0,
            "ssl_bridging": True,
            "host": "backend.example.test",
            "health_check_https": {"uri": "/", "sni": "backend.example.test"},
        }
    },
)
LOOSE_PASSTHROUGH: Final = LooseConfiguration(
    load_balancer={"type": "LB-S", "ip_ids": [Reference("ips", "shop-ip")]},
    ips={"shop-ip": {}},
    backends={
        "web": {
            "lb_id": BALANCER,
            "forward_protocol": "tcp",
            "forward_port": 8443.0,
            "server_ips": ["10.0.0.20"],
            "sticky_sessions": "table",
        }
    },
    frontends={"tls": {"lb_id": BALANCER, "inbound_port": 443.0, "backend_id": Reference("backends", "web")}},
)


def with_words(configuration: C, kind: str, key: str, **changes: Any) -> C:
    """The configuration with arguments of one resource changed, added or `LEFT_OUT`."""
    resources = dict(getattr(configuration, kind))
    resources[key] = _changed(resources.get(key, {}), changes)
    return dataclasses.replace(configuration, **{kind: resources})


def with_backend(configuration: C, **changes: Any) -> C:
    """The same for the first backend."""
    return with_words(configuration, "backends", next(iter(configuration.backends)), **changes)


def with_frontend(configuration: C, **changes: Any) -> C:
    """The same for the first frontend."""
    return with_words(configuration, "frontends", next(iter(configuration.frontends)), **changes)


def with_certificate(configuration: C, **changes: Any) -> C:
    """The same for the first certificate."""
    return with_words(configuration, "certificates", next(iter(configuration.certificates)), **changes)


def with_balancer(configuration: C, **changes: Any) -> C:
    """The same for the load balancer itself."""
    return dataclasses.replace(configuration, load_balancer=_changed(configuration.load_balancer, changes))


def with_route(configuration: C, key: str = "route", **words: Any) -> C:
    """The configuration with one more route, from the first frontend to the first backend."""
    ends = {
        "frontend_id": Reference("frontends", next(iter(configuration.frontends))),
        "backend_id": Reference("backends", next(iter(configuration.backends))),
    }
    return with_words(configuration, "routes", key, **{**ends, **words})


def acl(action: str, *, redirect: Words | None = None, **match: Any) -> Words:
    """An ACL as an argument of its frontend."""
    return {"action": {"type": action, **({"redirects": [redirect]} if redirect else {})}, "match": match}


def _changed(words: Words, changes: Words) -> Words:
    return {name: value for name, value in {**words, **changes}.items() if value is not LEFT_OUT}
