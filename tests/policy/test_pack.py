"""The rules as Pulumi's policies: who says what at which level, and that a stack is judged once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest
from pulumi_policy import EnforcementLevel, Policy, ResourceValidationPolicy, Secret, StackValidationPolicy

from lbpatterns.core.constraint import Severity
from lbpatterns.core.resource import Resource
from lbpatterns.policy import pack, session, words
from lbpatterns.policy.book import BOOK
from lbpatterns.policy.configuration import LOWERED, NOT_KNOWN_YET, PACK, RAISED, VERIFY, WAIVED
from lbpatterns.policy.finding import Answer, Finding, Level
from lbpatterns.policy.settings import Settings
from lbpatterns.testing.policy import Outcome, PolicyStack, Remediated, Unknown

from .findings import ADVISED, BY_ID, REFUSED, TODAY, URN, finding

Judged = list[tuple[Sequence[Resource], Settings]]
LOAD_BALANCER = "scaleway:loadbalancers/loadBalancer:LoadBalancer"
BACKEND = "scaleway:loadbalancers/backend:Backend"


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Judged]:
    """`judged(finding, …)`: the judge finds these, and what it was asked is kept."""

    def finds(*found: Finding) -> Judged:
        asked: Judged = []

        def judge(resources: Sequence[Resource], *, settings: Settings, today: date) -> tuple[Finding, ...]:
            assert today == TODAY
            asked.append((resources, settings))
            return found

        monkeypatch.setattr(session, "judge", judge)
        return asked

    return finds


def policies(settings: Settings | None = None) -> dict[str, Policy]:
    made = pack.make_policies(settings or Settings(), today=lambda: TODAY)
    return {policy.name: policy for policy in made}


def run(
    policies: dict[str, Policy], stack: PolicyStack, config: dict[str, Any] | None = None, *, without: str = ""
) -> dict[str, Outcome]:
    """All policies, in the order of the pack, as the engine calls them; those that said nothing are left out."""
    outcomes = {
        name: stack.check(policy, (config or {}) if name == PACK else {})
        for name, policy in policies.items()
        if name not in {without, VERIFY}
    }
    return {name: outcome for name, outcome in outcomes.items() if outcome != Outcome()}


def test_each_rule_is_a_policy_with_its_level_severity_framework_fix_and_source() -> None:
    made = policies()
    others = {PACK, VERIFY, RAISED, LOWERED, WAIVED, NOT_KNOWN_YET}
    assert set(made) == {rule.id for rule in BOOK} | others
    for rule in BOOK:
        policy = made[rule.id]
        assert isinstance(policy, StackValidationPolicy)
        assert (policy.description, policy.url) == (rule.title, rule.source.url)
        assert policy.remediation_steps == words.fixes(rule)
        assert rule.fix in policy.remediation_steps
        assert all(by_hand in policy.remediation_steps for by_hand in rule.fix_by_hand.values())
        assert policy.severity is not None
        assert policy.severity.value == rule.severity.value
        assert bool(policy.framework) is bool(rule.references)
    assert made[REFUSED].enforcement_level is EnforcementLevel.MANDATORY
    assert made[ADVISED].enforcement_level is EnforcementLevel.ADVISORY
    assert made[VERIFY].enforcement_level is EnforcementLevel.DISABLED


def test_a_broken_rule_is_reported_by_its_own_policy_alone(judged: Callable[..., Judged]) -> None:
    judged(finding(), finding(ADVISED, level=Level.WARN, place="", words="nobody says who renews"))
    said = run(policies(), PolicyStack())
    assert set(said) == {REFUSED, ADVISED}
    (violation,) = said[REFUSED].violations
    assert violation.urn == URN
    rule = BY_ID[REFUSED]
    assert violation.message == (
        f"where:  ignoreSslServerVerify: it is true\nwhy:    {rule.why}\nfix:    {rule.fix}\nsource: {rule.source}"
    )


def test_what_no_component_made_is_told_how_to_fix_by_hand(judged: Callable[..., Judged]) -> None:
    judged(finding(by_hand="scaleway"))
    (violation,) = run(policies(), PolicyStack())[REFUSED].violations
    rule = BY_ID[REFUSED]
    assert f"\nfix:    {rule.fix_by_hand['scaleway']}\n" in violation.message
    assert rule.fix not in violation.message


def test_what_is_not_known_yet_is_said_once_a_rule_in_one_place(judged: Callable[..., Judged]) -> None:
    undecided = {"answer": Answer.UNDECIDED, "level": Level.WARN, "words": ""}
    judged(finding(**undecided), finding(urn=f"{URN}-2", **undecided), finding(ADVISED, place="", **undecided))
    said = run(policies(), PolicyStack())
    assert set(said) == {NOT_KNOWN_YET}
    (violation,) = said[NOT_KNOWN_YET].violations
    assert violation.urn == ""
    assert violation.message.splitlines() == [
        f"{REFUSED}: web ignoreSslServerVerify, web-2 ignoreSslServerVerify",
        f"{ADVISED}: web",
    ]


def test_what_is_waived_stays_visible(judged: Callable[..., Judged]) -> None:
    waived = finding(answer=Answer.WAIVED, level=Level.WARN, reason="moving", until=date(2027, 1, 31))
    judged(waived, finding(ADVISED, answer=Answer.WAIVED, level=Level.WARN, place="", words="x", reason="agreed"))
    said = run(policies(), PolicyStack())
    assert set(said) == {WAIVED}
    assert said[WAIVED].violations[0].message.splitlines() == [
        f"{REFUSED}: web ignoreSslServerVerify: it is true; waived, until 2027-01-31: moving",
        f"{ADVISED}: web: x; waived, without an end: agreed",
    ]


def test_a_setting_of_another_level_is_said_at_that_level(judged: Callable[..., Judged]) -> None:
    """Pulumi fixes a policy's own level before the configuration of another one is known."""
    judged(finding(level=Level.WARN), finding(ADVISED, level=Level.REFUSE))
    made = policies()
    said = run(made, PolicyStack(), {"severities": {"high": "advisory"}})
    assert set(said) == {RAISED, LOWERED}
    assert said[LOWERED].violations[0].message.startswith(f"{REFUSED}: {BY_ID[REFUSED].title}\nwhere: ")
    assert said[RAISED].violations[0].message.startswith(f"{ADVISED}: ")
    assert (made[RAISED].enforcement_level, made[LOWERED].enforcement_level) == (
        EnforcementLevel.MANDATORY,
        EnforcementLevel.ADVISORY,
    )


