"""Rules that stand in other books than the core's: those of targets, and of the policy pack.

Their files are looked for by name and never loaded: most programs need none of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Final

_ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def stands_elsewhere(rule: str) -> bool:
    """Whether a target, or the policy pack, has a rule of this id."""
    if not _ID.fullmatch(rule):
        return False
    file = rule.replace("-", "_") + ".py"
    return any((folder / file).is_file() for folder in _folders())


def _folders() -> Iterator[Path]:
    for target in entry_points(group="lbpatterns.targets"):
        package, _, _ = target.module.rpartition(".")
        yield from _places(f"{package}.constraints")
    yield from _places("lbpatterns.policy.rules")


def _places(package: str) -> Iterator[Path]:
    top, *rest = package.split(".")
    spec = find_spec(top)
    for location in (spec.submodule_search_locations if spec else None) or ():
        yield Path(location, *rest)
