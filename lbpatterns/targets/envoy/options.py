"""What the user may choose about an Envoy process, beside the load balancer itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvoyOptions:
    """Where Envoy listens, and how many worker threads it has.

    `bind_address` is an IPv4 or IPv6 literal. `concurrency` is capped to the machine's cores by what starts Envoy.
    """

    bind_address: str = "127.0.0.1"
    concurrency: int = 2
