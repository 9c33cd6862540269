"""A bridged load balancer verifies its servers, or says for how long and why it does not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity, Source, violated
from lbpatterns.core.examples import BRIDGED, EXAMPLES_TODAY, with_backend
from lbpatterns.core.sources import NIST_SERVER_AUTHENTICATION, PCI_DSS_4_2_1
from lbpatterns.core.spec import InsecureSkip, LBSpec, Mode


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for place, backend in spec.backend_places():
        if backend.verify_server_certificate:
            continue
        skip = backend.insecure_skip_verify
        where = f"{place}.insecure_skip_verify"
        if skip is None:
            yield violated(f"{place}.verify_server_certificate", "it is switched off, and nobody says why")
            continue
        if not skip.reason.strip():
            yield violated(f"{where}.reason", "it is empty")
        if skip.until < today:
            yield violated(f"{where}.until", f"{skip.until} has passed")


_REASONED = InsecureSkip(reason="the appliance cannot be reissued before the move", until=EXAMPLES_TODAY)

CONSTRAINT = Constraint(
    id="bridged-backend-verifies-the-server",
    title="A bridged load balancer verifies its servers, or says for how long and why it does not.",
    why="A connection that is encrypted but not verified protects from nobody who can stand in its way.",
    fix="Leave verification on and declare `ca_bundle_pem`; or give "
    "`insecure_skip_verify=InsecureSkip(reason=..., until=...)` with a date ahead.",
    fix_by_hand={
        "scaleway": "Remove `ignore_ssl_server_verify` from the Backend, and let the servers hold a publicly trusted "
        "certificate for its `host`; or waive this rule with a reason and a last day."
    },
    source=Source(
        "Envoy, Certificate validation and verification",
        "https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/security/ssl",
        "nothing is verified unless a trust anchor and the names to match are configured",
    ),
    binding=Binding.DOCUMENTED,
    modes=frozenset({Mode.BRIDGED}),
    check=_check,
    holds=(BRIDGED, with_backend(BRIDGED, verify_server_certificate=False, insecure_skip_verify=_REASONED)),
    fails=(
        with_backend(BRIDGED, verify_server_certificate=False),
        with_backend(
            BRIDGED,
            verify_server_certificate=False,
            insecure_skip_verify=InsecureSkip(reason=" ", until=EXAMPLES_TODAY),
        ),
        with_backend(
            BRIDGED,
            verify_server_certificate=False,
            insecure_skip_verify=InsecureSkip(reason="migration", until=date(2026, 11, 20)),
        ),
    ),
    symptom="None: everything works, also with an impostor in the way, and health checks call a server healthy whose "
    "certificate expired long ago.",
    severity=Severity.HIGH,
    references=(PCI_DSS_4_2_1, NIST_SERVER_AUTHENTICATION),
    covers=("C71", "LB008"),
)
