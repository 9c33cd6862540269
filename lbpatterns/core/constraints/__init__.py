"""The rule book: one file a rule, named after the rule. A new file here is a new rule; nothing else has to know it."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Final

from lbpatterns.core.constraint import Constraint
from lbpatterns.core.spec import LBSpec


def _read_book() -> tuple[Constraint[LBSpec], ...]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(importlib.import_module(f"{__name__}.{name}").CONSTRAINT for name in names)


CONSTRAINTS: Final = _read_book()
