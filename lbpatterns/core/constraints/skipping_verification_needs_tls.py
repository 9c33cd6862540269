"""Verification of the servers is switched off only where there is TLS to verify."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Evidence, Found, Severity, violated
from lbpatterns.core.examples import EXAMPLES_TODAY, OFFLOADED, PASSTHROUGH, with_backend
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import InsecureSkip, LBSpec, Mode


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for place, backend in spec.backend_places():
        if not backend.verify_server_certificate:
            yield violated(f"{place}.verify_server_certificate", "it is switched off")
        elif backend.insecure_skip_verify is not None:
            yield violated(f"{place}.insecure_skip_verify", "it is declared")


CONSTRAINT = Constraint(
    id="skipping-verification-needs-tls",
    title="Verification of the servers is switched off only where there is TLS to verify.",
    why="In this mode the load balancer sees no certificate of a server; the switch means nothing today, and turns "
    "verification off unseen on the day when somebody turns TLS on.",
    fix="Leave `verify_server_certificate` and `insecure_skip_verify` out, or declare a BridgedLB.",
    fix_by_hand={"scaleway": "Remove `ignore_ssl_server_verify` from the Backend."},
    symptom="None today.",
    source=scaleway_page(
        "reference-content/configuring-backends", "whether certificates are verified is asked where TLS is activated"
    ),
    binding=Binding.ADVISED,
    evidence=Evidence.INFERRED,
    severity=Severity.LOW,
    modes=frozenset({Mode.OFFLOADED, Mode.PASSTHROUGH}),
    check=_check,
    holds=(OFFLOADED, PASSTHROUGH),
    fails=(
        with_backend(OFFLOADED, verify_server_certificate=False),
        with_backend(PASSTHROUGH, insecure_skip_verify=InsecureSkip(reason="migration", until=EXAMPLES_TODAY)),
    ),
    covers=("LB009",),
)
