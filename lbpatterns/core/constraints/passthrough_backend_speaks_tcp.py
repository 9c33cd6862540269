"""Every backend of a passthrough load balancer speaks TCP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity, scaleway_modes, violated
from lbpatterns.core.examples import PASSTHROUGH, with_backend
from lbpatterns.core.spec import LBSpec, Mode, Protocol


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for place, backend in spec.backend_places():
        if backend.protocol is not Protocol.TCP:
            yield violated(f"{place}.protocol", f"it is {backend.protocol}")


CONSTRAINT = Constraint(
    id="passthrough-backend-speaks-tcp",
    title="Every backend of a passthrough load balancer speaks TCP.",
    why="Encrypted traffic is no HTTP that the load balancer could parse; only TCP hands it on untouched.",
    fix="Set the protocol of this backend to TCP.",
    source=scaleway_modes("the backend must use the TCP protocol"),
    binding=Binding.DOCUMENTED,
    modes=frozenset({Mode.PASSTHROUGH}),
    check=_check,
    holds=(PASSTHROUGH,),
    fails=(with_backend(PASSTHROUGH, protocol=Protocol.HTTP),),
    symptom="The load balancer reads the client's first TLS message as an HTTP request: clients get 400 or a reset.",
    severity=Severity.HIGH,
    covers=("A3", "A23", "LB003", "LB012"),
)
