"""Legs observed with real traffic, judged, and told as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from lbpatterns.core.judge import Answer, LegVerdict, judge
from lbpatterns.core.legs import ExpectedLeg
from lbpatterns.core.observation import CertificateSeen, Observation
from lbpatterns.core.spec import UNKNOWN, Leg, Mode
from lbpatterns.verify.observe import observe
from lbpatterns.verify.probe import DEFAULT_TIMEOUT, Probe, equivalent_commands, probe_for
from lbpatterns.verify.words import plain_without_keys

# A client that lies about its scheme; a load balancer that decrypts has to overwrite it.
SPOOFED = (("X-Forwarded-Proto", "http"),)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen on legs, what it means, and the commands that ask the same."""

    verdicts: tuple[LegVerdict, ...]
    commands: dict[str, tuple[str, ...]]

    @property
    def proven(self) -> bool:
        """Whether every leg is."""
        return bool(self.verdicts) and all(verdict.proven for verdict in self.verdicts)

    @property
    def violated(self) -> bool:
        """Whether anything that was seen goes against the declaration."""
        return any(finding.answer is Answer.VIOLATED for verdict in self.verdicts for finding in verdict.findings)

    def legs_as_plain(self) -> list[dict[str, Any]]:
        """For machines: one object a leg, everything but keys."""
        legs = [_leg(verdict, self.commands.get(verdict.expected.name, ())) for verdict in self.verdicts]
        return [plain_without_keys(leg) for leg in legs]


def gather(
    legs: Sequence[ExpectedLeg],
    *,
    client_certificate_pem: str | None = None,
    timeout: float = DEFAULT_TIMEOUT,
    ca_file: str = "ca.pem",
    client_file: str = "client.pem",
) -> Evidence:
    """Observe every leg at once and judge what was seen.

    `client_certificate_pem` (private key and chain) is presented where the mode lets it reach the servers; `timeout`,
    in seconds, is that of one leg. Raises ValueError for a leg that cannot be asked.
    """
    probes = [probe for leg in legs if (probe := _probe(leg, client_certificate_pem, timeout)) is not None]
    with ThreadPoolExecutor(max_workers=max(1, min(16, len(probes)))) as workers:
        observed: list[Observation] = list(workers.map(observe, probes))
    commands = {probe.name: equivalent_commands(probe, ca_file=ca_file, client_file=client_file) for probe in probes}
    return Evidence(judge(legs, observed), commands)


def _probe(leg: ExpectedLeg, client_certificate_pem: str | None, timeout: float) -> Probe | None:
    client = client_certificate_pem if leg.mode is Mode.PASSTHROUGH else None
    headers = SPOOFED if leg.leg is Leg.FRONTEND and leg.mode is not Mode.PASSTHROUGH else ()
    try:
        return probe_for(leg, timeout=timeout, headers=headers, client_certificate_pem=client)
    except ValueError as error:
        raise ValueError(f"{leg.name}: {error}") from None


def _leg(verdict: LegVerdict, commands: tuple[str, ...]) -> dict[str, Any]:
    expected, seen = verdict.expected, verdict.observation
    plain: dict[str, Any] = {
        "leg": expected.name,
        "side": expected.leg.value,
        "mode": expected.mode.value,
        "promise": expected.promise.value,
        "server_name": None if expected.server_name is UNKNOWN else expected.server_name,
        "proven": verdict.proven,
        "findings": [{"answer": finding.answer.value, "sentence": finding.sentence} for finding in verdict.findings],
        "commands": list(commands),
        "observed": None,
    }
    if seen is not None:
        plain["observed"] = {
            "peer": f"{seen.host}:{seen.port}",
            "outcome": seen.outcome.value,
            "detail": seen.detail,
            "seconds": round(seen.seconds, 4),
            "tls": _tls(seen),
            "http": _http(seen),
        }
    return plain


def _tls(seen: Observation) -> dict[str, Any] | None:
    if seen.tls is None:
        return None
    return {
        "version": seen.tls.version.value,
        "cipher": seen.tls.cipher,
        "alpn": seen.tls.alpn,
        "server_name": seen.server_name,
        "verified": seen.tls.verified,
        "verified_against": seen.tls.verified_against,
        "fault": seen.tls.fault.value if seen.tls.fault else None,
        "error": seen.tls.error,
        "client_certificate_requested": seen.tls.client_certificate_requested,
        "chain": [_certificate(certificate) for certificate in seen.tls.chain],
    }


def _certificate(seen: CertificateSeen) -> dict[str, Any]:
    return {
        "subject": seen.subject,
        "issuer": seen.issuer,
        "names": list(seen.names),
        "not_before": seen.not_before.isoformat(),
        "not_after": seen.not_after.isoformat(),
        "days_left": seen.days_left,
        "key": seen.key,
        "sha256": seen.sha256,
    }


def _http(seen: Observation) -> dict[str, Any] | None:
    if seen.http is None:
        return None
    report = seen.http.report
    return {
        "status": seen.http.status,
        "server_saw": None
        if report is None
        else {
            "server": report.server,
            "received_over": report.received_over,
            "tls_version": report.tls_version,
            "server_name": report.server_name,
            "client_certificate": report.client_certificate,
            "headers": [list(pair) for pair in report.headers],
        },
    }
