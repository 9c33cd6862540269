"""Arguments for policies as they are at run time, for tests of your own rules.

A policy that is tested with plain dictionaries meets other things when Pulumi calls it: properties are proxies that
raise where a value is not known yet, lists are no lists, and every number is a float. Here the arguments take the way
that Pulumi's take: through its wire format and through pulumi-policy's own readers. That such a harness is missing is
https://github.com/pulumi/pulumi-policy/issues/445.

A project that wants the fixture `policy_stack` says `pytest_plugins = ["lbpatterns.testing.policy_fixture"]`.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pulumi_policy import (
    Policy,
    PolicyCustomTimeouts,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
    proxy,
)
from pulumi_policy.deserialize import deserialize_properties, serialize_properties

from lbpatterns.testing.values import UNKNOWN, Kind, OutputOf, Unknown, opened, received, secrets, sent, sources

__all__ = ["UNKNOWN", "Added", "Kind", "Outcome", "OutputOf", "PolicyStack", "Remediated", "Unknown", "Violation"]


@dataclass(frozen=True, slots=True)
class Added:
    """A resource of a `PolicyStack`."""

    urn: str
    type: str
    name: str
    props: Mapping[str, Any] = field(repr=False)
    computed: tuple[str, ...] = ()
    parent: str | None = None
    delete_before_replace: bool | None = None

    @property
    def id(self) -> OutputOf:
        """Its id, to be a property of another resource."""
        return self.output(f"id-of-{self.name}")

    def output(self, value: Any) -> OutputOf:
        """Any other output of it, to be a property of another resource."""
        return OutputOf(self.urn, value)


@dataclass(frozen=True, slots=True)
class Violation:
    """What a policy reported. `urn` is empty where it reported of the stack as a whole."""

    message: str
    urn: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a policy ended: what it reported; and, where it met a value that is not known or was not applicable, why."""

    violations: tuple[Violation, ...] = ()
    not_known: str | None = None
    not_applicable: str | None = None


@dataclass(frozen=True, slots=True)
class Remediated:
    """What a remediation made of a resource. `secrets` are the places (`tls.key`) that are still marked as secrets."""

    props: Mapping[str, Any] = field(repr=False)
    secrets: frozenset[str]


