"""The target `envoy`: real Envoys on the machine that runs Pulumi. `EnvoyTarget` says more than its name does."""

from lbpatterns.targets.envoy.target import EnvoyTarget

__all__ = ["EnvoyTarget"]
