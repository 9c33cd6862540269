"""Which target builds: the one named in the arguments, else the one named in the stack's configuration."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

import pulumi

from lbpatterns.components.errors import ArgumentsError
from lbpatterns.core.target import Target

GROUP = "lbpatterns.targets"


def chosen_target(given: Any) -> Target:
    """The target for `target=`: a name, a target itself, or None for the configuration value `lbpatterns:target`.

    Raises `ArgumentsError` when none is chosen, or none of that name is installed; the message lists those that are.
    """
    name = given if given is not None else pulumi.Config("lbpatterns").get("target")
    if name is not None and not isinstance(name, str):
        return _target(name)
    installed = {entry.name: entry for entry in entry_points(group=GROUP)}
    listed = ", ".join(sorted(installed)) or "none"
    if name is None:
        raise ArgumentsError(
            "no target is chosen: give the arguments `target=`, or run `pulumi config set lbpatterns:target NAME`. "
            f"Installed: {listed}"
        )
    if name not in installed:
        raise ArgumentsError(
            f"there is no target {name!r}. Installed: {listed}. "
            f"A package brings one with an entry point of the group {GROUP!r}"
        )
    return _target(installed[name].load())


def _target(candidate: Any) -> Target:
    if all(hasattr(candidate, part) for part in ("name", "supports", "ways_out", "create")):
        target: Target = candidate
        return target
    raise ArgumentsError(
        f"target: expected a name or a target (with name, supports, ways_out and create), found "
        f"{type(candidate).__name__}"
    )
