"""The rules that only make sense in Scaleway's own words: one file a rule, named after the rule.

Their subject is a load balancer as Scaleway's resources, whoever wrote them. What a declaration can show of any load
balancer has its rule in `lbpatterns.core.constraints`.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Final

from lbpatterns.core.constraint import Constraint
from lbpatterns.targets.scaleway.words import ScalewayConfiguration


def _read_book() -> tuple[Constraint[ScalewayConfiguration], ...]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
    return tuple(importlib.import_module(f"{__name__}.{name}").CONSTRAINT for name in names)


CONSTRAINTS: Final = _read_book()
