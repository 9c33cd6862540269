"""A frontend of a passthrough load balancer holds no certificate."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity, scaleway_modes, violated
from lbpatterns.core.examples import CERTIFICATE, PASSTHROUGH, with_frontend
from lbpatterns.core.spec import LBSpec, Mode


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for index, frontend in enumerate(spec.frontends):
        if frontend.certificates:
            yield violated(f"frontends[{index}].certificates", f"it holds {len(frontend.certificates)}")


CONSTRAINT = Constraint(
    id="passthrough-frontend-holds-no-certificate",
    title="A frontend of a passthrough load balancer holds no certificate.",
    why="A certificate on the frontend makes the load balancer decrypt: clients then see its certificate "
    "instead of the server's, and the mode is another one.",
    fix="Remove the certificates from the frontend, or declare a BridgedLB or an OffloadedLB if the load "
    "balancer is to decrypt.",
    source=scaleway_modes("the frontend does not need a certificate, and may listen on any port"),
    binding=Binding.DOCUMENTED,
    modes=frozenset({Mode.PASSTHROUGH}),
    check=_check,
    holds=(PASSTHROUGH,),
    fails=(with_frontend(PASSTHROUGH, certificates=(CERTIFICATE,)),),
    symptom="The load balancer ends the clients' TLS: servers receive cleartext on a port for TLS, handshakes fail, "
    "and client certificates never reach them.",
    severity=Severity.HIGH,
    covers=("A22", "B11", "LB002", "LB025"),
)
