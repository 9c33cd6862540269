"""What the policies of one run share: they are called one by one, and the stack is judged once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from pulumi_policy import PolicyResource

from lbpatterns.core.resource import Resource
from lbpatterns.policy.configuration import settings_of
from lbpatterns.policy.finding import Finding
from lbpatterns.policy.judge import judge
from lbpatterns.policy.proxies import plain, resource_of
from lbpatterns.policy.settings import Settings
from lbpatterns.policy.waivers import of_a_team


class JudgementError(Exception):
    """The judge broke off. Says nothing of values."""


class Session:
    """The settings and inputs that were seen, the rules that were asked, and the last judgement."""

    def __init__(self, settings: Settings, today: Callable[[], date]) -> None:
        self.settings = settings
        self.asked: set[str] = set()
        self._base = settings
        self._today = today
        self._config: Mapping[str, Any] = {}
        self._declared: dict[str, Mapping[str, Any]] = {}
        self._judged: tuple[tuple[Resource, ...], Settings, tuple[Finding, ...]] | None = None

    def configure(self, config: Mapping[str, Any]) -> None:
        """Take the configuration that came with a run. Raises `ConfigurationError` once for each."""
        if config == self._config:
            return
        self._config = config
        self.settings = self._base
        self.settings = settings_of(config, base=self._base)

    def declare(self, urn: str, inputs: Mapping[str, Any]) -> None:
        """Keep the inputs of a resource: what a stack policy sees of it later are its outputs."""
        self._declared[urn] = plain(inputs)

    def waives(self, rule: str, resource: str) -> bool:
        """Whether a setting waives a rule for a resource today, with a reason."""
        team = of_a_team(self.settings, stack="")
        return any(waiver.names((rule,), (resource,)) and waiver.counts(self._today()) for waiver in team)

    def findings(self, seen: Sequence[PolicyResource]) -> tuple[Finding, ...]:
        """What is found in a stack. Each policy of a run is handed the same stack, in new objects."""
        resources = tuple(resource_of(resource, self._declared.get(resource.urn)) for resource in seen)
        if self._judged is None or self._judged[:2] != (resources, self.settings):
            self._judged = resources, self.settings, self._judge(resources)
        return self._judged[2]

    def _judge(self, resources: tuple[Resource, ...]) -> tuple[Finding, ...]:
        try:
            return judge(resources, settings=self.settings, today=self._today())
        except Exception as error:
            # The engine prints what it is told, and the error may quote a property.
            raise JudgementError(
                f"the rules could not be put to this stack ({type(error).__name__}); that is a defect of lbpatterns"
            ) from None
