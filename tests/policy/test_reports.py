"""The formats of a report: each against what reads it."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from lbpatterns.policy.book import BOOK
from lbpatterns.policy.finding import Answer, Finding, Level
from lbpatterns.policy.reports import as_json, junit, sarif, table
from lbpatterns.policy.reports.report import Balancer, Report

from .findings import ADVISED, BY_ID, REFUSED, URN, finding

# The schema that OASIS publishes with the standard (2.1.0, errata 01), without its descriptions.
SARIF: dict[str, Any] = json.loads(Path(__file__).with_name("sarif-schema-2.1.0.json").read_text())
LB = "urn:pulumi:prod::shop::scaleway:loadbalancers/loadBalancer:LoadBalancer::lb"
OTHER = LB.replace("::lb", "::other")
STACK = "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod"

FINDINGS = (
    finding(ADVISED, level=Level.WARN, place="", words="nobody says who renews"),
    finding(),
    finding("bridged-backend-uses-tls", answer=Answer.UNDECIDED, level=Level.WARN, place="sslBridging", words=""),
    finding(
        "bridged-health-check-uses-https",
        answer=Answer.WAIVED,
        level=Level.WARN,
        place="healthCheckTcp",
        reason="<moving> & co",
        until=date(2027, 1, 31),
    ),
    finding("exception-is-used", level=Level.WARN, urn=STACK, place="waivers[0]", words="no such rule"),
    finding("ports-are-in-range", level=Level.OFF, words="never said"),
)


def report(*findings: Finding, fail_on: Level = Level.REFUSE) -> Report:
    return Report(
        source="state.json",
        findings=findings,
        balancers=(Balancer(LB, "lb", frozenset({LB, URN})), Balancer(OTHER, "other", frozenset({OTHER}))),
        fail_on=fail_on,
    )


WHOLE = report(*FINDINGS)


def test_the_worst_comes_first_and_what_is_off_is_not_said() -> None:
    assert [one.constraint.id for one in WHOLE.shown()] == [
        REFUSED,
        "exception-is-used",
        ADVISED,
        "bridged-backend-uses-tls",
        "bridged-health-check-uses-https",
    ]
    assert WHOLE.summary() == "1 mandatory, 2 advisory, 1 not known yet, 1 waived, in 2 load balancers of state.json"


@pytest.mark.parametrize(("level", "count"), [(Level.REFUSE, 1), (Level.WARN, 3), (Level.OFF, 0)])
def test_what_is_waived_or_not_known_fails_nothing(level: Level, count: int) -> None:
    assert len(report(*FINDINGS, fail_on=level).failing()) == count


def test_json_has_the_documented_names() -> None:
    told = json.loads(as_json.render(WHOLE))
    assert told["version"] == 1
    assert told["source"] == "state.json"
    assert told["counts"] == {"mandatory": 1, "advisory": 2, "not_known_yet": 1, "waived": 1}
    assert told["failed"] is True
    assert told["load_balancers"] == [{"urn": LB, "name": "lb"}, {"urn": OTHER, "name": "other"}]
    first, waived = told["findings"][0], told["findings"][-1]
    rule = BY_ID[REFUSED]
    assert first == {
        "rule": REFUSED,
        "title": rule.title,
        "answer": "violated",
        "level": "mandatory",
        "fails": True,
        "severity": "high",
        "evidence": "documented",
        "frameworks": [str(each) for each in rule.references],
        "urn": URN,
        "resource": "web",
        "place": "ignoreSslServerVerify",
        "found": "it is true",
        "why": rule.why,
        "fix": rule.fix,
        "symptom": rule.symptom,
        "source": {"title": rule.source.title, "url": rule.source.url, "says": rule.source.says},
        "waiver": None,
    }
    assert waived["waiver"] == {"reason": "<moving> & co", "expires": "2027-01-31"}
    document = (Path(__file__).parents[2] / "docs" / "policy.md").read_text(encoding="utf-8")
    for name in {*told, *first}:
        assert f"`{name}`" in document


def test_sarif_is_what_its_schema_says() -> None:
    log = json.loads(sarif.render(WHOLE))
    jsonschema.validate(log, SARIF)
    assert log["$schema"] == SARIF["id"]
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.id for rule in BOOK]
    assert all(rule["help"]["text"] and rule["helpUri"].startswith("https://") for rule in rules)
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])
    first, *_, undecided, waived = run["results"]
    assert (first["kind"], first["level"], "suppressions" in first) == ("fail", "error", False)
    (place,) = first["locations"][0]["logicalLocations"]
    assert place == {"name": "web", "fullyQualifiedName": f"{URN}#ignoreSslServerVerify", "kind": "resource"}
    assert (undecided["kind"], undecided["level"]) == ("open", "none")
    assert waived["suppressions"] == [{"kind": "external", "status": "accepted", "justification": "<moving> & co"}]


def test_the_schema_refuses_what_is_no_sarif() -> None:
    log = json.loads(sarif.render(WHOLE))
    log["runs"][0]["results"][0]["level"] = "refuse"
    assert not jsonschema.Draft4Validator(SARIF).is_valid(log)


def test_fingerprints_tell_findings_apart_and_stay() -> None:
    def prints(text: str) -> list[str]:
        return [one["partialFingerprints"]["finding/v1"] for one in json.loads(text)["runs"][0]["results"]]

    first = prints(sarif.render(WHOLE))
    assert len(set(first)) == len(first)
    assert prints(sarif.render(report(*reversed(FINDINGS)))) == first


def test_junit_is_a_suite_a_load_balancer_and_a_test_a_rule() -> None:
    root = ET.fromstring(junit.render(WHOLE))  # noqa: S314 (our own)
    suites = {suite.get("name"): suite for suite in root}
    assert list(suites) == ["lb", "other", "the stack"]
    for name in ("lb", "other"):
        assert [case.get("name") for case in suites[name]] == [rule.id for rule in BOOK]
    cases = {case.get("name"): case for case in suites["lb"]}
    (failure,) = cases[REFUSED]
    assert failure.tag == "failure"
    assert (failure.get("type"), failure.get("message")) == ("high", "web ignoreSslServerVerify: it is true")
    assert BY_ID[REFUSED].fix in (failure.text or "")
    assert [child.tag for child in cases[ADVISED]] == ["system-out"]
    (undecided,) = cases["bridged-backend-uses-tls"]
    assert (undecided.tag, undecided.get("message")) == ("skipped", "not known yet: web sslBridging")
    (waived,) = cases["bridged-health-check-uses-https"]
    assert (waived.tag, "until 2027-01-31: <moving> & co" in waived.get("message", "")) == ("skipped", True)
    assert not list(cases["ports-are-in-range"])
    assert [case.get("name") for case in suites["the stack"]] == ["exception-is-used"]
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == (str(2 * len(BOOK) + 1), "1", "2")


def test_a_warning_fails_its_test_where_warnings_fail_the_check() -> None:
    root = ET.fromstring(junit.render(report(*FINDINGS, fail_on=Level.WARN)))  # noqa: S314 (our own)
    assert root.get("failures") == "3"


def shown(of: Report, width: int = 100) -> str:
    console = Console(width=width, file=StringIO(), no_color=True)
    table.show(of, console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_the_table_says_what_to_do() -> None:
    text = shown(WHOLE, 200)
    for words in (
        REFUSED,
        "web ignoreSslServerVerify",
        "it is true",
        "fix: ",
        "decided at `pulumi up`",
        "waived until",
    ):
        assert words in text
    assert shown(report()) == "0 mandatory, 0 advisory, 0 not known yet, 0 waived, in 2 load balancers of state.json\n"


@settings(max_examples=40)
@given(st.text(), st.text(), st.integers(40, 200))
def test_whatever_names_and_words_hold_every_report_is_well_formed(name: str, words: str, width: int) -> None:
    """Markup of the table, of XML, control characters, and half of a pair of surrogates' worth of trouble."""
    odd = report(finding(urn=f"{URN}{name}", place=name, words=words))
    jsonschema.validate(json.loads(sarif.render(odd)), SARIF)
    assert json.loads(as_json.render(odd))["findings"][0]["found"] == words
    ET.fromstring(junit.render(odd))  # noqa: S314 (our own)
    text = shown(odd, width)
    assert REFUSED[:5] in text
    assert "\x1b" not in text
