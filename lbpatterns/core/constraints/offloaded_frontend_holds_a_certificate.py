"""A frontend of an offloaded load balancer holds a certificate."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity, scaleway_modes, violated
from lbpatterns.core.examples import OFFLOADED, with_frontend
from lbpatterns.core.sources import PCI_DSS_4_2_1
from lbpatterns.core.spec import LBSpec, Mode


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for index, frontend in enumerate(spec.frontends):
        if not frontend.certificates:
            yield violated(f"frontends[{index}].certificates", "there is none")


CONSTRAINT = Constraint(
    id="offloaded-frontend-holds-a-certificate",
    title="A frontend of an offloaded load balancer holds a certificate.",
    why="The load balancer decrypts what clients send; without a certificate on the frontend there is nothing "
    "to decrypt with.",
    fix="Give the frontend `certificates` with at least one certificate, or declare a PassthroughLB if the "
    "servers hold it.",
    source=scaleway_modes("the frontend must have a certificate"),
    binding=Binding.DOCUMENTED,
    modes=frozenset({Mode.OFFLOADED}),
    check=_check,
    holds=(OFFLOADED,),
    fails=(with_frontend(OFFLOADED, certificates=()),),
    symptom="Clients get cleartext on the port for HTTPS, and say `wrong version number` or ERR_SSL_PROTOCOL_ERROR.",
    severity=Severity.HIGH,
    references=(PCI_DSS_4_2_1,),
    covers=("A10", "A13", "LB001"),
)
