"""A backend of an offloaded load balancer declares nothing about certificates of its servers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity, scaleway_modes, violated
from lbpatterns.core.examples import OFFLOADED, SERVER_CERTIFICATE, with_backend
from lbpatterns.core.spec import LBSpec, Mode


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for place, backend in spec.backend_places():
        for field in ("server_name", "expected_name", "ca_bundle_pem", "client_certificate", "server_certificate"):
            if getattr(backend, field) is not None:
                yield violated(f"{place}.{field}", "it is declared")


CONSTRAINT = Constraint(
    id="offloaded-server-needs-no-certificate",
    title="A backend of an offloaded load balancer declares nothing about certificates of its servers.",
    why="Its servers are spoken to in plain HTTP and never show a certificate: a server name, trust anchor or "
    "client certificate declared here protects nothing.",
    fix="Remove what speaks of the servers' TLS, or declare a BridgedLB if the servers do hold a certificate.",
    source=scaleway_modes("the backend server does not need a certificate"),
    binding=Binding.DOCUMENTED,
    modes=frozenset({Mode.OFFLOADED}),
    check=_check,
    holds=(OFFLOADED,),
    fails=(
        with_backend(OFFLOADED, ca_bundle_pem="(an internal CA)"),
        with_backend(OFFLOADED, server_certificate=SERVER_CERTIFICATE),
    ),
    symptom="None: what is declared about TLS of the servers has no effect.",
    severity=Severity.LOW,
    covers=("A15",),
)
