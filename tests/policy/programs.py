"""Programs as people write them, from load balancers in Scaleway's words: no component, one call a resource."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from lbpatterns.core.spec import UNKNOWN
from lbpatterns.targets.scaleway.modes import LooseConfiguration
from lbpatterns.targets.scaleway.words import BALANCER, Reference, ScalewayConfiguration, Words

HEAD = """\
import pulumi
from pulumiverse_scaleway import loadbalancers as lb

late = lb.Ip("late").ip_address  # known once it is built
other = lb.LoadBalancer("other", ip_ids=[lb.Ip("other").id], type="LB-S")
made = {}
"""
CLASSES = {
    "ips": "Ip",
    "certificates": "Certificate",
    "backends": "Backend",
    "frontends": "Frontend",
    "routes": "Route",
    "acls": "Acl",
    "private_networks": "PrivateNetwork",
}


def program(balancers: Mapping[str, ScalewayConfiguration]) -> str:
    """One stack with all of them; each resource is called `NAME-KEY`, and a load balancer `NAME`."""
    return HEAD + "".join(f"{line}\n" for name, words in balancers.items() for line in _calls(name, words))


def _calls(name: str, balancer: ScalewayConfiguration) -> Iterator[str]:
    for key, words in balancer.ips.items():
        yield _call(name, balancer, Reference("ips", key), words)
    yield _call(name, balancer, BALANCER, balancer.load_balancer)
    for kind in list(CLASSES)[1:]:
        for key, words in getattr(balancer, kind, {}).items():
            yield _call(name, balancer, Reference(kind, key), words)


def _call(name: str, balancer: ScalewayConfiguration, own: Reference, words: Words) -> str:
    called = name if own == BALANCER else f"{name}-{own.key}"
    arguments = "".join(f", {word}={_value(name, balancer, value)}" for word, value in words.items())
    deletes_first = balancer.deletes_first.get(own) if isinstance(balancer, LooseConfiguration) else None
    if deletes_first is not None:
        arguments += f", opts=pulumi.ResourceOptions(delete_before_replace={deletes_first})"
    return f"made[{_key(name, own)}] = lb.{CLASSES.get(own.kind, 'LoadBalancer')}({called!r}{arguments})"


def _key(name: str, own: Reference) -> str:
    return repr((name, own.kind, own.key))


def _value(name: str, balancer: ScalewayConfiguration, value: Any) -> str:
    if value is UNKNOWN:
        return "late"
    if isinstance(value, Reference):
        is_here = value == BALANCER or value.key in getattr(balancer, value.kind, {})
        return f"made[{_key(name, value)}].id" if is_here else "other.id"
    if isinstance(value, Mapping):
        items = ((key, _id(item) if key == "private_network_id" else item) for key, item in value.items())
        return "{" + ", ".join(f"{key!r}: {_value(name, balancer, item)}" for key, item in items) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(name, balancer, item) for item in value) + "]"
    return repr(int(value)) if isinstance(value, float) and value.is_integer() else repr(value)


def _id(value: Any) -> Any:
    """The provider takes an id for a private network, where examples have a word."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, value)) if isinstance(value, str) else value
