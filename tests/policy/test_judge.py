"""A stack is judged: each mistake once, at the resource that makes it, as loud as a team wants it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lbpatterns.core.constraint import Binding, Constraint, Severity
from lbpatterns.core.examples import BRIDGED, EXAMPLES_TODAY, OFFLOADED
from lbpatterns.core.resource import Resource
from lbpatterns.core.spec import UNKNOWN
from lbpatterns.pki import Authority, Issued
from lbpatterns.policy import rules as book
from lbpatterns.policy.finding import Answer, Finding, Level
from lbpatterns.policy.judge import judge
from lbpatterns.policy.settings import Settings

from .loose import TO_HTTPS, Stack, balancer, changed, https, passthrough, urn
from .test_stack_reading import component, with_children

TODAY = date(2026, 11, 21)
EACH_RULE = pytest.mark.parametrize("rule", book.CONSTRAINTS, ids=lambda rule: rule.id)

Told = tuple[str, str, str]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("Rules CA")


def told(resources: list[Resource], settings: Settings | None = None, today: date = TODAY) -> list[Told]:
    """Rule, resource and property of everything that is broken."""
    found = judge(resources, settings=settings or Settings(), today=today)
    return [
        (finding.constraint.id, finding.resource, finding.place)
        for finding in found
        if finding.answer is Answer.VIOLATED
    ]


def undecided(resources: list[Resource], settings: Settings | None = None) -> list[Told]:
    found = judge(resources, settings=settings or Settings(), today=TODAY)
    return [
        (finding.constraint.id, finding.resource, finding.place)
        for finding in found
        if finding.answer is Answer.UNDECIDED
    ]


@pytest.mark.parametrize("known", [True, False], ids=["ids", "no-ids"])
@pytest.mark.parametrize("make", [https, lambda stack: https(stack, bridged=True), passthrough])
def test_a_stack_that_is_right_is_silent(known: bool, make: Any) -> None:
    stack = Stack(known=known)
    make(stack)
    assert judge(stack.resources, today=TODAY) == ()


def test_nothing_to_judge() -> None:
    assert judge([], today=TODAY) == ()
    stack = Stack()
    stack.add("aws:s3/bucket:Bucket", "bucket", acl="public-read")
    assert judge(stack.resources, today=TODAY) == ()


MISTAKES: list[tuple[str, dict[str, Any], Told]] = [
    ("web", {"serverIps": ["203.0.113.7"]}, ("offloaded-only-on-a-trusted-network", "web", "serverIps[0]")),
    (
        "https",
        {"certificateIds": []},
        ("frontend-and-backend-make-one-of-the-three-modes", "https", "backendId"),
    ),
    ("web", {"ignoreSslServerVerify": True}, ("skipping-verification-needs-tls", "web", "ignoreSslServerVerify")),
]


@pytest.mark.parametrize(("resource", "props", "expected"), MISTAKES)
def test_a_mistake_is_told_where_it_is(resource: str, props: dict[str, Any], expected: Told) -> None:
    stack = Stack()
    https(stack)
    found = told(changed(stack.resources, resource, **props))
    assert any(rule.startswith(expected[0]) and (name, place) == expected[1:] for rule, name, place in found), found


def test_a_mistake_that_two_frontends_share_is_one() -> None:
    stack = Stack()
    lb = https(stack, serverIps=["203.0.113.7", "203.0.113.8"])
    web = stack.made[urn("scaleway:loadbalancers/backend:Backend", "web")]
    certificate = stack.made[urn("scaleway:loadbalancers/certificate:Certificate", "cert")]
    stack.add("frontend", "more", lbId=lb, backendId=web, inboundPort=8443.0, certificateIds=[certificate])
    assert [(rule, place) for rule, _, place in told(stack.resources)] == [
        ("offloaded-only-on-a-trusted-network", "serverIps[0]"),
        ("offloaded-only-on-a-trusted-network", "serverIps[1]"),
    ]


def test_a_mistake_with_a_rule_in_either_book_is_one() -> None:
    """Two frontends on one port: a component's declaration breaks one rule, its resources the other."""
    stack = Stack()
    lb = https(stack)
    web = stack.made[urn("scaleway:loadbalancers/backend:Backend", "web")]
    stack.add("frontend", "again", lbId=lb, backendId=web, inboundPort=80.0, acls=[TO_HTTPS])
    clashes = [rule for rule, _, _ in told(stack.resources) if "clash" in rule]
    assert len(clashes) == 1
    spec = replace(OFFLOADED, frontends=(OFFLOADED.frontends[0], OFFLOADED.frontends[0]))
    clashes = [rule for rule, _, _ in told(with_children(spec)) if "clash" in rule]
    assert clashes == ["frontend-ports-do-not-clash"]


