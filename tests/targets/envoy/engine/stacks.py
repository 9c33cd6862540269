"""A Pulumi project of its own for a test: file backend, home, state directory, and the plugin of this checkout."""

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi import automation

from lbpatterns.cli import machine

_PROJECT = """
name: shop
runtime: python
plugins:
  providers:
    - name: lbpatterns-envoy
      path: {plugin}
"""


@dataclass
class Project:
    """Runs programs; `said` is all that Pulumi has printed so far, `state` where load balancers have their folders."""

    directory: Path
    pulumi: machine.Found
    said: list[str] = field(default_factory=list)
    _stack: automation.Stack | None = None

    @property
    def state(self) -> Path:
        return self.directory / "state"

    @property
    def text(self) -> str:
        return "".join(self.said)

    def variables(self) -> dict[str, str]:
        return {
            "PULUMI_HOME": str(self.directory / "home"),
            "PULUMI_BACKEND_URL": f"file://{self.directory / 'backend'}",
            "PULUMI_CONFIG_PASSPHRASE": "passphrase",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
            "LBPATTERNS_STATE_DIR": str(self.state),
            **({"LBPATTERNS_ENVOY": os.environ["LBPATTERNS_ENVOY"]} if "LBPATTERNS_ENVOY" in os.environ else {}),
        }

    def stack(self, program: Callable[[], None]) -> automation.Stack:
        """The stack `test` with this program."""
        self._stack = self._stack or self._made()
        self._stack.workspace.program = program
        return self._stack

    def _made(self) -> automation.Stack:
        for name in ("home", "backend", "work"):
            (self.directory / name).mkdir(exist_ok=True)
        work = self.directory / "work"
        (work / "Pulumi.yaml").write_text(_PROJECT.format(plugin=machine.plugin_directory()))
        return automation.create_or_select_stack(
            "test",
            project_name="shop",
            program=lambda: None,
            opts=automation.LocalWorkspaceOptions(
                work_dir=str(work),
                env_vars=self.variables(),
                pulumi_command=automation.PulumiCommand(str(self.pulumi.path.parents[1])),
            ),
        )

    def up(self, program: Callable[[], None], **options: Any) -> automation.UpResult:
        return self.stack(program).up(on_output=self.said.append, **options)

    def preview(self, program: Callable[[], None], **options: Any) -> automation.PreviewResult:
        return self.stack(program).preview(on_output=self.said.append, **options)

    def refresh(self) -> automation.RefreshResult:
        return self.stack(lambda: None).refresh(on_output=self.said.append)

    def destroy(self) -> automation.DestroyResult:
        return self.stack(lambda: None).destroy(on_output=self.said.append)

    def forget(self) -> None:
        """Remove the stack from the backend, and nothing that it has made."""
        self.stack(lambda: None).workspace.remove_stack("test", force=True)
        self._stack = None

    def cli(self, *arguments: str) -> str:
        """What the command `pulumi` prints."""
        answer = subprocess.run(
            [self.pulumi.path, *arguments],
            env={**os.environ, **self.variables()},
            cwd=self.directory / "work",
            capture_output=True,
            text=True,
            check=False,
        )
        self.said.append(answer.stdout + answer.stderr)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    def exported(self) -> dict[str, Any]:
        """The state as `pulumi stack export` prints it: secrets are encrypted."""
        return dict(json.loads(self.cli("stack", "export", "--stack", "test"))["deployment"])

    def resources(self) -> list[dict[str, Any]]:
        """The load balancers in the state."""
        found = self.exported().get("resources", [])
        return [one for one in found if one["type"] == "lbpatterns-envoy:index:LoadBalancer"]
