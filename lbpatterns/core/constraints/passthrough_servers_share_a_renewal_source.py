"""The certificates of the servers behind a passthrough load balancer are renewed by one source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity, comparison, violated
from lbpatterns.core.examples import PASSTHROUGH, SERVER_CERTIFICATE, with_backend
from lbpatterns.core.spec import LBSpec, Mode, Server


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for place, backend in spec.backend_places():
        certificates = [server.certificate or backend.server_certificate for server in backend.servers]
        sources = {certificate.renewed_by for certificate in certificates if certificate is not None}
        if len(sources) > 1:
            named = ", ".join(sorted(source or "not said" for source in sources))
            yield violated(f"{place}.servers", f"renewed by {named}")


CONSTRAINT = Constraint(
    id="passthrough-servers-share-a-renewal-source",
    title="The certificates of the servers behind a passthrough load balancer are renewed by one source.",
    why="Certificate management spreads out over all servers; where each is renewed by something else, one of "
    "them is forgotten and fails for a part of the clients.",
    fix="Let one system renew the certificates of all servers of a backend, and name it in `renewed_by`.",
    source=comparison("with passthrough, certificate management spreads out across all backends"),
    binding=Binding.ADVISED,
    modes=frozenset({Mode.PASSTHROUGH}),
    check=_check,
    holds=(PASSTHROUGH,),
    fails=(
        with_backend(
            PASSTHROUGH,
            servers=(
                Server(address="10.0.0.20"),
                Server(address="10.0.0.21", certificate=replace(SERVER_CERTIFICATE, renewed_by="a calendar")),
            ),
        ),
    ),
    not_applicable=(with_backend(PASSTHROUGH, servers=PASSTHROUGH.backend.servers[:1]),),
    symptom="One day some clients get an expired certificate, others do not: it depends on the server that they reach.",
    severity=Severity.LOW,
    needs_declaration=True,
    covers=("B13", "B19"),
)
