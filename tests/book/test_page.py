"""The page of all rules is what the code writes, and says of every rule what there is to say."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from lbpatterns.book.example import example
from lbpatterns.book.markdown import book, section
from lbpatterns.book.plain import as_plain
from lbpatterns.book.shelf import Rule, chapters, find, nearest, rules
from lbpatterns.book.terminal import page
from lbpatterns.core.constraint import Binding, Constraint, Source, violated
from lbpatterns.core.constraints import CONSTRAINTS
from lbpatterns.core.examples import OFFLOADED, with_backend
from lbpatterns.core.spec import LBSpec, Mode
from lbpatterns.policy.rules import CONSTRAINTS as STACKS
from lbpatterns.targets.scaleway.constraints import CONSTRAINTS as SCALEWAY

PAGE = Path(__file__).parents[2] / "docs" / "constraints.md"
EACH = pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)


def test_the_page_is_what_the_code_writes() -> None:
    if os.environ.get("LBPATTERNS_REWRITE_GOLDENS"):
        PAGE.write_text(book(), encoding="utf-8")
    written = PAGE.read_text(encoding="utf-8")
    assert written == book(), f"lbpatterns explain --all --markdown > {PAGE.relative_to(PAGE.parents[1])}"


def test_every_rule_stands_in_one_chapter() -> None:
    every: tuple[Rule, ...] = (*CONSTRAINTS, *SCALEWAY, *STACKS)
    told = [rule.id for chapter in chapters() for rule in chapter.rules]
    assert sorted(told) == sorted(rule.id for rule in every)
    assert len(set(told)) == len(told)


@EACH
def test_a_section_says_it_all(rule: Rule) -> None:
    said = section(rule)
    assert said.startswith(f"### {rule.id}\n")
    for head in ("why", "symptom", "fix", "says", "binding", "source"):
        assert f"\n- {head}: " in said
    assert ("\n- fix by hand on Scaleway: " in said) is ("scaleway" in rule.fix_by_hand)
    assert f"]({rule.source.url})" in said
    for reference in rule.references:
        assert str(reference) in said


@EACH
def test_a_terminal_and_a_machine_are_told_how_to_fix_it_by_hand(rule: Rule) -> None:
    said = " ".join(page(rule).split())
    for fix in rule.fix_by_hand.values():
        assert f" by hand on Scaleway: {fix}" in said
    assert ("\n  by hand   on " in page(rule)) is bool(rule.fix_by_hand)
    assert as_plain(rule)["fix_by_hand"] == rule.fix_by_hand


@EACH
def test_links_of_the_contents_lead_to_sections(rule: Rule) -> None:
    text = book()
    assert f"- [{rule.id}](#{rule.id})\n" in text
    assert text.count(f"### {rule.id}\n") == 1


@EACH
def test_an_example_is_short_and_shows_no_secret(rule: Rule) -> None:
    shown = example(rule)
    assert shown.said
    assert len(shown.changes) <= 12
    assert all(len(line) <= 110 for line in shown.changes)
    assert "PRIVATE KEY" not in repr(shown)


def test_an_example_tells_the_least_that_breaks_the_rule() -> None:
    rule: Constraint[LBSpec] = Constraint(
        id="port-is-8080",
        title="The port is 8080.",
        why="It is for this test.",
        fix="Let `port` be 8080.",
        symptom="None.",
        source=Source("Nobody", "https://example.com/", "nothing"),
        binding=Binding.ADVISED,
        modes=frozenset(Mode),
        check=lambda spec, today: (violated("backend.port", "it is another") for _ in range(spec.backend.port != 8080)),
        holds=(OFFLOADED,),
        fails=(with_backend(OFFLOADED, port=80, ca_bundle_pem="x"), with_backend(OFFLOADED, port=81)),
    )
    assert example(rule).changes == ("backend.port: 81",)
    assert example(rule).said == ("backend.port: it is another",)


def test_text_that_markdown_would_read_otherwise_is_kept() -> None:
    """Names with underscores stand in code, or are escaped."""
    for line in book().splitlines():
        prose = re.sub(r"``.*?``|`[^`]*`|\]\([^)]*\)|<[^>]*>", "", line)
        assert not re.search(r"(?<!\\)_\w", prose), line


@pytest.mark.parametrize("name", ["passthrough-backend-speaks-tcp", "Passthrough_Backend speaks TCP"])
def test_a_rule_is_found_by_its_name(name: str) -> None:
    found: Any = find(name)
    assert found.id == "passthrough-backend-speaks-tcp"


def test_the_nearest_names_are_those_that_somebody_may_have_meant() -> None:
    assert nearest("passthrough-backend-speaks-http")[0] == "passthrough-backend-speaks-tcp"
    assert "cookie-stickiness-names-its-cookie" in nearest("cookie")
    assert nearest("qqqq") == ()
