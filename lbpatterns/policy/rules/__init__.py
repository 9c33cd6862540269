"""The rules of the policy room: what certificates say of themselves, and what a team asks of its stacks.

One file a rule, named after the rule, in the same shape as those about declarations.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Final

from lbpatterns.core.constraint import Constraint
from lbpatterns.policy.rules._subject import Held, Routed, ToServers, Watched

__all__ = ["CONSTRAINTS", "Held", "Routed", "ToServers", "Watched"]


def _read_book() -> tuple[Constraint[Watched], ...]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
    return tuple(importlib.import_module(f"{__name__}.{name}").CONSTRAINT for name in names)


CONSTRAINTS: Final = _read_book()
