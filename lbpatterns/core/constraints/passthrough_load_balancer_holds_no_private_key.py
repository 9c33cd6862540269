"""A passthrough load balancer holds no private key for its servers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity, comparison, violated
from lbpatterns.core.examples import CERTIFICATE, PASSTHROUGH, with_backend
from lbpatterns.core.spec import LBSpec, Mode


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for place, backend in spec.backend_places():
        if backend.client_certificate is not None:
            yield violated(f"{place}.client_certificate", "it is declared")


CONSTRAINT = Constraint(
    id="passthrough-load-balancer-holds-no-private-key",
    title="A passthrough load balancer holds no private key for its servers.",
    why="Its promise is that no key and no cleartext is ever on the load balancer; a client certificate there "
    "would put a key on it that it cannot even use.",
    fix="Remove `client_certificate`: clients present their own through the untouched connection. Declare a "
    "BridgedLB if the load balancer is to present one.",
    source=comparison("with passthrough there is no private key on the load balancer"),
    binding=Binding.DOCUMENTED,
    modes=frozenset({Mode.PASSTHROUGH}),
    check=_check,
    holds=(PASSTHROUGH,),
    fails=(with_backend(PASSTHROUGH, client_certificate=CERTIFICATE),),
    symptom="None: the key lies where it has no use, and whoever gets hold of the load balancer gets hold of it.",
    severity=Severity.HIGH,
    covers=("B12", "B14", "B31"),
)