def test_what_is_not_known_yet_is_told_once_for_a_rule_and_a_load_balancer() -> None:
    stack = Stack(known=False)
    for name in ("a-", "b-"):
        https(stack, name=name, serverIps=[UNKNOWN, UNKNOWN, UNKNOWN])
    rule = "offloaded-only-on-a-trusted-network"
    assert [each for each in undecided(stack.resources) if each[0] == rule] == [
        (rule, "a-web", "serverIps[0]"),
        (rule, "b-web", "serverIps[0]"),
    ]
    assert told(stack.resources) == []


def test_a_toggle_that_is_not_known_yet_is_no_mistake_and_no_pass() -> None:
    stack = Stack()
    passthrough(stack, stickySessions="cookie", stickySessionsCookieName="shop")
    rule = "passthrough-has-no-cookie-stickiness"
    assert (rule, "web", "stickySessions") in told(stack.resources)
    late = changed(stack.resources, "web", sslBridging=UNKNOWN)
    assert (rule, "web", "stickySessions") in undecided(late)
    assert rule not in {each[0] for each in told(late)}


def test_what_a_load_balancer_of_another_stack_is_is_not_asked_here() -> None:
    stack = Stack()
    https(stack)
    rest = [each for each in stack.resources if not each.name.startswith("lb")]
    assert told(rest) == []
    # Whether clients reach it over IPv6 decides about an ACL that is here.
    assert {resource for _, resource, _ in undecided(rest)} <= {"http", "https"}


def test_more_unknowns_than_anybody_can_think_through() -> None:
    stack = Stack()
    lb = balancer(stack)
    toggles = (
        "forwardProtocol",
        "sslBridging",
        "ignoreSslServerVerify",
        "stickySessions",
        "proxyProtocol",
        "serverIps",
    )
    web = stack.add("backend", "web", lbId=lb, forwardPort=1, **dict.fromkeys(toggles, UNKNOWN))
    frontend = stack.add("frontend", "tls", lbId=lb, backendId=web, inboundPort=443, certificateIds=UNKNOWN)
    stack.add("route", "to-web", frontendId=frontend, backendId=UNKNOWN, matchSni="x.test")
    assert told(stack.resources) == []
    assert "passthrough-has-no-cookie-stickiness" in {rule for rule, _, _ in undecided(stack.resources)}


def test_a_certificate_without_its_key_is_one_mistake(authority: Authority) -> None:
    assert len(told(with_text(issued(authority, 60).chain_pem))) == 1


# How loud.


def level_of(settings: Settings, rule: str = "offloaded-only-on-a-trusted-network") -> Level | None:
    stack = Stack()
    https(stack, serverIps=["203.0.113.7"])
    found = [each for each in judge(stack.resources, settings=settings, today=TODAY) if each.constraint.id == rule]
    return found[0].level if found else None


@pytest.mark.parametrize(
    ("settings", "level"),
    [
        (Settings(), Level.REFUSE),
        (Settings(severities={Severity.HIGH: Level.WARN}), Level.WARN),
        (Settings(severities={Severity.LOW: Level.OFF}), Level.REFUSE),
        (Settings(frameworks={"PCI DSS": Level.WARN}, severities={Severity.HIGH: Level.OFF}), Level.WARN),
        (Settings(frameworks={"PCI DSS 4.2.1": Level.WARN, "PCI DSS": Level.REFUSE}), Level.REFUSE),
        (Settings(frameworks={"NIST SP 800-52r2": Level.OFF}), Level.REFUSE),
        (Settings(rules={"offloaded-only-on-a-trusted-network": Level.WARN}), Level.WARN),
        (
            Settings(rules={"offloaded-only-on-a-trusted-network": Level.OFF}, frameworks={"PCI DSS": Level.REFUSE}),
            None,
        ),
    ],
)
def test_a_rule_is_as_loud_as_it_is_set(settings: Settings, level: Level | None) -> None:
    assert level_of(settings) == level


def test_not_decided_never_ends_a_run_and_may_be_silent() -> None:
    stack = Stack()
    https(stack, serverIps=[UNKNOWN])
    assert {each.level for each in judge(stack.resources, today=TODAY)} == {Level.WARN}
    assert judge(stack.resources, settings=Settings(undecided=Level.OFF), today=TODAY) == ()
    strict = Settings(undecided=Level.REFUSE)
    assert {each.level for each in judge(stack.resources, settings=strict, today=TODAY)} == {Level.WARN}
    silent = Settings(rules={"offloaded-only-on-a-trusted-network": Level.OFF})
    rules = {each.constraint.id for each in judge(stack.resources, settings=silent, today=TODAY)}
    assert "offloaded-only-on-a-trusted-network" not in rules


