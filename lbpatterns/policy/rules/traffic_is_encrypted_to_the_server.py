"""Where a team asks for it, traffic is encrypted all the way to the servers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Evidence, Found, Severity, comparison, unknown, violated
from lbpatterns.core.sources import PCI_DSS_4_2_1
from lbpatterns.core.spec import UNKNOWN, Mode
from lbpatterns.policy.rules._subject import Watched


def _check(watched: Watched, _today: date) -> Iterator[Found]:
    if watched.encrypted_to_the_server is False:
        return
    for place, mode in watched.modes:
        if mode is Mode.OFFLOADED and watched.encrypted_to_the_server is True:
            yield violated(place, "it is offloaded: what the servers receive is cleartext")
        elif mode is Mode.OFFLOADED or mode is UNKNOWN:
            yield unknown(place)


def _in(mode: Mode | None, *, asked: bool | None = True) -> Watched:
    """A load balancer in one mode; None stands for not known."""
    return Watched(
        modes=(("mode", UNKNOWN if mode is None else mode),),
        encrypted_to_the_server=UNKNOWN if asked is None else asked,
    )


CONSTRAINT = Constraint(
    id="traffic-is-encrypted-to-the-server",
    title="Where a team asks for it, traffic is encrypted all the way to the servers.",
    why="This stack, or this load balancer by its tag, is one in which nothing may travel in cleartext.",
    fix="Declare a BridgedLB or a PassthroughLB; on resources of your own, let the Backend have `ssl_bridging=True`.",
    source=comparison("bridging is the choice where rules ask for encryption all the way and for inspection as well"),
    binding=Binding.DOCUMENTED,
    modes=frozenset(Mode),
    check=_check,
    holds=(_in(Mode.BRIDGED), _in(Mode.PASSTHROUGH), _in(Mode.OFFLOADED, asked=False)),
    fails=(_in(Mode.OFFLOADED),),
    open=(_in(None), _in(Mode.OFFLOADED, asked=None)),
    not_applicable=(Watched(),),
    symptom="None: everything works, and whoever is on the way reads it.",
    evidence=Evidence.ADVICE,
    severity=Severity.HIGH,
    references=(PCI_DSS_4_2_1,),
    covers=("B6",),
)