class PolicyStack:
    """The resources of a stack, put to a policy as Pulumi would put them.

    `phase` is that of the run: in a `preview`, ids and what comes from other resources are unknown. `added` are its
    resources so far.
    """

    def __init__(
        self,
        *,
        phase: Literal["preview", "up"] = "preview",
        name: str = "test",
        project: str = "project",
        tags: Mapping[str, str] | None = None,
    ) -> None:
        self.phase = phase
        self._prefix = f"urn:pulumi:{name}::{project}::"
        self._tags = dict(tags or {})
        self.added: list[Added] = []

    def add(
        self,
        type_: str,
        name: str,
        props: Mapping[str, Any] | None = None,
        *,
        parent: Added | None = None,
        computed: Iterable[str] = (),
        delete_before_replace: bool | None = None,
    ) -> Added:
        """A resource with these inputs, by the engine's names (`forwardPort`).

        A value may be `Unknown(kind)`, another resource's `id`, or a `pulumi_policy.Secret`, at any depth. `computed`
        names the properties that nobody gave and the cloud fills in: a stack policy sees them as unknown in a preview.
        """
        types = f"{parent.urn.split('::')[2]}${type_}" if parent else type_
        added = Added(
            urn=f"{self._prefix}{types}::{name}",
            type=type_,
            name=name,
            props=dict(props or {}),
            computed=tuple(computed),
            parent=parent.urn if parent else None,
            delete_before_replace=delete_before_replace,
        )
        self.added.append(added)
        return added

    def check(self, policy: Policy, config: Mapping[str, Any] | None = None) -> Outcome:
        """Put the stack to a stack policy, or each of its resources to a resource policy."""
        reported: list[Violation] = []
        if isinstance(policy, StackValidationPolicy):
            return _outcome([lambda: policy.validate(self.stack_args(config), _into(reported, ""))], reported)
        if not isinstance(policy, ResourceValidationPolicy):
            raise TypeError(f"{policy.name} is neither a stack policy nor a resource policy but a {type(policy)}")
        calls = [
            lambda added=added: policy.validate(self.resource_args(added, config), _into(reported, added.urn))
            for added in self.added
        ]
        return _outcome(calls, reported)

    def remediate(
        self, policy: ResourceValidationPolicy, added: Added, config: Mapping[str, Any] | None = None
    ) -> Remediated | None:
        """What the policy's remediation makes of a resource; None: it leaves it alone."""
        made = _waited(policy.remediate(self.resource_args(added, config, keep_secrets=True)))
        if not made:
            return None
        wire = serialize_properties(made)
        return Remediated(props=opened(wire), secrets=frozenset(secrets(wire)))

    def stack_args(self, config: Mapping[str, Any] | None = None) -> StackValidationArgs:
        """What a stack policy is called with."""
        seen = {added.urn: self._seen(added) for added in self.added}
        for added in self.added:
            resource = seen[added.urn]
            resource.parent = seen.get(added.parent or "")
            for name, value in added.props.items():
                others = [seen[urn] for urn in dict.fromkeys(sources(value)) if urn in seen]
                if others:
                    resource.property_dependencies[name] = others
                    resource.dependencies += [other for other in others if other not in resource.dependencies]
        return StackValidationArgs(list(seen.values()), received(config or {}), dict(self._tags))

    def resource_args(
        self, added: Added, config: Mapping[str, Any] | None = None, *, keep_secrets: bool = False
    ) -> ResourceValidationArgs:
        """What a resource policy is called with; with `keep_secrets`, what its remediation is called with."""
        props = deserialize_properties(self._wire(added.props), keep_secrets)
        return ResourceValidationArgs(
            added.type,
            proxy.unknown_checking_proxy(props),
            added.urn,
            added.name,
            _options(added),
            None,
            received(config or {}),
            dict(self._tags),
        )

    def _seen(self, added: Added) -> PolicyResource:
        own = OutputOf(added.urn, f"id-of-{added.name}")
        filled_in = {name: OutputOf(added.urn, f"{name}-of-{added.name}") for name in added.computed}
        outputs = self._wire({**added.props, "id": own, **filled_in})
        props = proxy.unknown_checking_proxy(deserialize_properties(outputs))
        return PolicyResource(added.type, props, added.urn, added.name, _options(added), None, None, [], {})

    def _wire(self, props: Mapping[str, Any]) -> dict[str, Any]:
        return received(sent(props, preview=self.phase == "preview"))


def _options(added: Added) -> PolicyResourceOptions:
    return PolicyResourceOptions(
        False, [], added.delete_before_replace, [], PolicyCustomTimeouts(0, 0, 0), [], added.parent
    )


def _into(reported: list[Violation], own: str) -> Any:
    """The callback; of a resource policy the URN is always the resource's own."""

    def report_violation(message: str, urn: str | None = None) -> None:
        reported.append(Violation(message, own or urn or ""))

    return report_violation


def _outcome(calls: Iterable[Any], reported: list[Violation]) -> Outcome:
    not_known: list[str] = []
    not_applicable: list[str] = []
    for call in calls:
        try:
            _waited(call())
        except proxy.UnknownValueError as error:
            not_known.append(error.message)
        except Exception as error:
            if type(error).__name__ != "_NotApplicableError":  # it has no public name
                raise
            not_applicable.append(str(getattr(error, "reason", None) or ""))
    return Outcome(
        tuple(reported),
        "\n".join(not_known) if not_known else None,
        "\n".join(not_applicable) if not_applicable else None,
    )


def _waited(result: Any) -> Any:
    if not inspect.isawaitable(result):
        return result

    async def wait(for_it: Awaitable[Any]) -> Any:
        return await for_it

    return asyncio.run(wait(result))