# What a team asks for.


def test_trusted_networks_are_a_teams_own() -> None:
    stack = Stack()
    https(stack, serverIps=["203.0.113.7"])
    allowed = Settings(trusted_networks=("203.0.113.0/24",))
    assert "offloaded-only-on-a-trusted-network" not in {rule for rule, _, _ in told(stack.resources, allowed)}
    narrow = Settings(trusted_networks=("10.1.0.0/16",))
    stack = Stack()
    https(stack)
    assert [place for _, _, place in told(stack.resources, narrow)] == ["serverIps[0]", "serverIps[1]"]
    # What a component declares does not widen them.
    own = replace(OFFLOADED, trusted_networks=("10.0.0.0/8",))
    assert {rule for rule, _, _ in told([component(own)], narrow)} == {"offloaded-only-on-a-trusted-network"}


RULE = "traffic-is-encrypted-to-the-server"


def test_encryption_to_the_server_is_asked_of_all_or_by_tag() -> None:
    everywhere = Settings(require_encrypted_to_the_server=True)
    tagged = Settings(encrypted_tags=("compliance", "pci"))
    stack = Stack()
    https(stack)
    assert told(stack.resources) == []
    assert told(stack.resources, everywhere) == [(RULE, "web", "sslBridging")]
    assert told(stack.resources, tagged) == []
    assert told(changed(stack.resources, "lb", tags=["team:shop", "pci"]), tagged) == [(RULE, "web", "sslBridging")]
    assert [rule for rule, _, _ in undecided(changed(stack.resources, "lb", tags=UNKNOWN), tagged)] == [RULE]
    late = changed(stack.resources, "web", sslBridging=UNKNOWN)
    assert RULE in {rule for rule, _, _ in undecided(late, everywhere)}
    for make in (lambda other: https(other, bridged=True), passthrough):
        other = Stack()
        make(other)
        assert told(other.resources, everywhere) == []


def test_encryption_to_the_server_is_asked_of_pairs_that_are_no_mode_too() -> None:
    """Raw TCP whose TLS ends at the load balancer may be waived; what its servers receive is another thing."""
    stack = Stack()
    https(stack)
    everywhere = Settings(require_encrypted_to_the_server=True)
    raw = changed(changed(stack.resources, "web", forwardProtocol="tcp"), "http", backendId="fr-par-1/elsewhere")
    assert (RULE, "web", "sslBridging") in told(raw, everywhere)
    plain = changed(stack.resources, "https", certificateIds=[])
    assert (RULE, "web", "sslBridging") in told(plain, everywhere)
    redirect = [each for each in plain if each.name != "https"]
    assert told(redirect, everywhere) == []


def test_encryption_to_the_server_is_asked_of_components_on_any_target() -> None:
    everywhere = Settings(require_encrypted_to_the_server=True)
    assert told([component(OFFLOADED)], everywhere) == [(RULE, "shop", "mode")]
    assert told([component(BRIDGED)], everywhere) == []
    assert (RULE, "shop", "mode") in told(with_children(OFFLOADED), everywhere)


# Certificates.


def with_text(text: Any, **more: Any) -> list[Resource]:
    stack = Stack()
    https(stack)
    return changed(stack.resources, "cert", letsencrypt=..., customCertificate={"certificateChain": text}, **more)


def issued(authority: Authority, days: int, name: str = "shop.example.test") -> Issued:
    ends = datetime.combine(TODAY, datetime.min.time(), UTC) + timedelta(days=days, hours=12)
    return authority.issue([name], days=90, not_before=ends - timedelta(days=90))


@pytest.mark.parametrize(
    ("days", "rule"),
    [
        (-1, "frontend-certificate-is-not-expired"),
        (0, "frontend-certificate-is-renewed-in-time"),
        (29, "frontend-certificate-is-renewed-in-time"),
        (30, None),
    ],
)
def test_a_certificate_ends(authority: Authority, days: int, rule: str | None) -> None:
    expected = [] if rule is None else [(rule, "cert", "customCertificate")]
    assert told(with_text(issued(authority, days).private_key_and_chain_pem)) == expected
    ends = f"{TODAY + timedelta(days=days)}T12:00:00Z"
    hidden = with_text(UNKNOWN, notValidAfter=ends, status="ready")
    assert [each for each in told(hidden) if each[0].startswith("frontend-certificate")] == expected


