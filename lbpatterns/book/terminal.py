"""Rules as text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from lbpatterns.book.example import example
from lbpatterns.book.shelf import Rule
from lbpatterns.book.words import BINDING, EVIDENCE, SEVERITY, by_hand, modes, references, where_it_counts

_INDENT = " " * 12


def listing(rules: Iterable[Rule]) -> str:
    """One line for each rule: its id and its title."""
    told = tuple(rules)
    width = max(len(rule.id) for rule in told)
    return "\n".join(f"{rule.id:{width}}  {rule.title}" for rule in told)


def page(rule: Rule, width: int = 100) -> str:
    """All about one rule."""
    lines = [rule.id, *textwrap.wrap(rule.title, width, initial_indent="  ", subsequent_indent="  "), ""]
    for head, words in _entries(rule):
        if words:
            lines += textwrap.wrap(
                words,
                width,
                initial_indent=f"  {head:<10}",
                subsequent_indent=_INDENT,
                break_long_words=False,
                break_on_hyphens=False,
            )
    return "\n".join(lines)


def _entries(rule: Rule) -> Iterator[tuple[str, str]]:
    shown = example(rule)
    yield "why", rule.why
    yield "symptom", rule.symptom
    yield "fix", rule.fix
    yield from (("by hand", f"on {target}: {fix}") for target, fix in by_hand(rule))
    yield "breaks it", "; ".join(shown.changes)
    yield from (("says" if index == 0 else "", said) for index, said in enumerate(shown.said))
    yield "binding", f"{rule.binding}: {BINDING[rule.binding]}"
    yield "severity", f"{rule.severity}: {SEVERITY[rule.severity]}"
    yield "evidence", f"{rule.evidence}: {EVIDENCE[rule.evidence]}"
    yield "modes", modes(rule)
    yield "said of", where_it_counts(rule)
    yield "keeps", references(rule)
    yield "source", f"{rule.source.title}: {rule.source.says}"
    yield "", rule.source.url
