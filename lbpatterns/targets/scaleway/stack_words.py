"""A resource's properties as Scaleway's words: names in snake case, and one spelling for what may be spelled two ways.

Properties arrive as the engine has them: camel case, whole numbers as floats, empty text for what was left out, and
what the provider counts as one thing sometimes as a list of one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from lbpatterns.core.resource import Resource
from lbpatterns.core.spec import UNKNOWN
from lbpatterns.targets.scaleway.words import Words

LOAD_BALANCERS: Final = "load_balancers"

# Each type has the token of today and, but for the youngest, an older one, which states and aliases still carry.
KINDS: Final[Mapping[str, str]] = {
    "scaleway:loadbalancers/loadBalancer:LoadBalancer": LOAD_BALANCERS,
    "scaleway:index/loadbalancer:Loadbalancer": LOAD_BALANCERS,
    "scaleway:loadbalancers/ip:Ip": "ips",
    "scaleway:index/loadbalancerIp:LoadbalancerIp": "ips",
    "scaleway:loadbalancers/certificate:Certificate": "certificates",
    "scaleway:index/loadbalancerCertificate:LoadbalancerCertificate": "certificates",
    "scaleway:loadbalancers/backend:Backend": "backends",
    "scaleway:index/loadbalancerBackend:LoadbalancerBackend": "backends",
    "scaleway:loadbalancers/frontend:Frontend": "frontends",
    "scaleway:index/loadbalancerFrontend:LoadbalancerFrontend": "frontends",
    "scaleway:loadbalancers/route:Route": "routes",
    "scaleway:index/loadbalancerRoute:LoadbalancerRoute": "routes",
    "scaleway:loadbalancers/acl:Acl": "acls",
    "scaleway:index/loadbalancerAcl:LoadbalancerAcl": "acls",
    "scaleway:loadbalancers/privateNetwork:PrivateNetwork": "private_networks",
}

COMPUTED: Final[Mapping[str, frozenset[str]]] = {
    LOAD_BALANCERS: frozenset({"ipAddress", "ipv6Address", "privateIps", "region"}),
    "ips": frozenset({"ipAddress", "region"}),
    "certificates": frozenset(
        {"commonName", "fingerprint", "notValidAfter", "notValidBefore", "status", "subjectAlternativeNames"}
    ),
}
"""What a kind says of itself that nobody declared, by the engine's names; everything else it says was declared."""

_LISTS: Final = frozenset(
    {
        "acls",
        "certificate_ids",
        "http_filter_values",
        "ip_ids",
        "ip_subnets",
        "private_networks",
        "redirects",
        "server_ips",
        "subject_alternative_names",
        "tags",
    }
)
_SINGLE: Final = frozenset(
    {
        "action",
        "custom_certificate",
        "health_check_http",
        "health_check_https",
        "health_check_tcp",
        "ipam_ids",
        "ipam_ip_ids",
        "letsencrypt",
        "match",
    }
)


class Unseen(Words):
    """The words of a load balancer that is not in the stack: whatever is asked, nobody here knows."""

    def get(self, *_: Any) -> Any:
        """Not known."""
        return UNKNOWN

    def __missing__(self, name: str) -> Any:
        return UNKNOWN


def words_of(resource: Resource) -> Words:
    """The arguments that a resource was given, and what it says of itself.

    A name that Pulumi made is left out: nobody gave it.
    """
    words = _words(resource.props)
    name = words.get("name")
    if isinstance(name, str) and re.fullmatch(rf"{re.escape(resource.name)}-[0-9a-f]{{7}}", name):
        del words["name"]
    if words.get("connection_rate_limit") == 0:
        del words["connection_rate_limit"]
    return words


@lru_cache(maxsize=1024)
def snake(name: str) -> str:
    """`sslBridging` is `ssl_bridging`."""
    return re.sub(r"(?<=.)([A-Z])", r"_\1", name).lower()


def camel(path: str) -> str:
    """`match.ip_subnets[0]` is `match.ipSubnets[0]`."""
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), path)


def _words(props: Mapping[str, Any]) -> Words:
    said = ((snake(name), value) for name, value in props.items() if not name.startswith("__"))
    return {name: _value(name, value) for name, value in said if value is not None and value != ""}


def _value(name: str, value: Any) -> Any:
    if value is UNKNOWN:
        return value
    if name in _LISTS and not isinstance(value, list | tuple):
        value = [value]
    if name in _SINGLE and isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _words(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value if item is not None]
    return int(value) if isinstance(value, float) and value.is_integer() else value
