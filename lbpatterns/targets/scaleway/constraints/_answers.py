"""From what was read to what a check yields."""

from __future__ import annotations

from collections.abc import Iterator

from lbpatterns.core.constraint import Found, unknown, violated
from lbpatterns.core.spec import UNKNOWN, Maybe


def answer(broken: Maybe[bool], place: str, found: str) -> Iterator[Found]:
    """The rule is broken at `place`, or not decided there, or nothing where it holds."""
    if broken is UNKNOWN:
        yield unknown(place)
    elif broken:
        yield violated(place, found)
