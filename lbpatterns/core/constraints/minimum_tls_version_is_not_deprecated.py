"""No TLS older than 1.2 is spoken."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity, violated
from lbpatterns.core.examples import BRIDGED, OFFLOADED, with_backend, with_frontend
from lbpatterns.core.sources import (
    BSI_VERSIONS,
    MOZILLA_INTERMEDIATE,
    NIST_CLIENT_VERSIONS,
    NIST_SERVER_VERSIONS,
    PCI_DSS_4_2_1,
    rfc,
)
from lbpatterns.core.spec import LBSpec, Mode, TLSVersion


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    spoken = [(f"frontends[{index}]", frontend.minimum_tls_version) for index, frontend in enumerate(spec.frontends)]
    if spec.mode is Mode.BRIDGED:
        spoken += [(place, backend.minimum_tls_version) for place, backend in spec.backend_places()]
    for place, version in spoken:
        if version.rank < TLSVersion.TLS_1_2.rank:
            yield violated(f"{place}.minimum_tls_version", f"it is {version}")


CONSTRAINT = Constraint(
    id="minimum-tls-version-is-not-deprecated",
    title="No TLS older than 1.2 is spoken.",
    why="TLS 1.0 and 1.1 rest on MD5 and SHA-1 and know no authenticated encryption; whoever stands in the way can "
    "talk both sides down to them where they are allowed.",
    fix="Let `minimum_tls_version` be 1.2 or 1.3; waive this rule for a time where a client cannot.",
    fix_by_hand={
        "scaleway": "Remove `ssl_compatibility_level` from the LoadBalancer, which makes it 1.2, or let it be "
        '`"ssl_compatibility_level_modern"` for 1.3; waive this rule for a time where a client cannot.'
    },
    symptom="None, until a scan or an audit finds the old version.",
    source=rfc(8996, "4", "Deprecating TLS 1.0 and TLS 1.1", "TLS 1.0 and 1.1 must not be used"),
    binding=Binding.DOCUMENTED,
    severity=Severity.HIGH,
    references=(PCI_DSS_4_2_1, BSI_VERSIONS, MOZILLA_INTERMEDIATE, NIST_SERVER_VERSIONS, NIST_CLIENT_VERSIONS),
    modes=frozenset({Mode.OFFLOADED, Mode.BRIDGED}),
    check=_check,
    holds=(OFFLOADED, with_frontend(BRIDGED, minimum_tls_version=TLSVersion.TLS_1_3)),
    fails=(
        with_frontend(OFFLOADED, minimum_tls_version=TLSVersion.TLS_1_0),
        with_backend(BRIDGED, minimum_tls_version=TLSVersion.TLS_1_1),
    ),
    covers=("C75", "LB050"),
)
