"""`lbpatterns explain`: the rule book on a terminal, as Markdown or as JSON."""

import json
import shutil
from collections.abc import Sequence

import typer

from lbpatterns.book.markdown import book, section
from lbpatterns.book.plain import as_plain
from lbpatterns.book.shelf import Rule, find, nearest, rules
from lbpatterns.book.terminal import listing, page

_WIDEST = 110


def explain_rule(name: str, *, as_json: bool, as_markdown: bool) -> int:
    """Print one rule; status 2, and the likeliest names, when there is none of that name."""
    rule = find(name)
    if rule is None:
        meant = nearest(name)
        hint = f"\n  did you mean: {', '.join(meant)}" if meant else ""
        typer.echo(f"lbpatterns: there is no rule {name!r}.{hint}\n  all of them: lbpatterns explain", err=True)
        return 2
    if as_json:
        typer.echo(json.dumps(as_plain(rule), indent=2, ensure_ascii=False))
    else:
        typer.echo(section(rule) if as_markdown else page(rule, _width()))
    return 0


def explain_all(*, whole: bool, as_json: bool, as_markdown: bool) -> int:
    """Print all rules: one line each, or the whole of each."""
    if as_json:
        typer.echo(json.dumps([as_plain(rule) for rule in rules()], indent=2, ensure_ascii=False))
    elif as_markdown:
        typer.echo(book(), nl=False)
    else:
        typer.echo(_pages(rules()) if whole else listing(rules()))
    return 0


def _pages(told: Sequence[Rule]) -> str:
    return "\n\n".join(page(rule, _width()) for rule in told)


def _width() -> int:
    return max(40, min(_WIDEST, shutil.get_terminal_size().columns))
