"""What can go wrong with a demo, said so that it can be put right."""

from __future__ import annotations


class DemoError(Exception):
    """The demo cannot go on: what happened, and what to do about it."""

    def __init__(self, what: str, *, fix: str) -> None:
        super().__init__(what)
        self.fix = fix
