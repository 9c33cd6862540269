"""Serves the provider until Pulumi says to stop: `python -m lbpatterns.targets.envoy.plugin <engine address>`.

Prints its port on the first line, as Pulumi expects of a plugin. Ends on SIGINT and SIGTERM, and when the process that
started it has gone; what is under way then is cancelled and cleaned up first.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

import grpc.aio
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2_grpc

from lbpatterns.targets.envoy.errors import EngineError
from lbpatterns.targets.envoy.plugin.adapter import EnvoyProvider
from lbpatterns.targets.envoy.plugin.servicer import Servicer
from lbpatterns.targets.envoy.process import release_children

# A create mostly waits for its Envoy. asyncio's own pool has too few threads for that on a small machine.
_THREADS = 64
_CLEAN_UP_SECONDS = 15.0
_LOOK_FOR_PARENT_SECONDS = 0.5


async def serve(engine_address: str) -> None:
    """Serve until told to stop."""
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(_THREADS, thread_name_prefix="lbpatterns-envoy"))
    told_to_stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, told_to_stop.set)
    provider = EnvoyProvider()
    server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
    servicer = Servicer([], "", provider, engine_address=engine_address)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    orphaned = asyncio.create_task(_until_orphaned(told_to_stop))
    await told_to_stop.wait()
    orphaned.cancel()
    await provider.cancel()
    await server.stop(_CLEAN_UP_SECONDS)


async def _until_orphaned(told_to_stop: asyncio.Event) -> None:
    """A Pulumi that was killed tells nobody: its plugins just get another parent."""
    parent = os.getppid()
    while os.getppid() == parent:
        await asyncio.sleep(_LOOK_FOR_PARENT_SECONDS)
    told_to_stop.set()


def main() -> None:
    """The plugin."""
    parser = argparse.ArgumentParser(description="Pulumi provider plugin lbpatterns-envoy")
    parser.add_argument("engine", help="the address of Pulumi's engine")
    known, _ = parser.parse_known_args()  # Pulumi adds --logtostderr and others when it is told to be verbose
    try:
        asyncio.run(serve(known.engine))
    except EngineError as error:
        raise SystemExit(str(error)) from None
    finally:
        release_children()


if __name__ == "__main__":
    main()
