"""The engine as a Pulumi provider: property values in and out, blocking work in threads, cancellation passed on."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from pulumi.provider.experimental import provider as pulumi_provider
from pulumi.provider.experimental.provider import Provider

from lbpatterns.targets.envoy.differences import Change, Difference
from lbpatterns.targets.envoy.engine import Engine
from lbpatterns.targets.envoy.plugin.schema import schema
from lbpatterns.targets.envoy.plugin.values import plain, properties

T = TypeVar("T")

_KINDS = {
    (Change.ADD, False): pulumi_provider.PropertyDiffKind.ADD,
    (Change.ADD, True): pulumi_provider.PropertyDiffKind.ADD_REPLACE,
    (Change.DELETE, False): pulumi_provider.PropertyDiffKind.DELETE,
    (Change.DELETE, True): pulumi_provider.PropertyDiffKind.DELETE_REPLACE,
    (Change.UPDATE, False): pulumi_provider.PropertyDiffKind.UPDATE,
    (Change.UPDATE, True): pulumi_provider.PropertyDiffKind.UPDATE_REPLACE,
}


class EnvoyProvider(Provider):
    """One resource, `lbpatterns-envoy:index:LoadBalancer`, built by `Engine`."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()
        self._engine = Engine(cancelled=self._cancelled.is_set)

    async def get_schema(self, request: pulumi_provider.GetSchemaRequest) -> pulumi_provider.GetSchemaResponse:
        """The schema of the package."""
        del request
        return pulumi_provider.GetSchemaResponse(json.dumps(schema()))

    async def configure(self, request: pulumi_provider.ConfigureRequest) -> pulumi_provider.ConfigureResponse:
        """What we understand: secrets and previews. Not output values, which the SDK here cannot read when unknown."""
        del request
        return pulumi_provider.ConfigureResponse(accept_secrets=True, supports_preview=True)

    async def check(self, request: pulumi_provider.CheckRequest) -> pulumi_provider.CheckResponse:
        """Inputs in their one form, or what is wrong with them."""
        old, _ = plain(request.old_inputs)
        new, secrets = plain(request.new_inputs)
        checked = await asyncio.to_thread(
            self._engine.check, old, new, resource_name=request.name, random_seed=request.random_seed
        )
        failures = [pulumi_provider.CheckFailure(place, reason) for place, reason in checked.problems]
        return pulumi_provider.CheckResponse(properties(checked.inputs, secrets), failures)

    async def diff(self, request: pulumi_provider.DiffRequest) -> pulumi_provider.DiffResponse:
        """What changes, place by place."""
        state, _ = plain(request.old_state)
        new, _ = plain(request.new_inputs)
        found = await asyncio.to_thread(self._engine.diff, state, new, request.ignore_changes)
        return pulumi_provider.DiffResponse(
            changes=found.any,
            replaces=list(found.replaces),
            delete_before_replace=found.delete_before_replace,
            diffs=list(dict.fromkeys(path.partition(".")[0].partition("[")[0] for path in found.changes)),
            detailed_diff=_detailed(found),
        )

    async def create(self, request: pulumi_provider.CreateRequest) -> pulumi_provider.CreateResponse:
        """Start an Envoy."""
        asked, secrets = plain(request.properties)
        given: dict[str, Any] = {"urn": request.urn, "secrets": secrets, "seconds": request.timeout}
        state = await self._in_thread(
            lambda cancelled: self._engine.create(asked, **given, preview=request.preview, cancelled=cancelled)
        )
        resource_id = None if request.preview else state["name"]
        return pulumi_provider.CreateResponse(resource_id, properties(state, secrets))

    async def read(self, request: pulumi_provider.ReadRequest) -> pulumi_provider.ReadResponse:
        """What runs; no id when nothing does."""
        state, _ = plain(request.properties)
        asked, secrets = plain(request.inputs)
        found = await asyncio.to_thread(self._engine.read, request.resource_id, state, asked)
        if found is None:
            return pulumi_provider.ReadResponse()
        secrets |= found.secrets
        return pulumi_provider.ReadResponse(
            request.resource_id, properties(found.state, secrets), properties(found.inputs, secrets)
        )

    async def update(self, request: pulumi_provider.UpdateRequest) -> pulumi_provider.UpdateResponse:
        """Bring an Envoy to what is asked for now."""
        state, _ = plain(request.olds)
        asked, secrets = plain(request.news)
        name = request.resource_id
        given: dict[str, Any] = {"urn": request.urn, "secrets": secrets, "seconds": request.timeout}
        new_state = await self._in_thread(
            lambda cancelled: self._engine.update(
                name, state, asked, **given, preview=request.preview, cancelled=cancelled
            )
        )
        return pulumi_provider.UpdateResponse(properties(new_state, secrets))

    async def delete(self, request: pulumi_provider.DeleteRequest) -> None:
        """Stop an Envoy, and remove what is its."""
        state, _ = plain(request.properties)
        await asyncio.to_thread(self._engine.delete, request.resource_id, state)

    async def cancel(self) -> None:
        """What is under way ends as a failure, and leaves nothing behind."""
        self._cancelled.set()

    async def _in_thread(self, work: Callable[[Callable[[], bool]], T]) -> T:
        """Run blocking work in a thread. When the caller goes away (Pulumi was killed), the work is told."""
        abandoned = threading.Event()
        try:
            return await asyncio.to_thread(work, abandoned.is_set)
        except asyncio.CancelledError:
            abandoned.set()
            raise


def _detailed(found: Difference) -> dict[str, pulumi_provider.PropertyDiff]:
    detailed = {
        path: pulumi_provider.PropertyDiff(_KINDS[change, path in found.replaces], input_diff=True)
        for path, change in found.changes.items()
    }
    if found.drifted:
        detailed["configuration"] = pulumi_provider.PropertyDiff(
            pulumi_provider.PropertyDiffKind.UPDATE, input_diff=False
        )
    return detailed
