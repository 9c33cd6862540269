"""Pulumi's provider plugin `scaleway`: which version the installed Python package asks for, and where it lies.

The plugin counts as there when Pulumi itself finds it: in `plugins` of its home. `lbpatterns setup` puts it there.
"""

import contextlib
import json
import os
import pwd
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from lbpatterns.cli import machine

NAME = "scaleway"
PACKAGE = "pulumiverse_scaleway"
EXECUTABLE = "pulumi-resource-scaleway"
MARK = "built-by-lbpatterns"  # beside the executable: the key of the sources that it was built from
SOURCES = ("go.mod", "go.sum", "main.go", "bridge/bridge.go", "bridge/host.go", "schema/main.go")


class PluginMissingError(Exception):
    """A Pulumi home was to be given the plugin, and this machine has none."""


@dataclass(frozen=True)
class Wanted:
    """The plugin that the installed Python package asks the engine for."""

    version: str
    server: str

    @property
    def folder(self) -> str:
        """What Pulumi calls the plugin's directory."""
        return f"resource-{NAME}-v{self.version}"


def wanted() -> Wanted | None:
    """What the package's own `pulumi-plugin.json` names, or None where pulumiverse-scaleway is not installed."""
    package = find_spec(PACKAGE)
    if package is None or package.origin is None:
        return None
    told = json.loads(Path(package.origin).with_name("pulumi-plugin.json").read_text())
    return Wanted(str(told["version"]), str(told.get("server", "")))


def sources() -> Path:
    """The folder of the toolchain that holds the plugin's own sources."""
    return machine.toolchain_directory() / "scaleway-plugin"


def build_key() -> str:
    """Which sources a plugin is built from: changed sources are another key."""
    return machine.key_of(*(sources() / name for name in SOURCES))


def build_directory(plugin: Wanted) -> Path:
    """Where a plugin built from today's sources lies, built or not."""
    return machine.cache_directory() / "scaleway-plugin" / f"{build_key()}-v{plugin.version}"


def pulumi_home() -> Path:
    """Where Pulumi keeps its plugins: PULUMI_HOME, or `.pulumi` in the home that the system knows for this user.

    Pulumi is a Go program: it asks the system, and HOME only where the system does not know the user.
    """
    named = os.environ.get("PULUMI_HOME")
    if named:
        return Path(named)
    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir, ".pulumi")
    except KeyError:
        return Path.home() / ".pulumi"


def find(plugin: Wanted, home: Path | None = None) -> machine.Found | None:
    """The plugin that Pulumi would start from its `home` (default: the one in use), or None."""
    folder = (home or pulumi_home()) / "plugins" / plugin.folder
    path = folder / EXECUTABLE
    # Pulumi leaves this file where an installation was broken off, and then does not use the folder.
    if folder.with_name(f"{folder.name}.partial").exists() or not os.access(path, os.X_OK):
        return None
    origin: machine.Origin = "Pulumi's plugin cache" if built_from(path) is None else "built by lbpatterns"
    return machine.Found(path, plugin.version, origin)


def runs(path: Path) -> bool:
    """Whether the plugin at `path` runs on this machine."""
    return machine.version_told_by((str(path), "-version"), r"(\d+\.\d+\.\d+)", path.stat().st_mtime) is not None


def built_from(path: Path) -> str | None:
    """The key of the sources that the plugin at `path` was built from; None when it is not a build of ours."""
    try:
        return path.with_name(MARK).read_text().strip()
    except OSError:
        return None


def install_scaleway_plugin(home: Path) -> Path:
    """Give another Pulumi home the plugin that this machine has, by a link, and return its executable there.

    For a home that lives as long as a demo or a test: Pulumi takes a link to the executable, not one to its directory.
    Raises `PluginMissingError` where there is none.
    """
    plugin = wanted()
    source = _source(plugin) if plugin else None
    if plugin is None or source is None:
        why = "it is not set up" if plugin else "the Python package pulumiverse-scaleway is not installed"
        raise PluginMissingError(
            f"the provider plugin {NAME} is missing: {why}.\n  fix: "
            + ("lbpatterns setup (in a checkout: make setup)" if plugin else "pip install 'lbpatterns[scaleway]'")
        )
    place = home / "plugins" / plugin.folder / EXECUTABLE
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.exists():
        try:
            place.hardlink_to(source)
        except OSError:  # another file system, or a file of another user
            with contextlib.suppress(FileExistsError):
                place.symlink_to(source)
    return place


def _source(plugin: Wanted) -> Path | None:
    installed = find(plugin)
    built = build_directory(plugin) / EXECUTABLE
    return installed.path if installed else built if os.access(built, os.X_OK) else None
