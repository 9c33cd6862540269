"""An exception waives a rule that exists, is broken here, and has not expired."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Evidence, Found, Severity, Source, violated
from lbpatterns.core.examples import BRIDGED, EXAMPLES_TODAY, with_backend, with_exception
from lbpatterns.core.other_books import stands_elsewhere
from lbpatterns.core.spec import LBSpec, Mode

_RULE = "bridged-backend-verifies-the-server"
_OWN_ID = "exception-is-used"


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    from lbpatterns.core.constraints import CONSTRAINTS  # noqa: PLC0415 (the book holds this rule too)

    rules = {constraint.id: constraint for constraint in CONSTRAINTS if constraint.id != _OWN_ID}
    for index, exception in enumerate(spec.exceptions):
        rule = rules.get(exception.rule)
        if rule is None and stands_elsewhere(exception.rule):
            continue  # whoever knows that rule says whether it is broken
        if rule is None:
            yield violated(f"exceptions[{index}].rule", f"there is no rule {exception.rule!r}")
        elif exception.expires < today:
            yield violated(f"exceptions[{index}].expires", f"{exception.expires} has passed, {rule.id} counts again")
        elif spec.mode not in rule.modes or not list(rule.check(spec, today)):
            yield violated(f"exceptions[{index}]", f"{rule.id} holds without it")


CONSTRAINT = Constraint(
    id="exception-is-used",
    title="An exception waives a rule that exists, is broken here, and has not expired.",
    why="An exception that waives nothing hides the day on which it starts to.",
    fix="Correct the rule's name, set a new date after looking at it again, or remove the exception.",
    source=Source(
        "Pulumi policy, requests for exemptions",
        "https://github.com/pulumi/pulumi-policy/issues/438",
        "users ask for exemptions that end by themselves and do not linger",
    ),
    binding=Binding.ADVISED,
    modes=frozenset(Mode),
    check=_check,
    holds=(
        BRIDGED,
        with_exception(with_backend(BRIDGED, verify_server_certificate=False), _RULE, expires=EXAMPLES_TODAY),
    ),
    fails=(
        with_exception(BRIDGED, _RULE, expires=EXAMPLES_TODAY),
        with_exception(BRIDGED, "no-such-rule", expires=EXAMPLES_TODAY),
        with_exception(with_backend(BRIDGED, verify_server_certificate=False), _RULE, expires=date(2026, 11, 20)),
    ),
    not_applicable=(BRIDGED,),
    symptom="A rule counts that somebody believes waived, or is waived on the day on which it is broken.",
    evidence=Evidence.ADVICE,
    severity=Severity.LOW,
)
