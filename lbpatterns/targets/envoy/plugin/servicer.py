"""Pulumi's gRPC servicer, with errors that a user can read: no traceback where nothing is wrong with the program."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime.proto import plugin_pb2

from lbpatterns.targets.envoy.errors import EngineError, redacted
from lbpatterns.targets.envoy.plugin.schema import version

_Method = Callable[[Any, Any], Awaitable[Any]]


class Servicer(ProviderServicer):
    """The stock servicer appends a traceback to every exception; a user's mistake is told in its own words alone."""

    async def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802 - gRPC's name
        """Our version, looked up only here: it takes a while, and every run would pay for it."""
        del request, context
        return plugin_pb2.PluginInfo(version=version())

    async def Check(self, request: Any, context: Any) -> Any:  # noqa: N802 - gRPC's name
        """See `EnvoyProvider.check`."""
        return await _in_plain_words(super().Check, request, context)

    async def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802 - gRPC's name
        """See `EnvoyProvider.diff`."""
        return await _in_plain_words(super().Diff, request, context)

    async def Create(self, request: Any, context: Any) -> Any:  # noqa: N802 - gRPC's name
        """See `EnvoyProvider.create`."""
        return await _in_plain_words(super().Create, request, context)

    async def Read(self, request: Any, context: Any) -> Any:  # noqa: N802 - gRPC's name
        """See `EnvoyProvider.read`."""
        return await _in_plain_words(super().Read, request, context)

    async def Update(self, request: Any, context: Any) -> Any:  # noqa: N802 - gRPC's name
        """See `EnvoyProvider.update`."""
        return await _in_plain_words(super().Update, request, context)

    async def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802 - gRPC's name
        """See `EnvoyProvider.delete`."""
        return await _in_plain_words(super().Delete, request, context)


async def _in_plain_words(method: _Method, request: Any, context: Any) -> Any:
    try:
        return await method(request, context)
    except Exception as error:
        # The stock servicer raises a new exception, with the traceback in its text, while it handles ours.
        cause = error.__context__
        message = str(cause) if isinstance(cause, EngineError) else redacted(str(error))
        # `abort` raises, and gRPC prints nothing of it to our standard error.
        return await context.abort(grpc.StatusCode.UNKNOWN, message)
