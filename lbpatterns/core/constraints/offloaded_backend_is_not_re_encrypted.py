"""No backend of an offloaded load balancer is spoken to in TLS."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, scaleway_modes, unknown, violated
from lbpatterns.core.examples import OFFLOADED, with_backend
from lbpatterns.core.spec import UNKNOWN, LBSpec, Mode


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for place, backend in spec.backend_places():
        if backend.tls is UNKNOWN:
            yield unknown(f"{place}.tls")
        elif backend.tls:
            yield violated(f"{place}.tls", "TLS towards the servers is on")


CONSTRAINT = Constraint(
    id="offloaded-backend-is-not-re-encrypted",
    title="No backend of an offloaded load balancer is spoken to in TLS.",
    why="Offloading sends decrypted traffic on as it is; TLS towards the servers makes it bridging, which "
    "needs verification that this declaration does not have.",
    fix="Turn TLS towards the servers off, or declare a BridgedLB with the server name and the trust anchor "
    "of the servers.",
    source=scaleway_modes("with offloading, traffic is not re-encrypted on its way to the backend server"),
    binding=Binding.DOCUMENTED,
    modes=frozenset({Mode.OFFLOADED}),
    check=_check,
    holds=(OFFLOADED,),
    fails=(with_backend(OFFLOADED, tls=True),),
    open=(with_backend(OFFLOADED, tls=UNKNOWN),),
    symptom="None: traffic is encrypted towards the servers, but whose certificate they show is declared nowhere.",
    covers=("A2", "A11", "LB006", "LB012"),
)
