"""A Pulumi project of its own for one demo: the repository's stacks, with state and configuration kept elsewhere."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lbpatterns.cli.machine import plugin_directory, pulumi_environment
from lbpatterns.demo.failures import DemoError

PASSPHRASE = "lbpatterns-demo"  # noqa: S105 (it encrypts a throw-away state on this machine)


def project_directory() -> Path:
    """The repository that this package lies in: where `Pulumi.yaml` and `stacks/` are.

    Raises `DemoError` when the package was installed without them.
    """
    root = Path(__file__).resolve().parents[2]
    if (root / "Pulumi.yaml").is_file() and (root / "stacks").is_dir():
        return root
    raise DemoError(
        "the demo runs the stacks of the lbpatterns repository, and they are not beside this package",
        fix="clone the repository and run `make demo` in it",
    )


@dataclass(frozen=True, slots=True)
class Workspace:
    """A Pulumi project in `directory`, with its state in a folder of it. Nothing outside is written."""

    directory: Path

    @classmethod
    def of_stacks(cls, directory: Path) -> Workspace:
        """The repository's own programs, by links, with an empty configuration and state."""
        root = project_directory()
        settings = yaml.safe_load((root / "Pulumi.yaml").read_text())
        (directory / "stacks").symlink_to(root / "stacks")
        return cls._set_up(directory, settings)

    @classmethod
    def of_program(cls, directory: Path, name: str, program: str) -> Workspace:
        """One program, given as its text."""
        (directory / "program").mkdir(parents=True)
        (directory / "program" / "__main__.py").write_text(program)
        return cls._set_up(directory, {"name": name, "main": "program/", "runtime": {"name": "python"}})

    @classmethod
    def _set_up(cls, directory: Path, settings: dict[str, Any]) -> Workspace:
        settings["stackConfigDir"] = "config/"
        settings["plugins"] = {"providers": [{"name": "lbpatterns-envoy", "path": str(plugin_directory())}]}
        settings["runtime"] = {"name": "python", "options": {"virtualenv": sys.prefix}}
        for folder in ("config", "state", "home", "envoy"):
            (directory / folder).mkdir(mode=0o700)
        (directory / "Pulumi.yaml").write_text(yaml.safe_dump(settings, sort_keys=False))
        return cls(directory)

    def environment(self) -> dict[str, str]:
        """What `pulumi` runs with: a state, a home and a passphrase of this demo alone, and nothing from outside."""
        return pulumi_environment() | {
            "PULUMI_HOME": str(self.directory / "home"),
            "PULUMI_BACKEND_URL": f"file://{self.directory / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
            "LBPATTERNS_STATE_DIR": str(self.directory / "envoy"),
        }

    def configure(self, stack: str, values: Mapping[str, Any]) -> None:
        """Make a stack with these configuration values (`lbpatterns:port`: 8443)."""
        path = self.directory / "config" / f"Pulumi.{stack}.yaml"
        path.write_text(yaml.safe_dump({"config": dict(values)}))
        self.pulumi("stack", "init", stack)

    def pulumi(self, *arguments: str) -> str:
        """Run `pulumi` to its end and answer what it printed. Raises `DemoError` with Pulumi's own words."""
        ended = self.try_pulumi(*arguments)
        if ended.returncode != 0:
            words = "\n".join(line for line in (ended.stdout + ended.stderr).splitlines() if line.strip())
            raise DemoError(f"`pulumi {' '.join(arguments)}` failed:\n{words}", fix="see Pulumi's words above")
        return ended.stdout

    def try_pulumi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The same, for a run that may fail."""
        environment = self.environment()
        found = next(
            (
                Path(folder) / "pulumi"
                for folder in environment["PATH"].split(os.pathsep)
                if (Path(folder) / "pulumi").is_file()
            ),
            None,
        )
        if found is None:
            raise DemoError(
                "Pulumi is not on this machine", fix="run `lbpatterns setup`; `lbpatterns doctor` says more"
            )
        command = [str(found), *arguments, "--non-interactive", "--color", "never"]
        return _run_to_its_end(command, self.directory, environment)

    def up(self, stack: str) -> None:
        """Build a stack."""
        self.pulumi("up", "--yes", "--skip-preview", "--stack", stack)

    def destroy(self, stack: str) -> None:
        """Take a stack down again."""
        self.pulumi("destroy", "--yes", "--skip-preview", "--stack", stack)

    def outputs(self, stack: str) -> dict[str, Any]:
        """The stack's outputs that are no secrets."""
        outputs: dict[str, Any] = json.loads(self.pulumi("stack", "output", "--json", "--stack", stack))
        return outputs


def _run_to_its_end(
    command: list[str], directory: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """A run that is interrupted in its own way: a Pulumi that is killed leaves a lock and half-made resources."""
    process = subprocess.Popen(
        command,
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # an interrupt on the terminal reaches it through us, once
    )
    try:
        stdout, stderr = process.communicate()
    except KeyboardInterrupt:
        process.send_signal(signal.SIGINT)
        process.communicate()
        raise
    return subprocess.CompletedProcess(command, process.returncode, stdout, stderr)
