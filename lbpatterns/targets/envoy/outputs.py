"""What a load balancer says of itself: its inputs, where it answers, who runs, and what lies on disk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from lbpatterns.core.spec import UNKNOWN
from lbpatterns.targets.envoy import files
from lbpatterns.targets.envoy.configuration import EnvoyConfiguration
from lbpatterns.targets.envoy.errors import EngineError
from lbpatterns.targets.envoy.folder import Folder
from lbpatterns.targets.envoy.inputs import rendered
from lbpatterns.targets.envoy.paths import holds_unknown
from lbpatterns.targets.envoy.ports import Bind
from lbpatterns.targets.envoy.process import Process

INPUTS: Final = ("name", "spec", "bind_address", "concurrency")
OUTPUTS: Final = ("host", "ports", "pid", "started_at", "directory", "admin", "configuration")

# Nobody connects to "all addresses": the machine itself reaches the load balancer here.
_REACHED_AT: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - translated from, not bound to


def state_of(
    asked: Mapping[str, Any],
    configuration: EnvoyConfiguration,
    state: Path,
    *,
    process: Process | None,
    digest: str | None = None,
) -> dict[str, Any]:
    """Inputs and outputs. Without a process it is not known yet; `digest` defaults to what should be on disk."""
    folder = Folder(state / asked["name"])
    return {
        **{key: asked[key] for key in INPUTS},
        "host": _REACHED_AT.get(asked["bind_address"], asked["bind_address"]),
        "ports": [port for _, port in configuration.binds],
        "pid": process.pid if process else UNKNOWN,
        "started_at": process.started_at if process else UNKNOWN,
        "directory": str(folder.path),
        "admin": str(folder.admin),
        "configuration": digest or files.digest(configuration.files()),
    }


def foreseen(asked: Mapping[str, Any], state: Path) -> dict[str, Any]:
    """The same as far as it can be known before anything is done."""
    if not holds_unknown(asked):
        return state_of(asked, rendered(asked, state), state, process=None)
    name, address = asked["name"], asked["bind_address"]
    folder = None if name is UNKNOWN else Folder(state / name)
    return {
        **{key: asked[key] for key in INPUTS},
        **dict.fromkeys(OUTPUTS, UNKNOWN),
        "host": address if address is UNKNOWN else _REACHED_AT.get(address, address),
        "directory": str(folder.path) if folder else UNKNOWN,
        "admin": str(folder.admin) if folder else UNKNOWN,
    }


def binds_of(asked: Mapping[str, Any], state: Path) -> tuple[Bind, ...]:
    """What inputs (or a state, which holds them) listen on; none where that cannot be told."""
    try:
        return rendered(asked, state).binds
    except (EngineError, KeyError):
        return ()


def has_drifted(seen: Mapping[str, Any], state: Path) -> bool:
    """Whether what was last seen on disk is not what the inputs of that time mean today."""
    if holds_unknown(seen) or "configuration" not in seen:
        return False
    try:
        return bool(seen["configuration"] != files.digest(rendered(seen, state).files()))
    except (EngineError, KeyError):  # we have become stricter since
        return True
