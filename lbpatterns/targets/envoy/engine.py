"""What can be done with a load balancer: check, diff, create, read, update, delete. Plain values in and out.

Nothing here knows Pulumi. Every failure is an `EngineError`, whose text holds no key material. A create leaves a load
balancer that serves, or nothing; an update leaves the new configuration in force, or the former one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lbpatterns.core.plain import spec_from_plain
from lbpatterns.core.spec import UNKNOWN
from lbpatterns.targets.envoy import differences, files, inputs, leftovers, ports
from lbpatterns.targets.envoy.admin import Admin, AdminUnreachableError
from lbpatterns.targets.envoy.configuration import EnvoyConfiguration
from lbpatterns.targets.envoy.deadline import Deadline, never
from lbpatterns.targets.envoy.differences import Difference
from lbpatterns.targets.envoy.errors import EngineError
from lbpatterns.targets.envoy.folder import Folder, Record
from lbpatterns.targets.envoy.inputs import Checked, rendered, require_name
from lbpatterns.targets.envoy.outputs import INPUTS, binds_of, foreseen, has_drifted, state_of
from lbpatterns.targets.envoy.paths import holds_unknown
from lbpatterns.targets.envoy.process import Process, stop
from lbpatterns.targets.envoy.program import arguments, envoy_path, validate
from lbpatterns.targets.envoy.running import change, start

DEFAULT_SECONDS: Final = 15.0
_PORT_FREE_SECONDS: Final = 2.0
_NOT_IN_FORCE: Final = "not-in-force"

Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """A load balancer that runs: what it is (outputs), what was asked for, and which places of that are secret."""

    state: Plain
    inputs: Plain
    secrets: frozenset[str]


def patience(asked: Mapping[str, Any]) -> float:
    """Seconds after which an Envoy that does not serve is given up, where nobody says how many.

    Envoy waits for the first health check of every backend; one that hangs takes its whole timeout.
    """
    checks = [backend.health_check for backend in spec_from_plain(asked["spec"]).backends]
    return DEFAULT_SECONDS + max(
        (check.timeout for check in checks if check and check.timeout is not UNKNOWN), default=0
    )


class Engine:
    """Load balancers whose folders lie under `state` (default: `files.state_directory()`).

    `cancelled` is asked while something is waited for; true ends it as a failure, with nothing left half done.
    """

    def __init__(self, state: Path | None = None, cancelled: Callable[[], bool] = never) -> None:
        self._state = state or files.state_directory()
        self._cancelled = cancelled

    def check(
        self, old: Mapping[str, Any], new: Mapping[str, Any], *, resource_name: str, random_seed: bytes
    ) -> Checked:
        """The inputs in their one form, with a name, and what is wrong with them."""
        return inputs.check(old, new, resource_name=resource_name, random_seed=random_seed, state=self._state)

    def diff(self, state: Mapping[str, Any], new: Mapping[str, Any], ignored: Sequence[str] = ()) -> Difference:
        """What changes from a state (outputs) to new inputs.

        Only `name` replaces. `concurrency` restarts Envoy, which cuts connections; all else changes while it serves.
        """
        old = {key: state[key] for key in INPUTS if key in state}
        found = differences.changes(old, {key: new[key] for key in INPUTS if key in new}, ignored=ignored)
        return Difference(
            changes=found,
            drifted=not differences.is_ignored("configuration", ignored) and has_drifted(state, self._state),
            delete_before_replace="name" in found and self._need_the_same_port(old, new),
        )

    def create(
        self,
        asked: Mapping[str, Any],
        *,
        urn: str = "",
        secrets: Iterable[str] = (),
        seconds: float = 0,
        preview: bool = False,
        cancelled: Callable[[], bool] = never,
    ) -> Plain:
        """Start an Envoy that serves what was asked for, and return its state; its id is `state["name"]`."""
        if preview:
            return foreseen(asked, self._state)
        configuration = rendered(asked, self._state)
        deadline = self._deadline(seconds or patience(asked), cancelled)
        envoy, folder = envoy_path(), self._folder(asked["name"])
        validate(envoy, configuration, self._state, deadline)
        with ports.reserved(configuration.binds, self._state, deadline):
            leftovers.clear(self._state, urn, asked)
            ports.refuse_taken(configuration.binds)
            try:
                folder.begin()
            except FileExistsError:
                raise EngineError(
                    f"there is a load balancer {folder.name!r} on this machine already, in {folder.path}. "
                    f"Fix: choose another name, or take it over with `pulumi import` and the id {folder.name}"
                ) from None
            process: Process | None = None
            try:
                folder.write_record(Record(urn, asked, frozenset(secrets)))
                folder.write_configuration(configuration.files())
                process = start(folder, configuration, arguments(envoy, int(asked["concurrency"])), deadline)
                deadline.check("the create to be finished")
                folder.commit()
            except BaseException:
                if process is not None:
                    stop(process)
                folder.remove()
                raise
        return state_of(asked, configuration, self._state, process=process)

    def read(self, name: str, state: Mapping[str, Any], asked: Mapping[str, Any]) -> Found | None:
        """What runs under this name, None when nothing does.

        Without `state` and `asked` (an import) they come from the folder. What is left of an Envoy that is gone loses
        its keys. A folder that is gone while its Envoy still runs is a drift that an update heals.
        """
        folder = self._folder(name)
        process = self._process(folder, state)
        record = folder.record()
        if process is None:
            if folder.exists() and folder.creator() is None:
                folder.keep_log_only()
            return None
        known = dict(asked) or (dict(record.inputs) if record else {})
        if not known:
            return None
        # Secret is what was said to be so by then, even when the program no longer says it.
        secrets = record.secrets if record else frozenset()
        configuration = rendered(known, self._state)
        digest = self._configuration_in_force(folder)
        found = state_of(known, configuration, self._state, process=process, digest=digest)
        return Found(found, {key: known[key] for key in INPUTS}, secrets)

    def update(
        self,
        name: str,
        state: Mapping[str, Any],
        asked: Mapping[str, Any],
        *,
        urn: str = "",
        secrets: Iterable[str] = (),
        seconds: float = 0,
        preview: bool = False,
        cancelled: Callable[[], bool] = never,
    ) -> Plain:
        """Bring a load balancer to what is asked for now, and heal what has drifted. Returns its state."""
        if preview:
            restarts = asked.get("concurrency") != state.get("concurrency")
            kept = {} if restarts else {key: state[key] for key in ("pid", "started_at") if key in state}
            return foreseen(asked, self._state) | kept
        configuration = rendered(asked, self._state)
        deadline = self._deadline(seconds or patience(asked), cancelled)
        envoy, folder = envoy_path(), self._folder(name)
        validate(envoy, configuration, self._state, deadline)
        process = self._process(folder, state)
        former = binds_of(state, self._state) if process else ()
        with ports.reserved(configuration.binds, self._state, deadline):
            ports.refuse_taken(set(configuration.binds) - set(former))
            command = arguments(envoy, int(asked["concurrency"]))
            if process and self._can_change_while_it_runs(folder, state, asked, configuration):
                change(folder, configuration, deadline)
            else:
                process = self._restart(folder, process, configuration, command, state, deadline)
            folder.write_record(Record(urn, asked, frozenset(secrets)))
        ports.wait_until_free(set(former) - set(configuration.binds), Deadline(_PORT_FREE_SECONDS))
        return state_of(asked, configuration, self._state, process=process)

    def delete(self, name: str, state: Mapping[str, Any]) -> None:
        """Stop Envoy, take the folder away, and return when the ports are free. Fine when there is nothing."""
        folder = self._folder(name)
        process = self._process(folder, state)
        if process:
            stop(process)
        folder.remove()
        if process:
            ports.wait_until_free(binds_of(state, self._state), Deadline(_PORT_FREE_SECONDS))

    def _deadline(self, seconds: float, cancelled: Callable[[], bool]) -> Deadline:
        return Deadline(seconds, lambda: self._cancelled() or cancelled())

    def _folder(self, name: Any) -> Folder:
        return Folder(self._state / require_name(name))

    def _process(self, folder: Folder, state: Mapping[str, Any]) -> Process | None:
        """The Envoy that runs: the one the folder names, else the one the state names."""
        named = [folder.process()]
        if state.get("pid") and state.get("started_at"):
            named.append(Process(int(state["pid"]), str(state["started_at"])))
        return next((process for process in named if process and process.is_alive()), None)

    def _need_the_same_port(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
        return holds_unknown(new) or ports.overlap(binds_of(old, self._state), binds_of(new, self._state))

    def _configuration_in_force(self, folder: Folder) -> str:
        """The digest of the files, marked where Envoy serves something else, or does not answer."""
        digest = files.digest(folder.configuration())
        try:
            status = Admin(folder.path).status()
        except AdminUnreachableError:
            return f"{digest}-{_NOT_IN_FORCE}"
        versions = folder.versions_on_disk()
        return digest if status.in_force(versions) else f"{digest}-{_NOT_IN_FORCE}"

    def _can_change_while_it_runs(
        self, folder: Folder, state: Mapping[str, Any], asked: Mapping[str, Any], configuration: EnvoyConfiguration
    ) -> bool:
        """Whether Envoy was started as is asked for now, and still answers."""
        bootstrap = configuration.files()["bootstrap.json"]
        same = folder.configuration().get("bootstrap.json") == bootstrap
        return same and asked["concurrency"] == state.get("concurrency") and Admin(folder.path).is_live()

    def _restart(
        self,
        folder: Folder,
        process: Process | None,
        configuration: EnvoyConfiguration,
        command: list[str],
        state: Mapping[str, Any],
        deadline: Deadline,
    ) -> Process:
        """Start anew, also what has died; on failure start the former configuration again, if one ran."""
        if process:
            stop(process)
        files.make_private_directory(folder.path)
        try:
            folder.write_configuration(configuration.files())
            return start(folder, configuration, command, deadline)
        except BaseException:
            if process:
                former = rendered(state, self._state)
                folder.write_configuration(former.files())
                again = arguments(envoy_path(), int(state["concurrency"]))
                start(folder, former, again, Deadline(DEFAULT_SECONDS))
            raise
