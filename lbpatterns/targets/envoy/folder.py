"""The folder of one load balancer: what Envoy reads and writes there, and what we note down beside it.

`inputs.json` says what was asked for, by whom (a URN), and what of it is secret; `process.json` who runs;
`creating.json` stands there while a create is under way, and says which process does it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lbpatterns.targets.envoy import files
from lbpatterns.targets.envoy.bootstrap import ADMIN_SOCKET
from lbpatterns.targets.envoy.process import Process, started_at

_INPUTS: Final = "inputs.json"
_PROCESS: Final = "process.json"
_CREATING: Final = "creating.json"
_LOG: Final = "envoy.log"
_SUBSCRIPTIONS: Final = {"lds.json": "lds", "cds.json": "cds"}


def discovery(file: str, text: str) -> tuple[str, str]:
    """What a discovery file is to Envoy: the subscription (`lds`, `cds`, a secret's name) and the version.

    A text that somebody has spoilt is of the version `unreadable`, which is in force nowhere.
    """
    try:
        response = json.loads(text)
        return _SUBSCRIPTIONS.get(file) or str(response["resources"][0]["name"]), str(response["version_info"])
    except (ValueError, KeyError, TypeError, IndexError):
        return file, "unreadable"


@dataclass(frozen=True, slots=True)
class Record:
    """What was asked for: plain inputs, the URN that asked, and the places of secrets."""

    urn: str
    inputs: Mapping[str, Any]
    secrets: frozenset[str]


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder at `path`, whether or not it exists."""

    path: Path

    @property
    def name(self) -> str:
        """The load balancer's name, which is also its id."""
        return self.path.name

    @property
    def log(self) -> Path:
        """Where Envoy says what it has to say."""
        return self.path / _LOG

    @property
    def admin(self) -> Path:
        """The socket of Envoy's admin interface."""
        return self.path / ADMIN_SOCKET

    def exists(self) -> bool:
        """Whether there is such a folder."""
        return self.path.is_dir()

    def begin(self) -> None:
        """Make the folder, and say that its create is under way. FileExistsError when there is one."""
        files.make_private_directory(self.path, new=True)
        self._write(_CREATING, {"pid": os.getpid(), "started_at": started_at(os.getpid())})

    def commit(self) -> None:
        """The create is done: from here on the load balancer is somebody's."""
        (self.path / _CREATING).unlink()

    def creator(self) -> Process | None:
        """The process that creates, or has left a create half done; None when it was finished."""
        return self._process(_CREATING)

    def process(self) -> Process | None:
        """The Envoy that was started last."""
        return self._process(_PROCESS)

    def write_process(self, process: Process) -> None:
        """Note down who runs."""
        self._write(_PROCESS, {"pid": process.pid, "started_at": process.started_at})

    def record(self) -> Record | None:
        """What was asked for; None when there is none, or none that can be read."""
        found = self._read(_INPUTS)
        try:
            return Record(str(found["urn"]), dict(found["inputs"]), frozenset(found["secrets"]))
        except (KeyError, TypeError, ValueError):
            return None

    def write_record(self, record: Record) -> None:
        """Note down what was asked for."""
        self._write(_INPUTS, {"urn": record.urn, "inputs": record.inputs, "secrets": sorted(record.secrets)})

    def configuration(self) -> dict[str, str]:
        """Envoy's configuration as it lies here."""
        return files.configuration_files(self.path)

    def versions_on_disk(self) -> dict[str, str]:
        """The versions that these files ask for, by `lds`, `cds` and the names of the secrets."""
        versions = {}
        for name, text in self.configuration().items():
            if name != "bootstrap.json":
                subscription, version = discovery(name, text)
                versions[subscription] = version
        return versions

    def write_configuration(self, configuration: Mapping[str, str]) -> None:
        """Put these files in place and take the secrets of others away. For an Envoy that does not run."""
        for name, text in configuration.items():
            files.write(self.path / name, text)
        self.remove_files(set(self.configuration()) - set(configuration))

    def remove_files(self, names: Iterable[str]) -> None:
        """Take configuration files away."""
        for name in names:
            (self.path / name).unlink(missing_ok=True)

    def log_size(self) -> int:
        """How much Envoy has said so far, in bytes."""
        return self.log.stat().st_size if self.log.exists() else 0

    def log_text(self, start: int = 0) -> str:
        """What Envoy has said after the first `start` bytes."""
        try:
            with self.log.open("rb") as file:
                file.seek(start)
                return file.read().decode("utf-8", errors="replace")
        except OSError:
            return ""

    def keep_log_only(self) -> None:
        """Take away what holds keys, of an Envoy that is gone. Its log stays: it may tell why."""
        record = self.record()
        for path in self.path.iterdir():
            if path.name != _LOG:
                path.unlink(missing_ok=True)
        if record:
            self.write_record(Record(record.urn, {}, frozenset()))

    def remove(self) -> None:
        """Take the folder away, all of it; fine when it is gone."""
        # Twice: an Envoy that has just been stopped may still have been writing.
        shutil.rmtree(self.path, ignore_errors=True)
        if self.path.exists():
            shutil.rmtree(self.path)

    def _process(self, name: str) -> Process | None:
        found = self._read(name)
        try:
            return Process(int(found["pid"]), str(found["started_at"]))
        except (KeyError, TypeError, ValueError):
            return None

    def _write(self, name: str, value: Mapping[str, Any]) -> None:
        files.write(self.path / name, json.dumps(value, indent=1) + "\n")

    def _read(self, name: str) -> dict[str, Any]:
        try:
            found = json.loads((self.path / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}
