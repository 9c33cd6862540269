"""The rule book keeps its own promises: every rule's examples, names and words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from lbpatterns.core import constraints
from lbpatterns.core.check import check
from lbpatterns.core.constraint import Binding, Constraint
from lbpatterns.core.constraints import CONSTRAINTS
from lbpatterns.core.examples import (
    BRIDGED,
    EXAMPLES_TODAY,
    OFFLOADED,
    PASSTHROUGH,
    with_backend,
    with_exception,
    with_frontend,
)
from lbpatterns.core.spec import LBSpec, Protocol

BOOK = Path(constraints.__file__).parent
ABOUT_EXCEPTIONS = {"exception-has-a-reason", "exception-is-used"}
EACH = pytest.mark.parametrize("rule", CONSTRAINTS, ids=lambda rule: rule.id)


def broken(spec: LBSpec, today: date = EXAMPLES_TODAY) -> set[str]:
    """Ids of all rules that a spec breaks."""
    report = check(spec, today=today)
    return {violation.constraint.id for violation in (*report.refused, *report.advice)}


@EACH
def test_what_holds_breaks_no_rule_at_all(rule: Constraint[LBSpec]) -> None:
    assert [broken(spec) for spec in rule.holds] == [set()] * len(rule.holds)
    assert rule.holds


@EACH
def test_what_fails_breaks_this_rule_alone(rule: Constraint[LBSpec]) -> None:
    assert rule.fails
    for spec in rule.fails:
        others = broken(spec) - {rule.id}
        assert rule.id in broken(spec)
        # A useless exception leaves the rule that it was meant for broken.
        assert not others or rule.id in ABOUT_EXCEPTIONS


@EACH
def test_what_is_open_is_neither_broken_nor_passed(rule: Constraint[LBSpec]) -> None:
    for spec in rule.open:
        answers = list(rule.check(spec, EXAMPLES_TODAY))
        assert answers
        assert all(found.found is None for found in answers)


@EACH
def test_what_it_does_not_speak_of_breaks_no_rule_at_all(rule: Constraint[LBSpec]) -> None:
    assert [broken(spec) for spec in rule.not_applicable] == [set()] * len(rule.not_applicable)


@EACH
def test_a_rule_stands_in_the_file_of_its_name(rule: Constraint[LBSpec]) -> None:
    assert (BOOK / (rule.id.replace("-", "_") + ".py")).is_file()


@EACH
def test_a_rule_says_why_how_to_fix_it_and_where_it_comes_from(rule: Constraint[LBSpec]) -> None:
    for words in (rule.title, rule.why, rule.fix, rule.symptom):
        assert words.endswith((".", ".`"))
        assert len(words) > 30 or words == rule.symptom
    assert rule.source.url.startswith("https://")
    assert rule.modes


def test_ids_are_unique_and_never_renamed() -> None:
    assert sorted(rule.id for rule in CONSTRAINTS) == [
        "access-allow-is-followed-by-a-deny",
        "access-for-everybody-includes-ipv6",
        "access-rule-can-be-reached",
        "backend-has-servers",
        "backend-lists-a-server-once",
        "backend-port-suits-its-protocol",
        "bridged-backend-speaks-http",
        "bridged-backend-uses-tls",
        "bridged-backend-verifies-the-server",
        "bridged-frontend-holds-a-certificate",
        "bridged-health-check-uses-https",
        "bridged-internal-name-has-a-trust-anchor",
        "bridged-server-holds-its-own-certificate",
        "certificate-is-not-on-port-80",
        "cookie-stickiness-names-its-cookie",
        "durations-and-counts-are-in-range",
        "exception-has-a-reason",
        "exception-is-used",
        "failover-host-is-a-host-name",
        "frontend-ports-do-not-clash",
        "health-check-path-begins-with-a-slash",
        "health-check-speaks-as-its-backend",
        "http-backend-needs-no-proxy-protocol",
        "http3-needs-an-http-backend",
        "layer-7-actions-need-an-http-backend",
        "lets-encrypt-names-are-host-names",
        "lets-encrypt-needs-a-public-load-balancer",
        "minimum-tls-version-is-not-deprecated",
        "offloaded-backend-is-not-re-encrypted",
        "offloaded-backend-speaks-http",
        "offloaded-frontend-holds-a-certificate",
        "offloaded-only-on-a-trusted-network",
        "offloaded-server-needs-no-certificate",
        "passthrough-backend-has-tls-off",
        "passthrough-backend-speaks-tcp",
        "passthrough-certificate-is-for-its-own-names",
        "passthrough-frontend-holds-no-certificate",
        "passthrough-has-no-cookie-stickiness",
        "passthrough-has-no-layer-7-actions",
        "passthrough-load-balancer-holds-no-private-key",
        "passthrough-server-holds-its-own-certificate",
        "passthrough-server-listens-on-the-backend-port",
        "passthrough-servers-share-a-renewal-source",
        "passthrough-sessions-are-kept-or-shared",
        "ports-are-in-range",
        "private-load-balancer-has-a-private-network",
        "private-load-balancer-has-no-public-address",
        "redirect-code-is-one-that-clients-follow",
        "redirect-does-not-lead-back",
        "redirect-says-where-to",
        "redirect-target-is-a-scheme-or-a-url",
        "request-match-is-complete",
        "route-says-what-it-matches",
        "routes-are-told-apart",
        "server-names-route-only-in-passthrough",
        "skipping-verification-needs-tls",
        "trusted-networks-are-isolated",
    ]


def test_all_violations_are_reported_at_once_with_place_and_words() -> None:
    spec = with_frontend(with_backend(PASSTHROUGH, tls=True, protocol=Protocol.HTTP), certificates=())
    messages = [violation.message() for violation in check(spec, today=EXAMPLES_TODAY).refused]
    assert [message.splitlines()[0] for message in messages] == [
        "passthrough-backend-has-tls-off",
        "passthrough-backend-speaks-tcp",
    ]
    for message in messages:
        assert "where:  backend." in message
        assert "why:    " in message
        assert "fix:    " in message
        assert "source: Scaleway" in message


def test_rules_reach_the_backends_of_routes() -> None:
    from lbpatterns.core.spec import Route

    plain = replace(BRIDGED.backend, name="blog", tls=False)
    report = check(replace(BRIDGED, routes=(Route(backend=plain, host="blog.example.test"),)), today=EXAMPLES_TODAY)
    assert [violation.place for violation in report.refused] == ["routes[0].backend.tls"]


class TestExceptions:
    RULE = "passthrough-sessions-are-kept-or-shared"
    SPEC = with_backend(PASSTHROUGH, shared_sessions=False)

    def test_a_waived_rule_does_not_count_but_is_listed(self) -> None:
        report = check(with_exception(self.SPEC, self.RULE, expires=EXAMPLES_TODAY), today=EXAMPLES_TODAY)
        assert not report.advice
        assert [(waived.violation.constraint.id, waived.exception.reason) for waived in report.waived] == [
            (self.RULE, "agreed in review")
        ]

    def test_it_counts_on_its_last_day_and_not_after(self) -> None:
        spec = with_exception(self.SPEC, self.RULE, expires=EXAMPLES_TODAY)
        assert broken(spec) == set()
        assert broken(spec, EXAMPLES_TODAY + timedelta(days=1)) == {self.RULE, "exception-is-used"}

    def test_without_a_reason_it_waives_nothing(self) -> None:
        spec = with_exception(self.SPEC, self.RULE, reason=" ", expires=EXAMPLES_TODAY)
        assert broken(spec) == {self.RULE, "exception-has-a-reason"}

    def test_a_documented_rule_can_be_waived_too(self) -> None:
        spec = with_exception(
            with_backend(PASSTHROUGH, tls=True), "passthrough-backend-has-tls-off", expires=EXAMPLES_TODAY
        )
        assert broken(spec) == set()


def test_documented_rules_are_refused_and_advice_is_only_said() -> None:
    report = check(with_backend(PASSTHROUGH, shared_sessions=False, tls=True), today=EXAMPLES_TODAY)
    assert {violation.constraint.binding for violation in report.refused} == {Binding.DOCUMENTED}
    assert {violation.constraint.binding for violation in report.advice} == {Binding.ADVISED}


def test_a_rule_of_another_mode_is_not_applied() -> None:
    """A bridged frontend holds a certificate: the passthrough rule against it stays silent."""
    assert broken(BRIDGED) == broken(OFFLOADED) == set()
