"""The rule book as a page: what `docs/constraints.md` holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lbpatterns.book.example import example
from lbpatterns.book.shelf import Chapter, Rule, chapters
from lbpatterns.book.words import BINDING, EVIDENCE, SEVERITY, by_hand, modes, references, where_it_counts
from lbpatterns.core.not_shown import NOT_SHOWN

_INTRODUCTION: Final = """\
# The rules

Written by `lbpatterns explain --all --markdown`; changes belong into the rules themselves. `lbpatterns explain RULE`
prints one of them.

A rule is checked before anything is built. It is broken, or it holds, or it cannot be decided before a value is known;
what is not known yet is never taken for right. Examples are in the words of a declaration or, for a target's own rules,
in those of its resources. A fix is in the words of a component; where one by hand stands beside it, that one is for
resources that no component made, in the arguments of `pulumiverse_scaleway`.
"""
_NOT_SHOWN: Final = """\
## What no rule can see

Facts about the three modes and about Scaleway's load balancers that neither a declaration nor a resource shows. The
numbers are those that `lbpatterns explain RULE --json` gives in `covers` for the others.

| | fact | why there is no rule |
|---|---|---|
"""


def book() -> str:
    """The whole page."""
    parts = [_INTRODUCTION, _legend(), *(_contents(chapter) for chapter in chapters())]
    parts += [part for chapter in chapters() for part in _chapter(chapter)]
    return "\n".join([*parts, _not_shown()])


def section(rule: Rule) -> str:
    """The section of one rule."""
    lines = [f"### {rule.id}", "", f"**{_text(rule.title)}**", ""]
    lines += [f"- {head}: {words}" for head, words in _entries(rule) if words]
    return "\n".join([*lines, ""])


def _entries(rule: Rule) -> Iterator[tuple[str, str]]:
    shown = example(rule)
    source = rule.source
    yield "why", _text(rule.why)
    yield "symptom", _text(rule.symptom)
    yield "fix", _text(rule.fix)
    yield from ((f"fix by hand on {target}", _text(fix)) for target, fix in by_hand(rule))
    yield "breaks it", ", ".join(map(_code, shown.changes))
    yield "says", ", ".join(map(_code, shown.said))
    yield "binding", f"{rule.binding}; severity: {rule.severity}; evidence: {rule.evidence}; modes: {modes(rule)}"
    yield "said of", where_it_counts(rule)
    yield "keeps", references(rule)
    yield "source", f"[{_text(source.title)}]({source.url}): {_text(source.says)}"


def _legend() -> str:
    rows = [
        *(f"| binding | {word} | {words} |" for word, words in BINDING.items()),
        *(f"| severity | {word} | {words} |" for word, words in SEVERITY.items()),
        *(f"| evidence | {word} | {words} |" for word, words in EVIDENCE.items()),
    ]
    return "\n".join(["| | | |", "|---|---|---|", *rows, ""])


def _contents(chapter: Chapter) -> str:
    lines = [f"**{chapter.title}**", ""]
    return "\n".join([*lines, *(f"- [{rule.id}](#{rule.id})" for rule in chapter.rules), ""])


def _chapter(chapter: Chapter) -> Iterator[str]:
    yield f"## {chapter.title}\n\n{chapter.about}\n"
    yield from map(section, chapter.rules)


def _not_shown() -> str:
    rows = (f"| {one.number} | {_cell(one.fact)} | {_cell(_why(one.why, one.same_as))} |" for one in NOT_SHOWN)
    return _NOT_SHOWN + "\n".join(rows) + "\n"


def _why(words: str, same_as: str | None) -> str:
    return words if same_as is None else f"{words.rstrip('.')}: see {same_as}."


def _text(words: str) -> str:
    """Words in which `*` and `_` mean themselves, outside of code."""
    pieces = words.split("`")
    pieces[::2] = [piece.replace("*", "\\*").replace("_", "\\_").replace("<", "\\<") for piece in pieces[::2]]
    return "`".join(pieces)


def _cell(words: str) -> str:
    return _text(words).replace("|", "\\|")


def _code(words: str) -> str:
    fence = "``" if "`" in words else "`"
    pad = " " if fence == "``" else ""
    return f"{fence}{pad}{words}{pad}{fence}"
