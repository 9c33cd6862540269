"""Addresses and ports to listen on: held by one create at a time, free or taken, and by whom.

Envoy listens with SO_REUSEPORT: a second one of the same user would bind a taken port without an error, and both
would get a share of the connections. So it has to be asked before, and nobody may come in between.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, TypeAlias

from lbpatterns.targets.envoy.deadline import Deadline, OutOfTimeError
from lbpatterns.targets.envoy.errors import EngineError
from lbpatterns.targets.envoy.files import make_private_directory

Bind: TypeAlias = tuple[str, int]

WILDCARDS: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not bound to
_LISTENING: Final = "0A"  # TCP_LISTEN in /proc/net/tcp


def overlap(left: Iterable[Bind], right: Iterable[Bind]) -> bool:
    """Whether some address and port of one is needed by the other."""
    others = tuple(right)
    return any(
        port == other_port and (address == other or not WILDCARDS.isdisjoint({address, other}))
        for address, port in left
        for other, other_port in others
    )


@contextlib.contextmanager
def reserved(binds: Iterable[Bind], state: Path, deadline: Deadline) -> Iterator[None]:
    """Be the only one on this machine that is about to listen on these ports. Waits for others to be done."""
    locks = state / ".ports"
    make_private_directory(state)
    make_private_directory(locks)
    with contextlib.ExitStack() as held:
        # In one order for all, so that two that want the same ports never wait for each other.
        for port in sorted({port for _, port in binds}):
            held.enter_context(_locked(locks / str(port), deadline))
        yield


@contextlib.contextmanager
def _locked(path: Path, deadline: Deadline) -> Iterator[None]:
    descriptor = -1

    def lock() -> bool:
        nonlocal descriptor
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Whoever held it before has removed the file: then this is a lock on nothing.
            if path.stat().st_ino == os.fstat(descriptor).st_ino:
                return True
        except (BlockingIOError, FileNotFoundError):
            pass
        os.close(descriptor)
        return False

    deadline.until(lock, f"another load balancer that is being created on port {path.name}")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def refuse_taken(binds: Iterable[Bind]) -> None:
    """Raise `EngineError` with each address and port that cannot be listened on, why, and who has it."""
    reasons = [reason for bind in binds if (reason := _reason(*bind))]
    if reasons:
        raise EngineError("\n".join(reasons))


def wait_until_free(binds: Iterable[Bind], deadline: Deadline) -> None:
    """Return when all are free, or when time is up: somebody else may have taken one by then."""
    with contextlib.suppress(OutOfTimeError):
        deadline.until(lambda: all(_error(*bind) != errno.EADDRINUSE for bind in binds), "ports to be free")


def _reason(address: str, port: int) -> str | None:
    error = _error(address, port)
    if error is None:
        return None
    if error == errno.EADDRINUSE:
        who = holder(port)
        return f"port {port} on {address} is in use{f' by {who}' if who else ''}. Fix: choose another port, or stop it"
    if error == errno.EACCES:
        return (
            f"port {port} on {address} needs privileges that this user lacks. Fix: choose a port from 1024 up, or "
            "lower the sysctl net.ipv4.ip_unprivileged_port_start"
        )
    return f"port {port} on {address} cannot be listened on: {os.strerror(error)}. Fix: choose another bind_address"


def _error(address: str, port: int) -> int | None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As Envoy does: connections that linger after a former listener are no obstacle. No SO_REUSEPORT, though.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            return error.errno
    return None


def holder(port: int) -> str | None:
    """The process that listens on a port, as `envoy (pid 4711)`; None where this machine does not tell."""
    inodes = {inode for name in ("tcp", "tcp6") for inode in _listening_inodes(Path("/proc/net") / name, port)}
    if not inodes:
        return None
    sockets = {f"socket:[{inode}]" for inode in inodes}
    for process in Path("/proc").glob("[0-9]*"):
        # Another user's process, or one that has just ended, does not tell.
        with contextlib.suppress(OSError):
            if any(_leads_to(link) in sockets for link in (process / "fd").iterdir()):
                return f"{(process / 'comm').read_text(encoding='utf-8').strip()} (pid {process.name})"
    return None


def _leads_to(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:  # closed in the meantime
        return ""


def _listening_inodes(table: Path, port: int) -> Iterator[str]:
    try:
        lines = table.read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return
    for fields in map(str.split, lines):
        if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
            yield fields[9]
