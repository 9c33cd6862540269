"""JUnit XML: a suite a load balancer, a test a rule."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from lbpatterns.policy import words
from lbpatterns.policy.book import BOOK
from lbpatterns.policy.finding import Answer, Finding
from lbpatterns.policy.reports.report import Balancer, Report, fails

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2


def render(report: Report) -> str:
    """What fails the check is a failure; what is not known or waived is skipped; a warning is said beside a pass."""
    root = ET.Element("testsuites", name=f"lbpatterns: {_legal(report.source)}")
    owners = {part: balancer.urn for balancer in report.balancers for part in balancer.parts}
    owned: dict[str, list[Finding]] = {}
    for finding in report.shown():
        owned.setdefault(owners.get(finding.urn, ""), []).append(finding)
    for balancer in report.balancers:
        root.append(_suite(balancer, owned.get(balancer.urn, []), [rule.id for rule in BOOK], report))
    of_the_stack = owned.get("", [])
    if of_the_stack:  # a waiver that waives nothing
        root.append(_suite(Balancer("", "the stack", frozenset()), of_the_stack, [], report))
    for count in ("tests", "failures", "skipped"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True)


def _suite(balancer: Balancer, findings: Iterable[Finding], rules: Iterable[str], report: Report) -> ET.Element:
    suite = ET.Element("testsuite", name=_legal(balancer.name))
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.constraint.id, []).append(finding)
    for rule in sorted({*rules, *by_rule}):
        suite.append(_case(balancer, rule, by_rule.get(rule, []), report))
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    return suite


def _case(balancer: Balancer, rule: str, findings: list[Finding], report: Report) -> ET.Element:
    case = ET.Element("testcase", classname=_legal(balancer.urn or balancer.name), name=rule)
    failing = [finding for finding in findings if fails(finding, report.fail_on)]
    quiet = [finding for finding in findings if finding not in failing]
    if failing:
        found = "; ".join(f"{words.where(finding)}: {finding.words}" for finding in failing)
        failure = ET.SubElement(case, "failure", type=failing[0].constraint.severity.value, message=_legal(found))
        failure.text = _legal("\n\n".join(f"{finding.urn}\n{words.explanation(finding)}" for finding in failing))
    elif quiet and all(finding.answer is not Answer.VIOLATED for finding in quiet):
        ET.SubElement(case, "skipped", message=_legal("; ".join(map(_why_skipped, quiet))))
    elif quiet:
        ET.SubElement(case, "system-out").text = _legal("\n\n".join(map(words.explanation, quiet)))
    return case


def _why_skipped(finding: Finding) -> str:
    if finding.answer is Answer.WAIVED:
        return words.waiver(finding)
    return f"not known yet: {words.where(finding)}"


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)
