"""What the Envoy target can do: everything that a declaration may ask for."""

from collections.abc import Mapping
from typing import Final

from lbpatterns.core.target import Feature

SUPPORTS: Final[frozenset[Feature]] = frozenset(Feature)

# Nothing is lacking, so there is nothing to find a way out of.
WAYS_OUT: Final[Mapping[Feature, str]] = {}
