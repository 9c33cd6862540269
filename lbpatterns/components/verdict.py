"""Everything that can be said against a spec, in the lines that a user reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from lbpatterns.components.errors import ArgumentsError
from lbpatterns.core.check import Report, check
from lbpatterns.core.spec import UNKNOWN, LBSpec, Maybe, PemCertificate
from lbpatterns.core.target import Target, unsupported


@dataclass(frozen=True, slots=True)
class Verdict:
    """`problems` keep a load balancer from being built; `warnings` are said and do not."""

    problems: tuple[str, ...]
    warnings: tuple[str, ...]

    def refuse(self, who: str) -> None:
        """Raises `ArgumentsError` with all problems of `who` (`BridgedLB 'shop'`) at once, if there are any."""
        if self.problems:
            count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
            raise ArgumentsError(f"{who} is not built: {count}\n" + "\n".join(f"  {line}" for line in self.problems))


def verdict_on(spec: LBSpec, target: Target) -> Verdict:
    """All answers for what is known of `spec`: rules, certificates, and what `target` cannot do."""
    now = datetime.now(UTC)
    report = check(spec, today=now.date())
    problems = (
        *(violation.message() for violation in report.refused),
        *_pem_problems(spec, now),
        *unsupported(spec, target),
    )
    return Verdict(problems, tuple(_warnings(spec, report)))


def _warnings(spec: LBSpec, report: Report) -> Iterator[str]:
    for violation in report.advice:
        yield "advised: " + violation.message()
    for waived in report.waived:
        yield (
            f"waived until {waived.exception.expires}: {waived.violation.constraint.id} at {waived.violation.place} "
            f"({waived.violation.found}), because: {waived.exception.reason}"
        )
    for place, backend in spec.backend_places():
        skip = backend.insecure_skip_verify
        if skip is not None:
            yield f"{place}: its servers are NOT VERIFIED until {skip.until}, because: {skip.reason}"


def _pem_problems(spec: LBSpec, now: datetime) -> Iterator[str]:
    from lbpatterns.pem import bundle_problems, problems  # noqa: PLC0415 (loads cryptography)

    for place, certificate in _held_certificates(spec):
        text = certificate.private_key_and_chain_pem
        if text is not UNKNOWN:
            for problem in problems(text, now):
                yield f"{place}.private_key_and_chain_pem: {problem}"
    for place, bundle in _bundles(spec):
        if bundle is not None and bundle is not UNKNOWN:
            for problem in bundle_problems(bundle, now):
                yield f"{place}.ca_bundle_pem: {problem}"


def _held_certificates(spec: LBSpec) -> Iterator[tuple[str, PemCertificate]]:
    for number, frontend in enumerate(spec.frontends):
        for index, certificate in enumerate(frontend.certificates):
            if isinstance(certificate, PemCertificate):
                yield f"frontends[{number}].certificates[{index}]", certificate
    for place, backend in spec.backend_places():
        if backend.client_certificate is not None:
            yield f"{place}.client_certificate", backend.client_certificate


def _bundles(spec: LBSpec) -> Iterator[tuple[str, Maybe[str] | None]]:
    for place, certificate in _held_certificates(spec):
        yield place, certificate.ca_bundle_pem
    for place, backend in spec.backend_places():
        yield place, backend.ca_bundle_pem
        if backend.server_certificate is not None:
            yield f"{place}.certificate", backend.server_certificate.ca_bundle_pem
