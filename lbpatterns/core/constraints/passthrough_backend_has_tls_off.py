"""No backend of a passthrough load balancer has TLS switched on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity, scaleway_modes, unknown, violated
from lbpatterns.core.examples import PASSTHROUGH, with_backend
from lbpatterns.core.spec import UNKNOWN, LBSpec, Mode


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for place, backend in spec.backend_places():
        if backend.tls is UNKNOWN:
            yield unknown(f"{place}.tls")
        elif backend.tls:
            yield violated(f"{place}.tls", "TLS towards the servers is on")


CONSTRAINT = Constraint(
    id="passthrough-backend-has-tls-off",
    title="No backend of a passthrough load balancer has TLS switched on.",
    why="The client's TLS is already inside the stream; TLS towards the servers would wrap it a second time, "
    "and no server understands that.",
    fix="Turn TLS towards the servers off: it is the server that ends the client's TLS.",
    source=scaleway_modes("the TLS toggle must be disabled in the backend"),
    binding=Binding.DOCUMENTED,
    modes=frozenset({Mode.PASSTHROUGH}),
    check=_check,
    holds=(PASSTHROUGH,),
    fails=(with_backend(PASSTHROUGH, tls=True),),
    open=(with_backend(PASSTHROUGH, tls=UNKNOWN),),
    symptom="Every handshake fails: the server finds a second TLS inside the first.",
    severity=Severity.HIGH,
    covers=("A24", "LB004", "LB012"),
)
