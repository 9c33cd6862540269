"""An exception from a rule says why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Evidence, Found, Severity, Source, violated
from lbpatterns.core.examples import BRIDGED, EXAMPLES_TODAY, with_backend, with_exception
from lbpatterns.core.spec import LBSpec, Mode

_RULE = "bridged-backend-verifies-the-server"
_UNVERIFIED = with_backend(BRIDGED, verify_server_certificate=False)


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for index, exception in enumerate(spec.exceptions):
        if not exception.reason.strip():
            yield violated(f"exceptions[{index}].reason", f"none is given for waiving {exception.rule}")


CONSTRAINT = Constraint(
    id="exception-has-a-reason",
    title="An exception from a rule says why.",
    why="A waived rule has to stay visible, and whoever reads it later has to be able to tell whether it still stands.",
    fix="Give the exception a `reason`, or remove it.",
    source=Source(
        "Pulumi policy, requests for exemptions",
        "https://github.com/pulumi/pulumi-policy/issues/225",
        "users ask for exemptions that are named, reasoned and visible",
    ),
    binding=Binding.DOCUMENTED,
    modes=frozenset(Mode),
    check=_check,
    holds=(BRIDGED, with_exception(_UNVERIFIED, _RULE, expires=EXAMPLES_TODAY)),
    fails=(with_exception(_UNVERIFIED, _RULE, reason="  ", expires=EXAMPLES_TODAY),),
    not_applicable=(BRIDGED,),
    symptom="The exception waives nothing: the rule counts as if it were not there.",
    evidence=Evidence.ADVICE,
    severity=Severity.LOW,
)
