"""No argument is used that the provider has deprecated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity
from lbpatterns.core.sources import scaleway_resource
from lbpatterns.core.spec import UNKNOWN, Maybe, Mode
from lbpatterns.targets.scaleway.constraints._answers import answer
from lbpatterns.targets.scaleway.defaults import flag, items, place, read
from lbpatterns.targets.scaleway.examples import LOOSE_OFFLOADED, OFFLOADED, with_backend, with_balancer
from lbpatterns.targets.scaleway.words import Reference, ScalewayConfiguration, Words


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    words = configuration.load_balancer
    # An id that is not known yet is given all the same, unless nothing is known of the load balancer at all.
    given = read("load_balancer", words, "ip_id")
    unseen = given is UNKNOWN and read("load_balancer", words, "type") is UNKNOWN
    yield from answer(UNKNOWN if unseen else given is not None, "load_balancer.ip_id", "use `ip_ids`")
    releases = flag("load_balancer", words, "release_ip")
    yield from answer(releases, "load_balancer.release_ip", "it does nothing; the Ip resource is what is deleted")
    networks = items(words, "private_networks")
    for at, network in enumerate([UNKNOWN] if networks is UNKNOWN else networks):
        for name in ("static_configs", "dhcp_config"):
            where = f"load_balancer.private_networks[{at}].{name}"
            yield from answer(_is_set(network, name), where, "use `ipam_ids`, or leave it out")
    for key, backend in configuration.backends.items():
        sends = flag("backends", backend, "send_proxy_v2")
        yield from answer(sends, place("backends", key, "send_proxy_v2"), 'use `proxy_protocol="v2"`')


def _is_set(words: Words, name: str) -> Maybe[bool]:
    value = read("load_balancer", words, name)
    return UNKNOWN if value is UNKNOWN else value is not None and value is not False and value != []


CONSTRAINT = Constraint(
    id="no-deprecated-argument-is-used",
    title="No argument is used that the provider has deprecated.",
    why="It is kept for old stacks, contradicts the argument that took its place where both are given, and goes with "
    "one of the next versions.",
    fix="Use `ip_ids` for `ip_id`, `proxy_protocol` for `send_proxy_v2`, `ipam_ids` for `static_configs` and "
    "`dhcp_config`, and nothing for `release_ip`.",
    source=scaleway_resource("lb_backend", "`send_proxy_v2` is deprecated, `proxy_protocol` takes its place"),
    binding=Binding.ADVISED,
    modes=frozenset(Mode),
    check=_check,
    holds=(OFFLOADED, LOOSE_OFFLOADED),
    fails=(
        with_backend(LOOSE_OFFLOADED, send_proxy_v2=True),
        with_balancer(LOOSE_OFFLOADED, ip_ids=None, ip_id=Reference("ips", "shop-ip")),
        with_balancer(LOOSE_OFFLOADED, release_ip=True),
        with_balancer(LOOSE_OFFLOADED, private_networks=[{"private_network_id": "fr-par/one", "dhcp_config": True}]),
    ),
    open=(with_backend(LOOSE_OFFLOADED, send_proxy_v2=UNKNOWN),),
    symptom="Warnings at every run, and an error after an upgrade of the provider.",
    severity=Severity.LOW,
)
