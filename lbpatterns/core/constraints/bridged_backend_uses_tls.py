"""Every backend of a bridged load balancer is spoken to in TLS."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity, scaleway_modes, unknown, violated
from lbpatterns.core.examples import BRIDGED, with_backend
from lbpatterns.core.sources import PCI_DSS_4_2_1
from lbpatterns.core.spec import UNKNOWN, LBSpec, Mode


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for place, backend in spec.backend_places():
        if backend.tls is UNKNOWN:
            yield unknown(f"{place}.tls")
        elif not backend.tls:
            yield violated(f"{place}.tls", "TLS towards the servers is off")


CONSTRAINT = Constraint(
    id="bridged-backend-uses-tls",
    title="Every backend of a bridged load balancer is spoken to in TLS.",
    why="With TLS off towards the servers, what was decrypted travels on in cleartext: that is offloading, "
    "not bridging.",
    fix="Turn TLS towards the servers on for this backend, or declare an OffloadedLB if its network is "
    "trusted and isolated.",
    source=scaleway_modes("the frontend must be linked to a backend which has TLS activated"),
    binding=Binding.DOCUMENTED,
    modes=frozenset({Mode.BRIDGED}),
    check=_check,
    holds=(BRIDGED,),
    fails=(with_backend(BRIDGED, tls=False),),
    open=(with_backend(BRIDGED, tls=UNKNOWN),),
    symptom="A server that speaks TLS answers 400 (a plain HTTP request was sent to its HTTPS port) and clients get "
    "503; one that does not answers, and nobody notices the cleartext.",
    severity=Severity.HIGH,
    references=(PCI_DSS_4_2_1,),
    covers=("A1", "A8", "B3", "B15", "LB007", "LB012"),
)
