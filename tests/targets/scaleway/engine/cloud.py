"""One Pulumi stack on Scaleway's double: the real engine, the real provider plugin, and everything that they said."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from lbpatterns.cli.scaleway_plugin import install_scaleway_plugin
from lbpatterns.demo.workspace import Workspace
from lbpatterns.doubles.scaleway_lb import Double

NAME = "test"
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_COUNTS = re.compile(
    r"^\s+(?:[-+~=]+ )?(\d+) (created|updated|replaced|deleted|unchanged|imported|changes?)\b", re.MULTILINE
)


@dataclass
class Cloud:
    """A stack whose program may be rewritten between runs."""

    workspace: Workspace
    double: Double
    name: str = NAME
    said: list[str] = field(default_factory=list)
    seen: int = 0

    @classmethod
    def of_program(cls, directory: Path, double: Double, program: str, **configuration: Any) -> Cloud:
        """A project that is one program; `configuration` is the project's own."""
        workspace = Workspace.of_program(directory, "shop", program)
        return cls.on(workspace, double, NAME, {f"shop:{key}": value for key, value in configuration.items()})

    @classmethod
    def of_stacks(cls, directory: Path, double: Double, name: str, configuration: dict[str, Any]) -> Cloud:
        """The repository's own stacks, configured as told."""
        return cls.on(Workspace.of_stacks(directory), double, name, configuration)

    @classmethod
    def on(cls, workspace: Workspace, double: Double, name: str, configuration: dict[str, Any]) -> Cloud:
        """A project that is there already."""
        install_scaleway_plugin(workspace.directory / "home")
        workspace.configure(name, {"lbpatterns:target": "scaleway"} | configuration)
        return cls(workspace, double, name)

    def rewrite(self, program: str) -> None:
        """Another program, for the next run."""
        (self.workspace.directory / "program" / "__main__.py").write_text(program)

    def set(self, key: str, value: str, *options: str) -> None:
        self.workspace.pulumi("config", "set", *options, key, value, "--stack", self.name)

    def change(self, **configuration: Any) -> None:
        """Other values in the project's configuration, for the next run; None takes one out."""
        path = self.workspace.directory / "config" / f"Pulumi.{self.name}.yaml"
        settings = yaml.safe_load(path.read_text())
        given = settings["config"] | {f"shop:{key}": value for key, value in configuration.items()}
        settings["config"] = {key: value for key, value in given.items() if value is not None}
        path.write_text(yaml.safe_dump(settings))

    def try_run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`pulumi …`, however it ends; what it said is kept."""
        ended = self.workspace.try_pulumi(*arguments, "--stack", self.name)
        self.said += [ended.stdout, ended.stderr]
        return ended

    def run(self, *arguments: str) -> str:
        """`pulumi …`, which has to end well."""
        ended = self.try_run(*arguments)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def up(self, *options: str) -> dict[str, int]:
        """`pulumi up`; answers how many resources were created, updated, …, as Pulumi counts them."""
        return counts(self.run("up", "--yes", "--skip-preview", *options))

    def failing_up(self) -> str:
        """`pulumi up` that must not end well; answers what it said, which is never a traceback."""
        ended = self.try_run("up", "--yes", "--skip-preview")
        assert ended.returncode != 0, ended.stdout
        words = ended.stdout + ended.stderr
        assert "Traceback" not in words
        return words

    def preview(self) -> dict[str, str]:
        """What `pulumi preview` would do, by the name of the resource; what stays the same is left out."""
        steps = json.loads(self.run("preview", "--json"))["steps"]
        return {step["urn"].rsplit("::", 1)[1]: step["op"] for step in steps if step["op"] != "same"}

    def refresh(self) -> dict[str, int]:
        return counts(self.run("refresh", "--yes", "--skip-preview"))

    def destroy(self) -> None:
        self.run("destroy", "--yes", "--skip-preview")

    def resources(self) -> dict[str, dict[str, Any]]:
        """What the state holds, by name; the stack itself and providers left out."""
        deployment = json.loads(self.run("stack", "export"))["deployment"]
        held = [one for one in deployment.get("resources", []) if not one["type"].startswith("pulumi:")]
        return {one["urn"].rsplit("::", 1)[1]: one for one in held}

    def outputs(self) -> dict[str, Any]:
        return self.workspace.outputs(self.name)

    def writes(self) -> list[str]:
        """What was written since the last call of this: `PUT backends`, ids left out."""
        calls = [call for call in self.double.log() if call["method"] not in {"GET", "HEAD"}]
        fresh, self.seen = calls[self.seen :], len(calls)
        return [f"{call['method']} {_kind(call['path'])}" for call in fresh]

    def is_gone(self) -> bool:
        """Whether the double is empty."""
        return not any(self.double.state().values())


def counts(printed: str) -> dict[str, int]:
    """`{"created": 3, "unchanged": 2}` from what Pulumi prints at the end."""
    return {word: int(number) for number, word in _COUNTS.findall(printed)}


def _kind(path: str) -> str:
    steps = [step for step in path.partition("?")[0].split("/") if step]
    return "/".join([step for step in steps if not _ID.fullmatch(step)][4:])
