"""Where a team asks for it, traffic is encrypted all the way to the servers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Evidence, Found, Severity, comparison, unknown, violated
from lbpatterns.core.sources import PCI_DSS_4_2_1
from lbpatterns.core.spec import UNKNOWN, Maybe, Mode
from lbpatterns.policy.rules._subject import ToServers, Watched


def _check(watched: Watched, _today: date) -> Iterator[Found]:
    if watched.encrypted_to_the_server is False:
        return
    for sent in watched.to_servers:
        if sent.cleartext is True and watched.encrypted_to_the_server is True:
            yield violated(sent.place, "what the servers receive is cleartext")
        elif sent.cleartext is not False:
            yield unknown(sent.place)


def _with(cleartext: Maybe[bool], *, asked: Maybe[bool] = True) -> Watched:
    sent = ToServers(place="backends[web].ssl_bridging", cleartext=cleartext)
    return Watched(to_servers=(sent,), encrypted_to_the_server=asked)


CONSTRAINT = Constraint(
    id="traffic-is-encrypted-to-the-server",
    title="Where a team asks for it, traffic is encrypted all the way to the servers.",
    why="This stack, or this load balancer by its tag, is one in which nothing may travel in cleartext.",
    fix="Declare a BridgedLB or a PassthroughLB; on resources of your own, let the Backend have `ssl_bridging=True`.",
    source=comparison("bridging is the choice where rules ask for encryption all the way and for inspection as well"),
    binding=Binding.DOCUMENTED,
    modes=frozenset(Mode),
    check=_check,
    holds=(_with(cleartext=False), _with(cleartext=True, asked=False), _with(cleartext=UNKNOWN, asked=False)),
    fails=(_with(cleartext=True),),
    open=(_with(UNKNOWN), _with(cleartext=True, asked=UNKNOWN)),
    not_applicable=(Watched(),),
    symptom="None: everything works, and whoever is on the way reads it.",
    evidence=Evidence.ADVICE,
    severity=Severity.HIGH,
    references=(PCI_DSS_4_2_1,),
    covers=("B6",),
)
