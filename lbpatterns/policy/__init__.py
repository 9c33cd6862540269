"""Policies as code: every documented rule, on any stack.

`policies` are those of the pack, for a pack of your own: `PolicyPack("ours", [*policies, mine])`. They need the extra
`policy` (`pip install 'lbpatterns[policy]'`) and are made when they are asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lbpatterns.policy.pack import Policies

    policies: Policies

__all__ = ["policies"]


def __getattr__(name: str) -> Any:
    if name != "policies":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from lbpatterns.policy.pack import make_policies  # noqa: PLC0415 (loads pulumi_policy)

    globals()["policies"] = made = make_policies()
    return made
