"""The servers behind an offloaded load balancer stand in a trusted, isolated network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from ipaddress import IPv4Address, IPv6Address, ip_address

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity, comparison, unknown, violated
from lbpatterns.core.examples import OFFLOADED, with_backend
from lbpatterns.core.names import network
from lbpatterns.core.sources import PCI_DSS_4_2_1
from lbpatterns.core.spec import UNKNOWN, LBSpec, Maybe, Mode, Server


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    if UNKNOWN in spec.trusted_networks:
        yield unknown("network.trusted")
        return
    read = [network(text) for text in spec.trusted_networks if text is not UNKNOWN]
    networks = [each for each in read if each is not None]  # what is no network is another rule's
    for place, backend in spec.backend_places():
        for index, server in enumerate(backend.servers):
            address = _address(server.address)
            where = f"{place}.servers[{index}].address"
            if address is None:
                yield unknown(where)
            elif not any(address in each for each in networks):
                yield violated(where, f"{address} is in none of the trusted networks")


def _address(value: Maybe[str]) -> IPv4Address | IPv6Address | None:
    """The address, or None where only name resolution (or the future) can tell it."""
    if value is UNKNOWN:
        return None
    try:
        return ip_address("127.0.0.1" if value == "localhost" else value)
    except ValueError:
        return None


CONSTRAINT = Constraint(
    id="offloaded-only-on-a-trusted-network",
    title="The servers behind an offloaded load balancer stand in a trusted, isolated network.",
    why="The traffic to them is cleartext: whoever is on the way reads and changes it.",
    fix="Use private addresses, name the isolated network in `network` (`trusted`), or declare a BridgedLB.",
    fix_by_hand={
        "scaleway": "Give private addresses in `server_ips` of the Backend, name the isolated network in the setting "
        "`trusted-networks`, or set `ssl_bridging=True` and let the servers speak TLS."
    },
    source=comparison(
        "traffic between load balancer and backend is unencrypted, only acceptable on a trusted, isolated network"
    ),
    binding=Binding.DOCUMENTED,
    modes=frozenset({Mode.OFFLOADED}),
    check=_check,
    holds=(
        OFFLOADED,
        replace(
            with_backend(OFFLOADED, servers=(Server(address="203.0.113.7"),)), trusted_networks=("203.0.113.0/24",)
        ),
    ),
    fails=(with_backend(OFFLOADED, servers=(Server(address="10.0.0.20"), Server(address="203.0.113.7"))),),
    open=(
        with_backend(OFFLOADED, servers=(Server(address=UNKNOWN),)),
        with_backend(OFFLOADED, servers=(Server(address="app.internal"),)),
    ),
    symptom="None: everything works, and whoever is on the way can read and change it.",
    severity=Severity.HIGH,
    references=(PCI_DSS_4_2_1,),
    covers=("B8", "B33", "LB010"),
)
