"""One line a step on the screen, progress while it lasts, and problems that say how to fix them."""

import contextlib
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

SHOW_PROGRESS_AFTER = 2.0
PLAIN_LINE_EVERY = 15.0
NO_SPACE = ("No space left on device", "ENOSPC", "Disk quota exceeded")
NO_NETWORK = (
    "dns error",
    "Name or service not known",
    "Temporary failure in name resolution",
    "nodename nor servname",
    "no such host",
    "Network is unreachable",
    "Connection refused",
    "connection refused",
    "Failed to fetch",
    "error sending request",
    "Could not find a version that satisfies",
    "i/o timeout",
)


class Problem(Exception):  # noqa: N818 (a problem with a fix, not a defect of the program)
    """What went wrong, where, why, and how to fix it; shown as it is, without a traceback."""

    def __init__(self, what: str, *, why: str, fix: str, where: str = "") -> None:
        lines = [what, *([f"  where: {where}"] if where else []), f"  why:   {why}", f"  fix:   {fix}"]
        super().__init__("\n".join(lines))
        self.why = why


def say(line: str) -> None:
    """One line for the user."""
    print(line, flush=True)


class Step:
    """A step that is under way; `note` is shown beside its elapsed time."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.note = ""


@contextlib.contextmanager
def step(title: str) -> Iterator[Step]:
    """Announce a step; while it lasts longer than two seconds show that it does, and at the end how long it took."""
    current = Step(title)
    begun = time.monotonic()
    finished = threading.Event()
    live = sys.stdout.isatty()
    say(f"· {title}" if _speaks_unicode() else f"- {title}")
    shown = threading.Thread(target=_show_progress, args=(current, begun, finished, live), daemon=True)
    shown.start()
    try:
        yield current
    finally:
        finished.set()
        shown.join()
    took = time.monotonic() - begun
    if took > SHOW_PROGRESS_AFTER:
        say(f"  done in {took:.0f} s")


def _show_progress(current: Step, begun: float, finished: threading.Event, live: bool) -> None:
    frames = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏" if _speaks_unicode() else "|/-\\"
    turn = 0
    pause = SHOW_PROGRESS_AFTER if live else PLAIN_LINE_EVERY
    while not finished.wait(pause):
        elapsed = f"{time.monotonic() - begun:.0f} s"
        note = f", {current.note}" if current.note else ""
        if live:
            turn += 1
            pause = 0.1
            print(f"\r\033[K  {frames[turn % len(frames)]} {elapsed}{note}", end="", flush=True)
        else:
            say(f"  still at it: {elapsed}{note}")
    if live and turn:
        print("\r\033[K", end="", flush=True)


def _speaks_unicode() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def run(
    command: Sequence[str | os.PathLike[str]],
    *,
    doing: str,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    fix: str = "",
    timeout: float | None = None,
    on_line: Callable[[str], None] = lambda _line: None,
) -> str:
    """Run `command` quietly and return what it printed; a failure is a `Problem` with its last lines.

    The command leads a process group of its own, which is ended with us: a compiler's children do not live on.
    """
    words = [os.fspath(word) for word in command]
    try:
        with tempfile.TemporaryFile("w+", errors="replace") as said:
            child = subprocess.Popen(
                words, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                text=True, errors="replace", process_group=0,
            )  # fmt: skip
            killer = threading.Timer(timeout or 86_400, _end_group, [child])
            killer.daemon = True
            killer.start()
            try:
                for line in child.stdout or ():
                    said.write(line)
                    on_line(line)
                status = child.wait()
            finally:
                killer.cancel()
                _end_group(child)
                if child.stdout:
                    child.stdout.close()
            said.seek(0)
            output = said.read()
    except OSError as error:
        raise problem_of(doing, words, str(error), fix) from error
    if status:
        raise problem_of(doing, words, output, fix)
    return output


def _end_group(child: "subprocess.Popen[str]") -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGTERM if child.poll() is None else signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(5)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def problem_of(doing: str, command: Sequence[str], output: str, fix: str = "") -> Problem:
    """The problem behind a failed command: no space, no network, or its own last words."""
    # pip repeats a failed connection five times, in lines of 300 characters: the last of them tells it all.
    spoken = [line.rstrip() for line in output.splitlines() if line.strip() and "Retrying (Retry(total=" not in line]
    retried = re.findall(r"NewConnectionError\(.*: (.*)'\)", output)[-1:]
    last = [*spoken[-8:], *retried]
    words = "\n         ".join(last) or "it printed nothing"
    if any(sign in output for sign in NO_SPACE):
        why, fix = f"the disk is full: {last[-1] if last else ''}", "free some space (`df -h`), then run this again"
    elif any(sign in output for sign in NO_NETWORK):
        why = f"something that it downloads could not be reached:\n         {words}"
        fix = fix or "check the network (a proxy goes into HTTPS_PROXY), then run this again; what is done is kept"
    else:
        why = words
    return Problem(
        f"{doing} failed.",
        where=shlex.join(command),
        why=why,
        fix=fix or "the lines above say more; then run this again",
    )


def obstacle_on_the_way_to(host: str) -> str:
    """Why something need not be fetched from `host`, or nothing. A name that does not resolve tells in milliseconds."""
    if urllib.request.getproxies().get("https"):
        return ""  # the proxy resolves names; only trying tells
    try:
        socket.create_connection((host, 443), timeout=3).close()
    except OSError as error:
        return f"{host} cannot be reached ({error.strerror or error})"
    return ""


def finish_on_sigterm() -> None:
    """Let SIGTERM unwind the stack like Ctrl-C does, so that temporary folders and child processes go."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def reporting_problems(main: Callable[[], None]) -> None:
    """Run `main`; a problem goes to standard error as it is and ends with status 1, Ctrl-C with 130."""
    finish_on_sigterm()
    try:
        main()
    except Problem as problem:
        sys.stdout.flush()
        sys.exit(f"error: {problem}")
    except OSError as error:
        sys.stdout.flush()
        full = any(sign in str(error) for sign in NO_SPACE)
        fix = "free some space (`df -h`)" if full else "make that place readable and writable"
        where = error.filename or "not told"
        sys.exit(f"error: {error.strerror or error}\n  where: {where}\n  fix:   {fix}, then run this again")
    except KeyboardInterrupt:
        sys.exit(130)
