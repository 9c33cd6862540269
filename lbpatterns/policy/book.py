"""Every rule that may be put to a stack."""

from __future__ import annotations

from typing import Any, Final

from lbpatterns.core.constraint import Constraint
from lbpatterns.core.constraints import CONSTRAINTS as OF_DECLARATIONS
from lbpatterns.policy.rules import CONSTRAINTS as OF_STACKS
from lbpatterns.targets.scaleway.constraints import CONSTRAINTS as OF_SCALEWAY

BOOK: Final[tuple[Constraint[Any], ...]] = tuple(
    sorted((*OF_DECLARATIONS, *OF_SCALEWAY, *OF_STACKS), key=lambda constraint: constraint.id)
)
RULES: Final = tuple(constraint.id for constraint in BOOK)
