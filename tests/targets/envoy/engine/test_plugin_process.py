"""The plugin as a process: found, started, asked, stopped in the middle."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lbpatterns.cli import machine
from lbpatterns.targets.envoy.outputs import INPUTS, OUTPUTS
from lbpatterns.targets.envoy.resources import RESOURCE_TYPE

from .conftest import Plain, left_in, running_in
from .stacks import Project

Spec = Callable[..., Plain]
FreePort = Callable[[], int]


@pytest.mark.parametrize(
    ("program_name", "sign"),
    [("pulumi", signal.SIGINT), ("pulumi", signal.SIGKILL), ("plugin", signal.SIGTERM)],
)
def test_a_run_that_is_stopped_while_it_creates_leaves_no_process(
    project: Project,
    offloaded: Spec,
    free_port: FreePort,
    fake_envoy: Callable[[str], None],
    program_name: str,
    sign: signal.Signals,
) -> None:
    fake_envoy("exec sleep 60")
    spec = offloaded(free_port())
    script = project.directory / "program.py"
    script.write_text(
        "import json, sys\n"
        "from pathlib import Path\n"
        "from lbpatterns.cli import machine\n"
        "from tests.targets.envoy.engine.stacks import Project\n"
        "from lbpatterns.targets.envoy.resources import LoadBalancer\n"
        f"spec = json.loads({json.dumps(spec)!r})\n"
        "project = Project(Path(sys.argv[1]), machine.find_pulumi())\n"
        "project.stack(lambda: LoadBalancer('shop', spec=spec) and None).up(on_output=print)\n"
    )
    repository = Path(__file__).parents[4]
    run = subprocess.Popen(
        [sys.executable, str(script), str(project.directory)],
        env={**os.environ, "PYTHONPATH": str(repository)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        deadline = time.monotonic() + 60
        while not running_in(project.state) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert running_in(project.state)
        running = running_in(project.directory / "work")
        (pid,) = (pid for pid in running if _is_pulumi(pid, project) == (program_name == "pulumi"))
        os.kill(pid, sign)
        deadline = time.monotonic() + 10
        while running_in(project.directory) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert running_in(project.directory) == []  # neither an Envoy nor a plugin
        assert (running_in(project.state), left_in(project.state)) == ([], [])
    finally:
        run.kill()
        run.communicate()


def _is_pulumi(pid: int, project: Project) -> bool:
    return os.readlink(f"/proc/{pid}/exe") == str(project.pulumi.path.resolve())  # noqa: PTH115 - compared as text


def test_a_copied_plugin_finds_its_python(project: Project, offloaded: Spec, free_port: FreePort) -> None:
    """As `pulumi plugin install --file` copies it."""
    copy = project.directory / "plugins"
    shutil.copytree(machine.plugin_directory(), copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    environment.pop("LBPATTERNS_PYTHON", None)
    launcher = copy / machine.PROVIDER_PLUGIN
    for extra in ({}, {"PATH": "/usr/bin:/bin", "LBPATTERNS_PYTHON": sys.executable}, {"VIRTUAL_ENV": sys.prefix}):
        with subprocess.Popen([launcher, "127.0.0.1:1"], env=environment | extra, stdout=subprocess.PIPE) as plugin:
            assert plugin.stdout
            assert int(plugin.stdout.readline()) > 0
            plugin.send_signal(signal.SIGINT)
            assert plugin.wait(5) == 0
    nowhere = subprocess.run(
        [launcher, "127.0.0.1:1"], env={"PATH": str(copy)}, capture_output=True, text=True, check=False
    )
    assert nowhere.returncode == 1
    assert "LBPATTERNS_PYTHON" in nowhere.stderr


def test_the_schema_is_what_the_plugin_does(project: Project) -> None:
    (project.directory / "work").mkdir()
    launcher = machine.plugin_directory() / machine.PROVIDER_PLUGIN
    schema = json.loads(project.cli("package", "get-schema", str(launcher)))
    assert (schema["name"], schema["version"]) == ("lbpatterns-envoy", machine.package_version())
    (resource,) = schema["resources"].values()
    assert set(schema["resources"]) == {RESOURCE_TYPE}
    assert set(resource["inputProperties"]) == set(INPUTS)
    assert set(resource["properties"]) == {*INPUTS, *OUTPUTS}


def test_it_starts_without_what_it_may_never_need() -> None:
    program = (
        "import sys, lbpatterns.targets.envoy.plugin.__main__\n"
        "print({'pydantic', 'rich', 'cryptography', 'typer', 'lbpatterns.components'} & set(sys.modules))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "set()"
