"""`lbpatterns scaleway-double`: the double of Scaleway's Load Balancer API in a process of its own."""

import shlex
import signal
from importlib.util import find_spec
from typing import Literal

import typer


def serve(*, port: int, mode: Literal["realistic", "fast"]) -> int:
    """Serve until interrupted, which is 0; 1 when the port is taken or the server library is missing."""
    if find_spec("werkzeug") is None:
        typer.echo("error: the double needs werkzeug.\n  fix: pip install 'lbpatterns[double]'", err=True)
        return 1
    from lbpatterns.doubles.scaleway_lb import CannotListenError, running  # noqa: PLC0415

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts what is in the background without it
    try:
        with running(mode=mode, port=port) as double:
            variables = " ".join(f"{name}={shlex.quote(value)}" for name, value in double.environment().items())
            typer.echo(f"scaleway-double ({mode}): {double.url}  env: {variables}")
            signal.pause()
    except CannotListenError as error:
        typer.echo(f"error: {error}\n  fix: choose another --port, or 0 for a free one", err=True)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0
