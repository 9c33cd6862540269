"""Sets up `.venv` of a checkout from the committed lock, and then Pulumi. Runs before anything is installed."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 (asked before the imports below, which such a Python cannot read)
    sys.exit(
        "error: this is Python %d.%d, and lbpatterns needs Python 3.11 or newer.\n" % sys.version_info[:2]  # noqa: UP031
        + "  where: %s\n" % sys.executable  # noqa: UP031
        + "  fix:   install a newer Python, or name one: make test PYTHON=/path/to/python3.12"
    )

import tomllib

from steps import Problem, reporting_problems, run, say, step

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "lbpatterns-setup.json"
LOCK = ROOT / "requirements" / "dev.lock"
UV_LOCK = ROOT / "requirements" / "uv.lock"
OLDEST_UV = (0, 5)
SPACE_NEEDED = 1_500_000_000


def wanted_stamp() -> dict[str, str]:
    """What the environment depends on; while this does not change, nothing is set up again."""
    metadata = tomllib.loads((ROOT / "pyproject.toml").read_text())
    parts = {name: metadata.get(name) for name in ("build-system", "project")}
    parts["hatch"] = metadata.get("tool", {}).get("hatch")
    return {
        "place": str(VENV),
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "lock": hashlib.sha256(LOCK.read_bytes() + UV_LOCK.read_bytes()).hexdigest(),
        "project": hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest(),
    }


def present_stamp() -> dict[str, str]:
    """What the environment was set up for, or nothing when it is absent, broken or half done."""
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    # Its base interpreter may have been removed or upgraded since: then .venv/bin/python is a dangling link.
    return stamp if isinstance(stamp, dict) and PYTHON.exists() else {}


def main() -> None:
    present = present_stamp()
    wanted = wanted_stamp()
    # An environment keeps its Python until another is named.
    if present and not os.environ.get("LBPATTERNS_SETUP_PYTHON"):
        wanted["python"] = present.get("python", wanted["python"])
    if present != wanted:
        STAMP.unlink(missing_ok=True)  # killed half-way, the next run starts over
        _require_space()
        if any(present.get(name) != wanted[name] for name in ("place", "python")):
            create_environment()
        if present.get("lock") != wanted["lock"] or present.get("place") != wanted["place"]:
            install_lock()
        install_project()
        STAMP.write_text(json.dumps(wanted, indent=2) + "\n")
    else:
        say(f"Python environment: {VENV} is up to date")
    command = [str(PYTHON), "-B", str(ROOT / "toolchain" / "set_up_pulumi.py")]
    sys.exit(subprocess.run(command, check=False).returncode)


def _require_space() -> None:
    free = shutil.disk_usage(ROOT).free
    if free < SPACE_NEEDED:
        raise Problem(
            "There is too little space for the Python environment.",
            where=str(VENV),
            why=f"it needs {SPACE_NEEDED // 10**6:,} MB and {free // 10**6:,} MB are free",
            fix="free some space (`df -h`), then run this again",
        )


def usable_uv() -> str | None:
    """The `uv` on PATH when it is new enough."""
    found = shutil.which("uv")
    if found is None:
        return None
    answer = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
    match = re.search(r"(\d+)\.(\d+)", answer.stdout)
    return found if match and (int(match[1]), int(match[2])) >= OLDEST_UV else None


def create_environment() -> None:
    """An empty environment in `.venv`; one that is there already is replaced."""
    with_pip = find_spec("ensurepip") is not None
    if not with_pip and usable_uv() is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise Problem(
            "This Python cannot create environments.",
            where=sys.executable,
            why="its module `ensurepip` is missing (Debian and Ubuntu pack it apart), and there is no `uv` on PATH",
            fix=f"apt install python3-venv (or python{version}-venv), or install uv, then run this again",
        )
    with step(f"Creating {VENV} with Python {sys.version.split()[0]}"):
        try:
            venv.EnvBuilder(clear=True, with_pip=with_pip, symlinks=True).create(VENV)
        except subprocess.CalledProcessError as error:
            raise Problem(
                "Creating the Python environment failed.",
                where=str(VENV),
                why=f"`{sys.executable} -m ensurepip` ended with status {error.returncode}",
                fix="apt install python3-venv where Debian's Python is used; else install Python again",
            ) from error
        (VENV / ".gitignore").write_text("*\n")


def install_lock() -> None:
    """Exactly what the lock names, checked against its hashes, compiled to bytecode; with uv, and pip behind it."""
    uv = usable_uv() or private_uv()
    pins = sum(1 for line in LOCK.read_text().splitlines() if line[:1].isalnum())
    environment = {**os.environ, "VIRTUAL_ENV": str(VENV)}
    with step(f"Installing {pins} locked packages with uv (requirements/{LOCK.name})"):
        try:
            run(
                [str(uv), "pip", "sync", "--python", str(PYTHON), "--require-hashes", "--compile-bytecode", str(LOCK)],
                doing="Installing the locked packages with uv",
                env=environment,
            )
            return
        except Problem as problem:
            # pip knows mirrors and certificates of its own configuration, which uv does not read.
            if not (VENV / "bin" / "pip").exists():
                raise
            first = problem
    say(f"  uv could not: {first.why.splitlines()[-1].strip()}")
    with step(f"Installing {pins} locked packages with pip"):
        pip("--require-hashes", "--no-deps", "-r", str(LOCK), doing="Installing the locked packages with pip")


def private_uv() -> Path:
    """`uv` inside `.venv`, by the environment's own pip, from its lock: nothing goes to the user's site."""
    with step("Installing uv into .venv"):
        pip("--require-hashes", "-r", str(UV_LOCK), doing="Installing uv")
    return VENV / "bin" / "uv"


def pip(*words: str, doing: str) -> None:
    """`pip install` of the environment's own pip; a user-wide `user = true` does not count in there."""
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", *words]
    run(command, doing=doing, env={**os.environ, "PIP_USER": "0"})


def install_project() -> None:
    """The checkout itself, editable: the build backend comes from the lock, so nothing is downloaded."""
    uv = usable_uv() or str(VENV / "bin" / "uv")
    options = ["--no-deps", "--no-build-isolation", "-e", str(ROOT)]
    doing = "Installing lbpatterns from this checkout"
    with step(doing):
        if Path(uv).exists():
            run([uv, "pip", "install", "--python", str(PYTHON), "--offline", "--quiet", *options], doing=doing)
        else:
            pip("--no-index", *options, doing=doing)


if __name__ == "__main__":
    reporting_problems(main)