def test_settings_that_are_known_from_the_start_are_the_policies_own_levels(judged: Callable[..., Judged]) -> None:
    settings = Settings(rules={REFUSED: Level.WARN, ADVISED: Level.OFF})
    asked = judged(finding(level=Level.WARN))
    made = policies(settings)
    assert made[REFUSED].enforcement_level is EnforcementLevel.ADVISORY
    assert made[ADVISED].enforcement_level is EnforcementLevel.DISABLED
    assert set(run(made, PolicyStack())) == {REFUSED}
    assert asked[0][1] == settings


@pytest.mark.parametrize("answer", [Answer.UNDECIDED, Answer.WAIVED, Answer.VIOLATED])
def test_a_policy_that_is_disabled_is_not_spoken_for_by_others(judged: Callable[..., Judged], answer: Answer) -> None:
    judged(finding(answer=answer, level=Level.WARN))
    assert run(policies(), PolicyStack(), without=REFUSED) == {}


def test_a_stack_is_judged_once_and_again_when_it_or_the_settings_changed(judged: Callable[..., Judged]) -> None:
    asked = judged()
    made, stack = policies(), PolicyStack()
    stack.add(LOAD_BALANCER, "lb", {"type": "LB-S"})
    run(made, stack)
    run(made, stack)
    assert len(asked) == 1
    run(made, stack, {"days-before-expiry": 14})
    assert (len(asked), asked[-1][1].days_before_expiry) == (2, 14)
    stack.add(BACKEND, "web", {"ignoreSslServerVerify": True})
    run(made, stack, {"days-before-expiry": 14})
    assert len(asked) == 3


def test_the_judge_sees_inputs_where_a_preview_says_that_nothing_is_known(judged: Callable[..., Judged]) -> None:
    asked = judged()
    stack = PolicyStack()
    stack.add(BACKEND, "web", {"forwardPort": 80}, computed=["healthCheckPort"])
    run(policies(), stack)
    assert dict(asked[0][0][0].props) == {"forwardPort": 80.0}


