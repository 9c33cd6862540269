"""An Envoy brought to life in its folder, and brought from one configuration to another while it serves."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lbpatterns.targets.envoy import files
from lbpatterns.targets.envoy.admin import Admin, AdminUnreachableError, Status
from lbpatterns.targets.envoy.configuration import EnvoyConfiguration, secret_file
from lbpatterns.targets.envoy.deadline import Deadline
from lbpatterns.targets.envoy.errors import EngineError, envoys_words
from lbpatterns.targets.envoy.folder import Folder, discovery
from lbpatterns.targets.envoy.process import Process, spawn, stop

# How long a cluster that goes away stays for clients that were connected before. Each of them is told with its next
# answer to connect anew; one that stays silent for longer gets a 503 when it asks again.
_LINGER_SECONDS: Final = 2.0
_PUT_BACK_SECONDS: Final = 5.0
_PUT_BACK_ORDER: Final = {"lds.json": 0, "cds.json": 1}


class RefusedByEnvoyError(EngineError):
    """Envoy did not take a file."""


def start(folder: Folder, configuration: EnvoyConfiguration, command: list[str], deadline: Deadline) -> Process:
    """Start Envoy and return when it serves all of `configuration`, whose files lie in the folder already.

    Raises with Envoy's own words when it does not get there; then no Envoy is left.
    """
    said_before = folder.log_size()
    process = spawn(command, directory=folder.path, log=folder.log)
    try:
        folder.write_process(process)
        _wait_until_served(folder, configuration, process, deadline)
    except BaseException as error:
        stop(process)
        if isinstance(error, EngineError):
            said = envoys_words(folder.log_text(said_before))
            raise type(error)(f"load balancer {folder.name!r}: {error}\n{said}") from error
        raise
    return process


def _wait_until_served(folder: Folder, configuration: EnvoyConfiguration, process: Process, deadline: Deadline) -> None:
    admin = Admin(folder.path)

    def serves() -> bool:
        if not process.is_alive():
            raise EngineError("Envoy ended before it was ready")
        if not admin.is_live():
            return False
        try:
            status = admin.status()
            _raise_if_refused(status, Status({}, 0, 0, 0, workers_started=False), configuration.versions)
            return status.in_force(configuration.versions) and admin.listening() >= set(configuration.binds)
        except AdminUnreachableError:
            return False

    deadline.until(serves, "Envoy to be ready")


def _raise_if_refused(now: Status, before: Status, names: Iterable[str]) -> None:
    refused = [name for name in names if now.subscription(name).refused > before.subscription(name).refused]
    if refused:
        raise RefusedByEnvoyError(f"Envoy refused {', '.join(refused)}")


@dataclass(frozen=True, slots=True)
class _Step:
    """A file to put in place and the subscription that has to take it; None where nothing is subscribed yet."""

    file: str
    text: str
    subscription: str | None
    takes_away: bool = False


def change(folder: Folder, configuration: EnvoyConfiguration, deadline: Deadline) -> None:
    """Bring the running Envoy to `configuration` without cutting traffic, and return when all of it is in force.

    Where a backend goes away, requests that are under way to it have two seconds to end.

    When Envoy refuses a part of it, or time is up, the former files are put back, and the error holds Envoy's words.
    """
    former, said_before = folder.configuration(), folder.log_size()
    admin = Admin(folder.path)
    wanted = configuration.files()
    try:
        for step in _steps(former, wanted, configuration, admin.status()):
            if step.takes_away:
                _linger(admin, deadline)
            _put(folder, step, admin, deadline)
        deadline.until(_settled(admin, configuration), "Envoy to put the new configuration in force")
    except BaseException as error:
        _put_back(folder, former, admin)
        if isinstance(error, EngineError):
            said = envoys_words(folder.log_text(said_before))
            raise type(error)(f"load balancer {folder.name!r} stays as it was: {error}\n{said}") from error
        raise
    folder.remove_files(set(folder.configuration()) - set(wanted))


def _settled(admin: Admin, configuration: EnvoyConfiguration) -> Callable[[], bool]:
    return lambda: admin.status().in_force(configuration.versions) and admin.listening() == set(configuration.binds)


def _steps(
    former: Mapping[str, str], wanted: Mapping[str, str], configuration: EnvoyConfiguration, status: Status
) -> Iterable[_Step]:
    """The order that never cuts traffic: secrets, all clusters old and new, listeners, then the new clusters alone.

    A file whose version is not the one in force is put in place also where its text is there already: Envoy looks
    only at what is renamed.
    """

    def stale(file: str, subscription: str) -> bool:
        in_force = status.subscription(subscription).version
        return former.get(file) != wanted[file] or in_force != configuration.versions[subscription]

    for secret in configuration.secrets:
        name, file = secret["name"], secret_file(secret["name"])
        if stale(file, name):
            used = name if status.subscription(name).attempts else None
            yield _Step(file, wanted[file], used)
    both = _with_former_clusters(former.get("cds.json", ""), wanted["cds.json"])
    change_listeners = stale("lds.json", "lds")
    if both and change_listeners:
        yield _Step("cds.json", both, "cds")
    elif stale("cds.json", "cds"):
        yield _Step("cds.json", wanted["cds.json"], "cds")
    if change_listeners:
        yield _Step("lds.json", wanted["lds.json"], "lds")
    if both and change_listeners:
        yield _Step("cds.json", wanted["cds.json"], "cds", takes_away=True)


def _linger(admin: Admin, deadline: Deadline) -> None:
    end = time.monotonic() + _LINGER_SECONDS
    deadline.until(lambda: not admin.status().clients or time.monotonic() > end, "clients to leave former backends")


def _with_former_clusters(former: str, wanted: str) -> str | None:
    """The wanted clusters and those that go away, as one file; None when none goes away."""
    new = json.loads(wanted)
    names = {cluster["name"] for cluster in new["resources"]}
    try:
        leaving = [cluster for cluster in json.loads(former)["resources"] if cluster["name"] not in names]
    except (ValueError, KeyError, TypeError):  # somebody has edited it
        return None
    if not leaving:
        return None
    both: dict[str, Any] = {
        "version_info": f"{new['version_info']}-and-former",
        "resources": new["resources"] + leaving,
    }
    return json.dumps(both)


def _put(folder: Folder, step: _Step, admin: Admin, deadline: Deadline) -> None:
    before = admin.status()
    files.write(folder.path / step.file, step.text)
    name = step.subscription
    if name is None:
        return
    _, version = discovery(step.file, step.text)

    def taken() -> bool:
        now = admin.status()
        _raise_if_refused(now, before, [name])
        looked = now.subscription(name).attempts > before.subscription(name).attempts
        # A cluster that still warms up serves nobody: a listener that is sent to it would answer 503.
        return looked and now.in_force({name: version})

    deadline.until(taken, f"Envoy to take {step.file}")


def _put_back(folder: Folder, former: Mapping[str, str], admin: Admin) -> None:
    """The former files again, listeners first: their clusters are all still there."""
    deadline = Deadline(_PUT_BACK_SECONDS)
    now = folder.configuration()
    for file in sorted(former, key=lambda file: _PUT_BACK_ORDER.get(file, len(_PUT_BACK_ORDER))):
        if now.get(file) == former[file]:
            continue
        subscription, _ = discovery(file, former[file])
        try:
            used = subscription if admin.status().subscription(subscription).attempts else None
            _put(folder, _Step(file, former[file], used), admin, deadline)
        except EngineError:
            files.write(folder.path / file, former[file])
    folder.remove_files(set(folder.configuration()) - set(former))
