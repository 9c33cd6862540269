"""The servers behind a passthrough load balancer hold a certificate, and it is declared."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, scaleway_modes, violated
from lbpatterns.core.examples import PASSTHROUGH, SERVER_CERTIFICATE, with_backend
from lbpatterns.core.spec import LBSpec, Mode, Server, ServerCertificate


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for place, backend in spec.backend_places():
        if backend.server_certificate is None and not all(server.certificate for server in backend.servers):
            yield violated(f"{place}.certificate", "none is declared")
        elif backend.server_certificate is not None and not backend.server_certificate.names:
            yield violated(f"{place}.certificate.names", "there is none")


CONSTRAINT = Constraint(
    id="passthrough-server-holds-its-own-certificate",
    title="The servers behind a passthrough load balancer hold a certificate, and it is declared.",
    why="Nobody but the server can present a certificate here; what clients will see has to be declared so "
    "that it can be proven.",
    fix="Declare `certificate` of the backend: the names that the servers' certificate carries and the CA "
    "that issued it.",
    source=scaleway_modes("the backend server must have its own certificate"),
    binding=Binding.DOCUMENTED,
    modes=frozenset({Mode.PASSTHROUGH}),
    check=_check,
    holds=(
        PASSTHROUGH,
        with_backend(
            PASSTHROUGH, server_certificate=None, servers=(Server(address="10.0.0.20", certificate=SERVER_CERTIFICATE),)
        ),
    ),
    fails=(
        with_backend(PASSTHROUGH, server_certificate=None),
        with_backend(PASSTHROUGH, server_certificate=ServerCertificate(names=())),
    ),
    symptom="Clients get no handshake where a server has no certificate; where it has one, nobody can tell whether it "
    "is the right one.",
    needs_declaration=True,
    covers=("A26", "B4", "B11"),
)