def test_a_configuration_that_cannot_be_used_is_one_error(judged: Callable[..., Judged]) -> None:
    """Reported with the first resource that comes, and not again with each."""
    asked = judged()
    stack = PolicyStack()
    for name in ("one", "two"):
        stack.add(BACKEND, name)
    said = run(policies(), stack, {"trusted-networks": ["10.0.0.1/8"]})
    assert set(said) == {PACK}
    (violation,) = said[PACK].violations
    assert "lbpatterns.trusted-networks[0]: 10.0.0.1/8 has host bits set" in violation.message
    assert "fix: write a network such as 10.0.0.0/8" in violation.message
    assert asked[0][1] == Settings()


def test_a_defect_of_ours_ends_the_run_and_quotes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_off(resources: Any, **named: Any) -> None:
        raise KeyError("canary")

    monkeypatch.setattr(session, "judge", break_off)
    with pytest.raises(session.JudgementError, match=r"\(KeyError\)") as failed:
        run(policies(), PolicyStack())
    assert "canary" not in str(failed.value)
    assert failed.value.__suppress_context__


def test_an_importable_list_is_made_when_it_is_asked_for() -> None:
    program = (
        "import sys, lbpatterns.policy as p; assert 'pulumi_policy' not in sys.modules\n"
        "from lbpatterns.policy import policies; assert policies is p.policies\n"
        "print(len(policies)); p.nothing"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert int(ended.stdout) == len(BOOK) + 6
    assert ended.stderr.endswith("module 'lbpatterns.policy' has no attribute 'nothing'\n")


def backend(stack: PolicyStack, **changes: Any) -> Any:
    props = {"ignoreSslServerVerify": True, "host": Secret("canary"), "forwardPort": Unknown("number")}
    return stack.add(BACKEND, changes.pop("name", "web"), {**props, **changes.pop("props", {})}, **changes)


def remedied(stack: PolicyStack, added: Any, **config: Any) -> Remediated | None:
    made = policies()
    stack.check(made[PACK], config)
    verify = made[VERIFY]
    assert isinstance(verify, ResourceValidationPolicy)
    return stack.remediate(verify, added)


def test_verification_is_switched_back_on_and_secrets_stay_secret() -> None:
    stack = PolicyStack()
    result = remedied(stack, backend(stack))
    assert result is not None
    expected = {"ignoreSslServerVerify": False, "host": "canary", "forwardPort": Unknown("number")}
    assert dict(result.props) == expected
    assert result.secrets == {"host"}


WAIVER = {"rule": REFUSED, "reason": "moving", "resource": "web"}


@pytest.mark.parametrize(
    ("changes", "waiver", "is_remedied"),
    [
        ({}, {**WAIVER, "rule": "bridged-*"}, False),
        ({}, {**WAIVER, "expires": "2026-11-21"}, False),
        ({}, {**WAIVER, "expires": "2026-11-20"}, True),
        ({}, {**WAIVER, "resource": "other"}, True),
        ({}, {**WAIVER, "reason": " "}, True),
        ({}, {**WAIVER, "rule": "offloaded-*"}, True),
        ({"props": {"ignoreSslServerVerify": False}}, {"rule": "x"}, False),
        ({"props": {"ignoreSslServerVerify": Unknown("boolean")}}, {"rule": "x"}, False),
    ],
)
def test_what_is_waived_or_not_so_is_left_alone(changes: Any, waiver: Any, is_remedied: bool) -> None:
    stack = PolicyStack()
    assert bool(remedied(stack, backend(stack, **changes), waivers=[waiver])) is is_remedied


def test_components_and_other_resources_are_left_alone() -> None:
    stack = PolicyStack()
    shop = stack.add("lbpatterns:index:BridgedLB", "shop")
    assert remedied(stack, backend(stack, parent=shop)) is None
    assert remedied(stack, stack.add("other:index:Backend", "x", {"ignoreSslServerVerify": True})) is None


def test_severities_are_those_that_pulumi_knows() -> None:
    assert {severity.value for severity in Severity} <= {"low", "medium", "high", "critical"}
