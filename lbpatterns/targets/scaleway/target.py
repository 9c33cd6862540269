"""The target `scaleway`: a Scaleway Load Balancer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from lbpatterns.core.spec import LBSpec
from lbpatterns.core.target import Built, Feature
from lbpatterns.targets.scaleway.options import ScalewayOptions
from lbpatterns.targets.scaleway.supports import SUPPORTS, WAYS_OUT

_SDK = "pulumiverse_scaleway"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalewayTarget:
    """Where and of what size. Give it as `target=` to say more than the name `scaleway` does.

    What `options` leave out comes from the configuration value `lbpatterns:scaleway`, an object such as
    `{type: LB-S, zone: fr-par-1, tags: [shop]}`, and else from the provider's configuration.
    """

    options: ScalewayOptions = field(default_factory=ScalewayOptions)

    name: ClassVar[str] = "scaleway"
    supports: ClassVar[frozenset[Feature]] = SUPPORTS
    ways_out: ClassVar[Mapping[Feature, str]] = WAYS_OUT

    def create(self, spec: LBSpec, *, name: str, options: Any) -> Built:
        """One resource of `pulumiverse_scaleway.loadbalancers` for each thing that Scaleway knows."""
        import pulumi  # noqa: PLC0415 (targets are listed without Pulumi too)

        try:
            from lbpatterns.targets.scaleway import resources  # noqa: PLC0415 (it loads Scaleway's SDK: 2 s, 79 MB)
        except ModuleNotFoundError as error:
            if (error.name or "").split(".")[0] != _SDK:
                raise
            raise pulumi.RunError(
                f"the target `scaleway` needs the package {_SDK}, which is not installed here.\n"
                "  fix: pip install 'lbpatterns[scaleway]', then lbpatterns setup"
            ) from None
        from lbpatterns.targets.scaleway.render import render  # noqa: PLC0415

        try:
            chosen = self.options.or_else(pulumi.Config("lbpatterns").get_object("scaleway") or {})
            words = render(spec, chosen, late=resources.late)
        except ValueError as error:
            raise pulumi.RunError(f"{name} cannot be built on Scaleway:\n{error}") from None
        return resources.create(words, name=name, options=options)


target = ScalewayTarget()