def test_how_early_a_certificate_is_renewed_is_a_teams_own(authority: Authority) -> None:
    resources = with_text(issued(authority, 10).private_key_and_chain_pem)
    assert told(resources, Settings(days_before_expiry=10)) == []
    assert told(resources, Settings(days_before_expiry=11)) != []


def test_what_lets_encrypt_renews_is_not_asked_for_its_end() -> None:
    stack = Stack()
    https(stack)
    assert told(changed(stack.resources, "cert", notValidAfter="2026-11-01T00:00:00Z", status="ready")) == []


def test_a_certificate_that_no_frontend_presents_is_not_asked() -> None:
    resources = changed(with_text("-----BEGIN nothing"), "https", certificateIds=["fr-par-1/another"])
    assert not [rule for rule, _, _ in told(resources) if rule.startswith("frontend-certificate")]


def test_a_key_of_another_certificate(authority: Authority) -> None:
    one, other = issued(authority, 60), issued(authority, 60)
    mixed = other.private_key_pem + one.chain_pem
    assert told(with_text(mixed)) == [("frontend-certificate-belongs-to-its-key", "cert", "customCertificate")]
    (finding,) = judge(with_text(mixed), today=TODAY)
    assert "does not belong to certificate 1" in finding.words
    assert "BEGIN" not in finding.words


def test_a_certificate_that_is_hidden_and_was_accepted_is_taken_for_right() -> None:
    ends = f"{TODAY + timedelta(days=90)}T12:00:00Z"
    accepted = with_text(UNKNOWN, status="ready", notValidAfter=ends)
    not_yet = with_text(UNKNOWN)
    assert not [rule for rule, _, _ in undecided(accepted) if rule.startswith("frontend-certificate")]
    assert {rule for rule, _, _ in undecided(not_yet) if rule.startswith("frontend-certificate")} == {
        "frontend-certificate-belongs-to-its-key",
        "frontend-certificate-is-not-expired",
        "frontend-certificate-is-renewed-in-time",
    }


@pytest.mark.parametrize(
    ("host", "subdomains", "carried"),
    [
        ("shop.example.test", False, True),
        ("blog.example.test", False, False),
        ("example.test", True, True),
        ("other.test", True, False),
    ],
)
def test_routed_names_are_carried(authority: Authority, host: str, subdomains: bool, carried: bool) -> None:
    stack = Stack()
    lb = https(stack)
    frontend = stack.made[urn("scaleway:loadbalancers/frontend:Frontend", "https")]
    api = stack.add("backend", "api", lbId=lb, forwardProtocol="http", forwardPort=80, serverIps=["10.0.0.9"])
    stack.add("route", "by-host", frontendId=frontend, backendId=api, matchHostHeader=host, matchSubdomains=subdomains)
    expected = [] if carried else [("frontend-certificate-carries-the-routed-names", "by-host", "matchHostHeader")]
    assert told(stack.resources) == expected


# The rules of this room, as all rules are tested.


def answers(rule: Constraint[book.Watched], subject: book.Watched) -> Iterator[bool]:
    """For each answer whether it is decided."""
    return (found.found is not None for found in rule.check(subject, EXAMPLES_TODAY))


@EACH_RULE
def test_a_rule_keeps_its_examples(rule: Constraint[book.Watched]) -> None:
    for subject in (*rule.holds, *rule.not_applicable):
        assert list(answers(rule, subject)) == []
    for subject in rule.fails:
        assert True in answers(rule, subject)
    for subject in rule.open:
        assert set(answers(rule, subject)) == {False}
    assert rule.holds
    assert rule.fails
    assert rule.open


@EACH_RULE
def test_a_rule_says_why_how_to_fix_it_and_where_it_comes_from(rule: Constraint[book.Watched]) -> None:
    for words in (rule.title, rule.why, rule.fix):
        assert words.endswith(".")
        assert len(words) > 30
    assert rule.symptom.endswith(".")
    assert rule.source.url.startswith("https://")
    assert rule.modes
    assert (Path(book.__file__).parent / (rule.id.replace("-", "_") + ".py")).is_file()
    assert rule.binding in Binding


def test_a_finding_says_what_a_reader_needs() -> None:
    stack = Stack()
    https(stack, serverIps=["203.0.113.7"])
    (finding,) = judge(stack.resources, today=TODAY)
    assert isinstance(finding, Finding)
    assert finding.words == "203.0.113.7 is in none of the trusted networks"
    assert finding.urn == urn("scaleway:loadbalancers/backend:Backend", "web")
    assert (finding.reason, finding.until) == (None, None)


def test_a_certificate_of_another_stack_is_judged_there() -> None:
    stack = Stack()
    https(stack)
    rest = [each for each in stack.resources if each.name != "cert"]
    assert judge(rest, today=TODAY) == ()
