"""A network that is trusted with cleartext is a network, and not the Internet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity, comparison, unknown, violated
from lbpatterns.core.examples import OFFLOADED
from lbpatterns.core.names import network
from lbpatterns.core.sources import PCI_DSS_4_2_1
from lbpatterns.core.spec import PRIVATE_NETWORKS, UNKNOWN, LBSpec, Mode


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for index, text in enumerate(spec.trusted_networks):
        place = f"network.trusted[{index}]"
        if text is UNKNOWN:
            yield unknown(place)
        elif (read := network(text)) is None:
            yield violated(place, f"{text!r} is no network such as 10.0.0.0/8")
        elif read.prefixlen == 0:
            yield violated(place, f"{text} is the whole Internet")


CONSTRAINT = Constraint(
    id="trusted-networks-are-isolated",
    title="A network that is trusted with cleartext is a network, and not the Internet.",
    why="Who trusts every address has switched off the one rule that keeps decrypted traffic off public networks.",
    fix="Name in `network` (`trusted`) the isolated networks in which the servers stand, or declare a BridgedLB.",
    symptom="None: traffic crosses public networks in cleartext, and no rule says so any more.",
    source=comparison("cleartext behind the load balancer is only acceptable on a trusted, isolated network"),
    binding=Binding.DOCUMENTED,
    severity=Severity.HIGH,
    references=(PCI_DSS_4_2_1,),
    modes=frozenset({Mode.OFFLOADED}),
    check=_check,
    holds=(OFFLOADED, replace(OFFLOADED, trusted_networks=("10.0.0.0/24",))),
    fails=(
        replace(OFFLOADED, trusted_networks=(*PRIVATE_NETWORKS, "0.0.0.0/0")),
        replace(OFFLOADED, trusted_networks=(*PRIVATE_NETWORKS, "the office")),
    ),
    open=(replace(OFFLOADED, trusted_networks=(*PRIVATE_NETWORKS, UNKNOWN)),),
    covers=("B8", "B33"),
)
