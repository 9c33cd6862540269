"""Stacks written by hand, as a state (ids are known) or a preview (they are not) shows them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from lbpatterns.core.resource import Resource
from lbpatterns.core.spec import UNKNOWN

TYPES = {
    "lb": "scaleway:loadbalancers/loadBalancer:LoadBalancer",
    "ip": "scaleway:loadbalancers/ip:Ip",
    "certificate": "scaleway:loadbalancers/certificate:Certificate",
    "backend": "scaleway:loadbalancers/backend:Backend",
    "frontend": "scaleway:loadbalancers/frontend:Frontend",
    "route": "scaleway:loadbalancers/route:Route",
    "acl": "scaleway:loadbalancers/acl:Acl",
    "attachment": "scaleway:loadbalancers/privateNetwork:PrivateNetwork",
}
STACK = "urn:pulumi:test::shop::pulumi:pulumi:Stack::shop-test"
TO_HTTPS = {
    "action": {"type": "redirect", "redirects": [{"type": "scheme", "target": "https", "code": 301.0}]},
    "match": {"ipSubnets": ["0.0.0.0/0", "::/0"]},
}


def urn(token: str, name: str) -> str:
    return f"urn:pulumi:test::shop::{token}::{name}"


@dataclass
class Stack:
    """Resources in the order in which they are made; a resource given as an argument is a reference to it.

    `known`: ids are; else they are `UNKNOWN`, and what they come from is all there is to tell. `zoned`: references
    carry the zone. `old`: types have the tokens that they had before.
    """

    known: bool = True
    zoned: bool = True
    old: bool = False
    made: dict[str, Resource] = field(default_factory=dict)

    def add(self, kind: str, name: str, /, **props: Any) -> Resource:
        token = TYPES.get(kind, kind)
        if self.old:
            last = "" if kind == "lb" else kind.capitalize()
            token = f"scaleway:index/loadbalancer{last}:Loadbalancer{last}"
        identity = str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{kind}.{name}.test"))
        resource = Resource(
            urn=urn(token, name),
            type=token,
            name=name,
            props={key: self._value(value) for key, value in props.items()},
            id=f"fr-par-1/{identity}" if self.known else None,
            dependencies={key: tuple(_urns(value)) for key, value in props.items()},
        )
        self.made[resource.urn] = resource
        return resource

    def _value(self, value: Any) -> Any:
        if isinstance(value, Resource):
            if value.id is None:
                return UNKNOWN
            return value.id if self.zoned else value.id.partition("/")[2]
        return [self._value(item) for item in value] if isinstance(value, list) else value

    @property
    def resources(self) -> list[Resource]:
        return list(self.made.values())


def _urns(value: Any) -> Iterable[str]:
    if isinstance(value, Resource):
        yield value.urn
    elif isinstance(value, list):
        for item in value:
            yield from _urns(item)


def changed(resources: Iterable[Resource], name: str, **props: Any) -> list[Resource]:
    """The stack with properties of one resource changed; `...` takes one out."""
    return [
        replace(each, props={key: value for key, value in {**each.props, **props}.items() if value is not ...})
        if each.name == name
        else each
        for each in resources
    ]


def balancer(stack: Stack, name: str = "lb", /, **props: Any) -> Resource:
    """A public load balancer with an address of its own."""
    ip = stack.add("ip", f"{name}-ip")
    return stack.add("lb", name, type="LB-S", ipIds=[ip], **props)


def https(stack: Stack, *, bridged: bool = False, name: str = "", **backend: Any) -> Resource:
    """Offloading, or bridging, with Let's Encrypt and a redirect from plain HTTP. Answers the load balancer."""
    lb = balancer(stack, f"{name}lb")
    certificate = stack.add("certificate", f"{name}cert", lbId=lb, letsencrypt={"commonName": "shop.example.test"})
    tls = {
        "sslBridging": True,
        "host": "backend.example.com",
        "healthCheckHttps": {"uri": "/", "sni": "backend.example.com", "hostHeader": "backend.example.com"},
    }
    plain = {"healthCheckHttp": {"uri": "/"}}
    common: dict[str, Any] = {
        "lbId": lb,
        "forwardProtocol": "http",
        "forwardPort": 8443.0 if bridged else 8080.0,
        "serverIps": ["10.0.0.20", "10.0.0.21"],
        **(tls if bridged else plain),
    }
    web = stack.add("backend", f"{name}web", **{**common, **backend})
    stack.add("frontend", f"{name}https", lbId=lb, backendId=web, inboundPort=443.0, certificateIds=[certificate])
    stack.add("frontend", f"{name}http", lbId=lb, backendId=web, inboundPort=80.0, acls=[TO_HTTPS])
    return lb


def passthrough(stack: Stack, name: str = "", **backend: Any) -> Resource:
    """Passthrough by server name, to two backends."""
    lb = balancer(stack, f"{name}lb")
    common: dict[str, Any] = {
        "lbId": lb,
        "forwardProtocol": "tcp",
        "forwardPort": 8443.0,
        "serverIps": ["10.0.0.20", "10.0.0.21"],
        "stickySessions": "table",
        "healthCheckTcp": {},
    }
    web = stack.add("backend", f"{name}web", **{**common, **backend})
    api = stack.add("backend", f"{name}api", **common)
    tls = stack.add("frontend", f"{name}tls", lbId=lb, backendId=web, inboundPort=443.0)
    stack.add("route", f"{name}to-api", frontendId=tls, backendId=api, matchSni="api.example.test")
    return lb
