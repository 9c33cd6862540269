"""The rules as Pulumi's policies: one a rule, so that each can be seen, silenced and tightened by its id.

Stack policies, because a rule joins resources. Pulumi fixes the level of a policy before it runs; what is to be said at
another level than the rule's own (a setting says so, somebody waived it, it is not known yet) is said by four policies
at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any, Final, TypeAlias

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyComplianceFramework,
    PolicyConfigSchema,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidation,
    StackValidationArgs,
    StackValidationPolicy,
)

from lbpatterns.core.constraint import Constraint
from lbpatterns.policy import words
from lbpatterns.policy.book import BOOK
from lbpatterns.policy.configuration import LOWERED, NOT_KNOWN_YET, PACK, RAISED, SCHEMA, WAIVED, ConfigurationError
from lbpatterns.policy.finding import Answer, Finding, Level
from lbpatterns.policy.remediation import remediations
from lbpatterns.policy.session import Session
from lbpatterns.policy.settings import DEFAULT, Settings

Policies: TypeAlias = list[Policy]

_LEVELS: Final = {
    Level.OFF: EnforcementLevel.DISABLED,
    Level.WARN: EnforcementLevel.ADVISORY,
    Level.REFUSE: EnforcementLevel.MANDATORY,
}


def make_policies(settings: Settings = DEFAULT, *, today: Callable[[], date] = date.today) -> Policies:
    """All policies of the pack, for a `PolicyPack`. They share what they read: take them all, or some of one call.

    What comes with a run as the configuration of the policy `lbpatterns` goes before `settings`.
    """
    session = Session(settings, today)
    return [
        _reader(session),
        *remediations(session),
        *(_rule(session, constraint, settings.level(constraint)) for constraint in BOOK),
        *_at_another_level(session, settings),
        _waived(session),
        _not_known_yet(session),
    ]


def run() -> None:
    """The pack, as Pulumi starts it; ends when Pulumi does."""
    PolicyPack(PACK, make_policies(), description="Every documented rule about load balancers and TLS")


def _reader(session: Session) -> Policy:
    def read(args: ResourceValidationArgs, report: ReportViolation) -> None:
        session.declare(args.urn, args.props)
        try:
            session.configure(args.get_config())
        except ConfigurationError as error:
            report(f"The configuration of {PACK} cannot be used, and its defaults are:\n{error}", args.urn)

    return ResourceValidationPolicy(
        PACK,
        "Reads what is declared, and holds the settings of all rules.",
        read,
        EnforcementLevel.MANDATORY,
        PolicyConfigSchema(properties=dict(SCHEMA)),
    )


def _rule(session: Session, constraint: Constraint[Any], level: Level) -> Policy:
    def check(args: StackValidationArgs, report: ReportViolation) -> None:
        session.asked.add(constraint.id)
        for finding in session.findings(args.resources):
            if finding.constraint.id == constraint.id and _is_broken(finding) and finding.level is level:
                report(words.explanation(finding), finding.urn)

    framework = next(iter(constraint.references), None)
    return StackValidationPolicy(
        constraint.id,
        constraint.title,
        check,
        _LEVELS[level],
        severity=Severity(constraint.severity.value),
        framework=PolicyComplianceFramework(framework.framework, reference=framework.clause) if framework else None,
        remediation_steps=words.fixes(constraint),
        url=constraint.source.url,
    )


def _at_another_level(session: Session, settings: Settings) -> Iterator[Policy]:
    own = {constraint.id: settings.level(constraint) for constraint in BOOK}

    def at(level: Level) -> StackValidation:
        def check(args: StackValidationArgs, report: ReportViolation) -> None:
            for finding in _asked(session, args):
                rule = finding.constraint
                if _is_broken(finding) and finding.level is level and own[rule.id] is not level:
                    report(f"{rule.id}: {rule.title}\n{words.explanation(finding)}", finding.urn)

        return check

    text = "A setting of {} makes a broken rule {}."
    yield StackValidationPolicy(RAISED, text.format(PACK, "mandatory"), at(Level.REFUSE), EnforcementLevel.MANDATORY)
    yield StackValidationPolicy(LOWERED, text.format(PACK, "advisory"), at(Level.WARN), EnforcementLevel.ADVISORY)


def _waived(session: Session) -> Policy:
    return _list(
        WAIVED,
        "Broken rules that somebody waived, for a reason and a time.",
        session,
        lambda findings: map(words.waiver, _answered(findings, Answer.WAIVED)),
    )


def _not_known_yet(session: Session) -> Policy:
    return _list(
        NOT_KNOWN_YET,
        "Rules that cannot be decided yet, by what they wait for; `pulumi up` decides them.",
        session,
        lambda findings: words.not_known(_answered(findings, Answer.UNDECIDED)),
    )


def _list(name: str, description: str, session: Session, lines: Callable[[Iterable[Finding]], Iterable[str]]) -> Policy:
    """A policy that reports once, of the stack as a whole, whatever there is to list."""

    def check(args: StackValidationArgs, report: ReportViolation) -> None:
        listed = "\n".join(dict.fromkeys(lines(_asked(session, args))))
        if listed:
            report(listed, None)

    return StackValidationPolicy(name, description, check, EnforcementLevel.ADVISORY)


def _asked(session: Session, args: StackValidationArgs) -> Iterator[Finding]:
    """What is found of rules that are not disabled."""
    return (finding for finding in session.findings(args.resources) if finding.constraint.id in session.asked)


def _answered(findings: Iterable[Finding], answer: Answer) -> Iterator[Finding]:
    return (finding for finding in findings if finding.answer is answer and finding.level is not Level.OFF)


def _is_broken(finding: Finding) -> bool:
    return finding.answer is Answer.VIOLATED
