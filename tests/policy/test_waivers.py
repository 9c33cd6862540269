"""A waiver has a reason, a name that exists, a last day, and something to waive; until then everything counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from lbpatterns.core.examples import BRIDGED, OFFLOADED
from lbpatterns.core.resource import Resource
from lbpatterns.core.spec import UNKNOWN, LBSpec, PemCertificate, RuleException, Server
from lbpatterns.policy.finding import Answer, Finding, Level
from lbpatterns.policy.judge import judge
from lbpatterns.policy.settings import Settings, Waiver

from .loose import STACK, Stack, changed, https
from .test_stack_reading import component, with_children

TODAY = date(2026, 11, 21)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
TRUSTED = "offloaded-only-on-a-trusted-network"
VERIFIES = "bridged-backend-verifies-the-server"
USED, REASON = "exception-is-used", "exception-has-a-reason"


def public_servers(name: str = "") -> Stack:
    stack = Stack()
    https(stack, name=name, serverIps=["203.0.113.7"])
    return stack


def findings(resources: list[Resource], *waivers: Waiver, **settings: object) -> tuple[Finding, ...]:
    return judge(resources, settings=replace(Settings(waivers=waivers), **settings), today=TODAY)  # type: ignore[arg-type]


def said(resources: list[Resource], *waivers: Waiver) -> list[tuple[str, str]]:
    """Rule and answer of everything that is said."""
    return [(each.constraint.id, each.answer.value) for each in findings(resources, *waivers)]


def waived(rule: str, **more: object) -> Waiver:
    return Waiver(**{"rule": rule, "reason": "agreed in review", "expires": TOMORROW, **more})  # type: ignore[arg-type]


def test_a_waiver_is_seen_with_its_reason_and_last_day() -> None:
    (finding,) = findings(public_servers().resources, waived(TRUSTED, reason=" the link is a VPN "))
    assert finding.answer is Answer.WAIVED
    assert finding.level is Level.WARN
    assert (finding.reason, finding.until) == ("the link is a VPN", TOMORROW)
    assert finding.words.startswith("203.0.113.7")


@pytest.mark.parametrize(
    ("waiver", "expected"),
    [
        (waived(TRUSTED, expires=TODAY), [(TRUSTED, "waived")]),
        (waived(TRUSTED, expires=None), [(TRUSTED, "waived")]),
        (waived("offloaded-*"), [(TRUSTED, "waived")]),
        (waived("*"), [(TRUSTED, "waived")]),
        (waived(TRUSTED, expires=YESTERDAY), [(TRUSTED, "violated"), (USED, "violated")]),
        (waived(TRUSTED, reason="  "), [(TRUSTED, "violated"), (REASON, "violated")]),
        # No reason is what is said, whether or not it has expired as well.
        (waived(TRUSTED, reason="", expires=YESTERDAY), [(TRUSTED, "violated"), (REASON, "violated")]),
        (waived("offloaded-only-on-trusted-network"), [(TRUSTED, "violated"), (USED, "violated")]),
        (waived("nothing-like-it-*"), [(TRUSTED, "violated"), (USED, "violated")]),
        (waived("bridged-*"), [(TRUSTED, "violated"), (USED, "violated")]),
        (waived(TRUSTED, resource="web"), [(TRUSTED, "waived")]),
        (waived(TRUSTED, resource="l?"), [(TRUSTED, "waived")]),  # the load balancer's own name
        (waived(TRUSTED, resource="api*"), [(TRUSTED, "violated"), (USED, "violated")]),
    ],
)
def test_what_a_waiver_does(waiver: Waiver, expected: list[tuple[str, str]]) -> None:
    assert said(public_servers().resources, waiver) == expected


def test_what_is_wrong_with_a_waiver_is_said_of_the_stack() -> None:
    stack = public_servers()
    stack.add("pulumi:pulumi:Stack", "shop-test")
    *_, finding = findings(stack.resources, waived("*"), waived("offloaded-only-on-trusted-network"))
    assert (finding.urn, finding.place) == (STACK, "waivers[1].rule")
    assert finding.words == f"there is no rule 'offloaded-only-on-trusted-network'; did you mean {TRUSTED}?"
    *_, finding = findings(stack.resources, waived(TRUSTED, expires=YESTERDAY))
    assert (finding.place, finding.words) == ("waivers[0].expires", f"2026-11-20 has passed, {TRUSTED} counts again")
    *_, finding = findings(stack.resources, waived("bridged-*"))
    assert (finding.place, finding.level) == ("waivers[0]", Level.WARN)


def test_one_that_has_expired_beside_one_that_counts() -> None:
    """The rule is waived, and whoever wrote the old one hears of it."""
    old, new = waived(TRUSTED, expires=YESTERDAY), waived("offloaded-*")
    for order in ((old, new), (new, old)):
        assert said(public_servers().resources, *order) == [(TRUSTED, "waived"), (USED, "violated")]


def test_two_that_count_are_both_used() -> None:
    assert said(public_servers().resources, waived(TRUSTED), waived("*")) == [(TRUSTED, "waived")]


def test_a_waiver_for_one_resource_leaves_the_others() -> None:
    resources = [*public_servers("a-").resources, *public_servers("b-").resources]
    found = findings(resources, waived(TRUSTED, resource="a-*"))
    assert [(each.resource, each.answer.value) for each in found] == [("a-web", "waived"), ("b-web", "violated")]


def test_a_waiver_of_what_is_not_known_yet_may_still_be_used() -> None:
    late = changed(public_servers().resources, "web", serverIps=[UNKNOWN])
    assert said(late, waived(TRUSTED)) == [(TRUSTED, "undecided")]


def test_nothing_waives_what_is_said_of_waivers() -> None:
    wrong = (waived("exception-*"), waived("no-such-rule"), waived(TRUSTED, reason=""))
    assert said(public_servers().resources, *wrong) == [
        (TRUSTED, "violated"),
        (USED, "violated"),
        (USED, "violated"),
        (REASON, "violated"),
    ]


def test_a_rule_that_is_off_is_waived_in_silence() -> None:
    found = findings(public_servers().resources, waived(TRUSTED), rules={TRUSTED: Level.OFF})
    assert found == ()


def test_unused_waivers_may_be_switched_off() -> None:
    assert findings(public_servers().resources, waived("*"), waived("bridged-*"), rules={USED: Level.OFF})


# Exceptions that a component declares.


def unverified(*exceptions: RuleException) -> LBSpec:
    held = (PemCertificate(private_key_and_chain_pem=UNKNOWN),)
    return replace(
        BRIDGED,
        frontends=(replace(BRIDGED.frontends[0], certificates=held),),
        backend=replace(BRIDGED.backend, ca_bundle_pem=None, verify_server_certificate=False),
        exceptions=exceptions,
    )


def exception(rule: str, reason: str = "agreed in review", expires: date = TOMORROW) -> RuleException:
    return RuleException(rule=rule, reason=reason, expires=expires)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (exception(VERIFIES), [(VERIFIES, "waived")]),
        (exception(VERIFIES, reason=" "), [(VERIFIES, "violated"), (REASON, "violated")]),
        (exception(VERIFIES, expires=YESTERDAY), [(VERIFIES, "violated"), (USED, "violated")]),
        (exception(TRUSTED), [(VERIFIES, "violated"), (USED, "violated")]),
        (exception("bridged-backend-verifies-server"), [(VERIFIES, "violated"), (USED, "violated")]),
        (exception("bridged-*"), [(VERIFIES, "violated"), (USED, "violated")]),  # patterns are for teams
    ],
)
def test_what_an_exception_does(entry: RuleException, expected: list[tuple[str, str]]) -> None:
    assert said([component(unverified(entry))]) == expected


def test_what_is_wrong_with_an_exception_is_said_of_its_component() -> None:
    resource = component(unverified(exception(VERIFIES), exception("bridged-backend-verifies-server")))
    *_, finding = findings([resource])
    assert (finding.urn, finding.place) == (resource.urn, "exceptions[1].rule")
    assert finding.words.endswith(f"did you mean {VERIFIES}?") or VERIFIES in finding.words


def test_an_exception_is_for_its_own_load_balancer() -> None:
    own = with_children(unverified(exception(VERIFIES)), name="own")
    other = with_children(unverified(), name="other")
    found = [each for each in findings([*own, *other]) if each.constraint.id == VERIFIES]
    assert [(each.resource, each.answer.value) for each in found] == [("own", "waived"), ("other", "violated")]


def test_an_exception_covers_what_the_resources_of_the_component_show() -> None:
    """One from a rule in Scaleway's own words is no unknown name."""
    rule = "frontend-certificate-is-not-expired"
    spec = replace(unverified(exception(VERIFIES), exception(rule)))
    resources = changed(
        with_children(spec),
        "shop-certificate-0-0",
        customCertificate={"certificateChain": UNKNOWN},
        notValidAfter="2026-11-01T00:00:00Z",
        status="ready",
    )
    answers = {each.constraint.id: each.answer for each in findings(resources)}
    assert answers[rule] is Answer.WAIVED
    assert USED not in answers


def test_a_team_waives_what_a_component_does_not() -> None:
    resources = [component(unverified(exception(VERIFIES, expires=YESTERDAY)))]
    assert said(resources, waived("bridged-*")) == [(VERIFIES, "waived"), (USED, "violated")]


def test_an_exception_that_is_not_used_yet_where_a_value_is_not_known() -> None:
    late = replace(
        OFFLOADED,
        backend=replace(OFFLOADED.backend, servers=(Server(address=UNKNOWN),)),
        exceptions=(exception(TRUSTED),),
    )
    assert said([component(late)]) == [(TRUSTED, "undecided")]
