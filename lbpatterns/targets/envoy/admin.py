"""Envoy's admin interface, asked over its unix socket: is it live, and which configuration is in force."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from lbpatterns.targets.envoy.bootstrap import ADMIN_SOCKET
from lbpatterns.targets.envoy.errors import EngineError

_SECONDS: Final = 2.0
_LONGEST_SOCKET_PATH: Final = 100  # `sun_path` holds 108 bytes on Linux and 104 on macOS, with the final zero
_FILTER: Final = (
    r"^(listener_manager\.lds|cluster_manager\.cds|sds\..+)"
    r"\.(version_text|update_attempt|update_rejected|update_failure|key_rotation_failed)$"
    r"|^listener_manager\.(total_listeners_(active|warming)|workers_started)$"
    r"|^cluster_manager\.warming_clusters$"
    r"|^listener\..+\.downstream_cx_active$"
)
_SUBSCRIPTIONS: Final = re.compile(r"^(listener_manager\.(?P<lds>lds)|cluster_manager\.(?P<cds>cds)|sds\.(?P<sds>.+))$")


class AdminUnreachableError(EngineError):
    """Nobody answers at the admin socket: not yet, or no longer."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What Envoy made of one file: the version in force, and how many it has looked at, refused, could not read."""

    version: str = ""
    attempts: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Status:
    """What is in force. `subscriptions` is by `lds`, `cds` and the names of the secrets in use.

    `clients` is above zero while some are connected; it counts a connection more than once.
    """

    subscriptions: Mapping[str, Subscription]
    listeners_active: int
    listeners_warming: int
    clusters_warming: int
    workers_started: bool
    clients: int = 0

    def subscription(self, name: str) -> Subscription:
        """One of them; an empty one where Envoy does not know it."""
        return self.subscriptions.get(name, Subscription())

    def in_force(self, versions: Mapping[str, str]) -> bool:
        """Whether exactly these versions serve, with nothing on its way."""
        settled = self.workers_started and not self.listeners_warming and not self.clusters_warming
        return settled and all(self.subscription(name).version == version for name, version in versions.items())


class Admin:
    """The admin interface of the Envoy that runs in `directory`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def is_live(self) -> bool:
        """Whether Envoy is done with starting. False too when it does not answer."""
        try:
            return self._get("/ready") == "LIVE\n"
        except AdminUnreachableError:
            return False

    def status(self) -> Status:
        """What is in force now. Raises `AdminUnreachableError`."""
        values = dict(line.partition(": ")[::2] for line in self._get(f"/stats?filter={quote(_FILTER)}").splitlines())
        number = {name: int(value) for name, value in values.items() if value.isdecimal()}
        return Status(
            subscriptions=_subscriptions(values, number),
            listeners_active=number.get("listener_manager.total_listeners_active", 0),
            listeners_warming=number.get("listener_manager.total_listeners_warming", 0),
            clusters_warming=number.get("cluster_manager.warming_clusters", 0),
            workers_started=number.get("listener_manager.workers_started", 0) == 1,
            clients=sum(
                value
                for name, value in number.items()
                if name.endswith(".downstream_cx_active") and not name.startswith("listener.admin.")
            ),
        )

    def listening(self) -> frozenset[tuple[str, int]]:
        """Every address and port of an active listener. Raises `AdminUnreachableError`."""
        statuses = json.loads(self._get("/listeners?format=json")).get("listener_statuses", [])
        addresses = (status["local_address"]["socket_address"] for status in statuses)
        return frozenset((address["address"], int(address["port_value"])) for address in addresses)

    def _get(self, path: str) -> str:
        with _reachable(self._directory) as address:
            connection = _UnixConnection(address)
            try:
                connection.request("GET", path)
                answer = connection.getresponse()
                body = answer.read().decode("utf-8", errors="replace")
            except (OSError, http.client.HTTPException) as error:
                raise AdminUnreachableError(f"Envoy's admin interface in {self._directory} does not answer") from error
            finally:
                connection.close()
        # /ready says 503 and PRE_INITIALIZING while Envoy starts.
        if answer.status not in {200, 503}:
            raise AdminUnreachableError(f"Envoy's admin interface says {answer.status} to {path.partition('?')[0]}")
        return body


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, address: str) -> None:
        super().__init__("localhost", timeout=_SECONDS)
        self._address = address

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_SECONDS)
        self.sock.connect(self._address)


@contextlib.contextmanager
def _reachable(directory: Path) -> Iterator[str]:
    """An address of the socket that is short enough to connect to."""
    path = str(directory / ADMIN_SOCKET)
    if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH:
        yield path
        return
    if sys.platform != "linux":
        raise EngineError(
            f"{path} is too long for a socket: {len(os.fsencode(path))} bytes, at most {_LONGEST_SOCKET_PATH}. "
            "Fix: set LBPATTERNS_STATE_DIR to a shorter path"
        )
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise AdminUnreachableError(f"{directory} is gone") from error
    try:
        yield f"/proc/self/fd/{descriptor}/{ADMIN_SOCKET}"
    finally:
        os.close(descriptor)


def _subscriptions(values: Mapping[str, str], number: Mapping[str, int]) -> dict[str, Subscription]:
    found = {}
    for prefix in {name.rpartition(".")[0] for name in values}:
        match = _SUBSCRIPTIONS.match(prefix)
        if match:
            counters = ("update_rejected", "update_failure", "key_rotation_failed")
            found[match["lds"] or match["cds"] or match["sds"]] = Subscription(
                version=values.get(f"{prefix}.version_text", "").strip('"'),
                attempts=number.get(f"{prefix}.update_attempt", 0),
                refused=sum(number.get(f"{prefix}.{counter}", 0) for counter in counters),
            )
    return found
