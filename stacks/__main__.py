"""Runs the program of one pattern: the one that the stack's configuration names, else the one named like the stack."""

import importlib

import pulumi

PATTERNS = ("offloaded", "bridged", "passthrough")

pattern = pulumi.Config().get("pattern") or pulumi.get_stack()
if pattern not in PATTERNS:
    raise pulumi.RunError(
        f"there is no pattern {pattern!r}; run `pulumi config set pattern NAME` with one of {', '.join(PATTERNS)}"
    )
importlib.import_module(pattern)
