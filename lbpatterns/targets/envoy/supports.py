"""What the Envoy target can do: nearly everything that a declaration may ask for."""

from collections.abc import Mapping
from typing import Final

from lbpatterns.core.target import Feature

_BY_CONFIGURATION: Final = "let the stack's configuration ask for it where the target can do it"

WAYS_OUT: Final[Mapping[Feature, str]] = {
    Feature.LETS_ENCRYPT: "Let's Encrypt reaches no process on a machine of your own: give a PEM certificate here, "
    "`lbpatterns.pki` makes one for trying out.",
    Feature.HTTP3: f"Leave it out here, and {_BY_CONFIGURATION}.",
    Feature.CONNECTION_RATE_LIMIT: f"Leave it out here, and {_BY_CONFIGURATION}.",
    Feature.ACCESS_LOGS: f"Leave it out here, and {_BY_CONFIGURATION}.",
    Feature.FAILOVER_HOST: f"Leave it out here, and {_BY_CONFIGURATION}.",
    Feature.ACCESS_RULES: f"Leave them out here, and {_BY_CONFIGURATION}.",
    Feature.REQUEST_ACCESS_RULES: f"Leave them out here, and {_BY_CONFIGURATION}.",
    Feature.PRIVATE_NETWORKS: f"This machine's own networks are used; {_BY_CONFIGURATION}.",
    Feature.PRIVATE_ONLY: "Envoy listens on `lbpatterns:bindAddress` alone, which is 127.0.0.1 unless you say so; "
    f"leave it out here, and {_BY_CONFIGURATION}.",
    Feature.IPV6: "Let `lbpatterns:bindAddress` be an IPv6 address, or choose another target.",
}

SUPPORTS: Final[frozenset[Feature]] = frozenset(Feature) - WAYS_OUT.keys()
