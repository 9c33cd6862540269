"""The target `envoy`: the load balancer is a real Envoy on the machine that runs Pulumi."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from lbpatterns.core.plain import to_plain
from lbpatterns.core.spec import LBSpec
from lbpatterns.core.target import Built, Feature
from lbpatterns.targets.envoy.supports import SUPPORTS, WAYS_OUT


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvoyTarget:
    """Where and how Envoy runs. Give it as `target=` to say more than the name `envoy` does.

    `bind_address` is an IP address of this machine (left out: the configuration value `lbpatterns:bindAddress`, else
    127.0.0.1); `concurrency` the number of worker threads (left out: Envoy's resource decides).
    """

    bind_address: Any = None
    concurrency: int | None = None

    name: ClassVar[str] = "envoy"
    supports: ClassVar[frozenset[Feature]] = SUPPORTS
    ways_out: ClassVar[Mapping[Feature, str]] = WAYS_OUT

    def create(self, spec: LBSpec, *, name: str, options: Any) -> Built:
        """One `lbpatterns-envoy:index:LoadBalancer`, with the spec in plain words as its input."""
        import pulumi  # noqa: PLC0415 (targets are listed without Pulumi too)

        from lbpatterns.targets.envoy.resources import LoadBalancer  # noqa: PLC0415

        bind_address = self.bind_address or pulumi.Config("lbpatterns").get("bindAddress")
        load_balancer = LoadBalancer(
            f"{name}-envoy",
            spec=to_plain(spec),
            bind_address=bind_address,
            concurrency=self.concurrency,
            opts=options,
        )
        return Built(host=load_balancer.host, load_balancer=load_balancer)


target = EnvoyTarget()
