"""A backend that speaks HTTP hands on the client's address in a header, not in the PROXY protocol."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity, violated
from lbpatterns.core.examples import BRIDGED, OFFLOADED, with_backend
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import LBSpec, Mode, Protocol, ProxyProtocol


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for place, backend in spec.backend_places():
        if backend.protocol is Protocol.HTTP and backend.proxy_protocol is not ProxyProtocol.NONE:
            yield violated(f"{place}.proxy_protocol", f"it is {backend.proxy_protocol}")


CONSTRAINT = Constraint(
    id="http-backend-needs-no-proxy-protocol",
    title="A backend that speaks HTTP hands on the client's address in a header, not in the PROXY protocol.",
    why="X-Forwarded-For carries the address already, and a server that does not expect the PROXY protocol takes its "
    "first line for a broken request.",
    fix="Leave `proxy_protocol` out and let the servers read X-Forwarded-For; or waive this rule where they are set "
    "up for the PROXY protocol.",
    symptom="Servers that are not set up for it answer every request with 400.",
    source=scaleway_page(
        "reference-content/configuring-backends",
        "over HTTP the client's address is in X-Forwarded-For without the PROXY protocol, which servers must support",
    ),
    binding=Binding.ADVISED,
    severity=Severity.LOW,
    modes=frozenset({Mode.OFFLOADED, Mode.BRIDGED}),
    check=_check,
    holds=(OFFLOADED, BRIDGED),
    fails=(with_backend(OFFLOADED, proxy_protocol=ProxyProtocol.V2),),
    covers=("C70", "LB037"),
)
