"""Our Python language host under the real Pulumi CLI: what runs, what it says, and that nothing stays behind."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lbpatterns.cli import machine

HOST_FILES = machine.toolchain_directory() / "language-host"


@dataclass(frozen=True)
class Project:
    """A Pulumi project of one Python program, with its own state, home and CLI folder."""

    directory: Path
    env: dict[str, str]

    def pulumi(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = ["pulumi", *words, "--non-interactive", "--color", "never"]
        return subprocess.run(
            command, cwd=self.directory, env=self.env, capture_output=True, text=True, check=False, timeout=120
        )

    def write(self, program: str, options: str = f"virtualenv: {sys.prefix}") -> None:
        (self.directory / "Pulumi.yaml").write_text(
            f"name: try\nruntime:\n  name: python\n  options:\n    {options}\n"
            if options
            else "name: try\nruntime: python\n"
        )
        (self.directory / "__main__.py").write_text(program)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A stack `dev` on a CLI with today's host files beside it: the very files of the checkout are tested."""
    built = machine.build_directory() / "pulumi"
    scripts = built.with_name("pulumi-language-python-exec")
    if not (built.exists() and scripts.exists()):
        pytest.skip("our host serves a Pulumi that was built from Go modules, and this machine has an installed one")
    tools = tmp_path / "bin"
    shutil.copytree(HOST_FILES, tools, ignore=shutil.ignore_patterns("__pycache__"))
    (tools / machine.LANGUAGE_HOST).chmod(0o755)
    shutil.copy2(scripts, tools)
    (tools / "interpreter").write_text(f"{sys.executable}\n")
    # A hard link and not a symbolic one: the engine looks for the host where the link leads.
    try:
        os.link(built, tools / "pulumi")
    except OSError:  # the temporary folder lies on another disk
        shutil.copy2(built, tools)
    directory = tmp_path / "project"
    directory.mkdir()
    (tmp_path / "state").mkdir()
    env = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")} | {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_BACKEND_URL": f"file://{tmp_path / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
        "LBP_TEST_MARK": str(tmp_path),
    }
    made = Project(directory, env)
    made.write("")
    started = made.pulumi("stack", "init", "dev")
    assert started.returncode == 0, started.stderr
    yield made
    left = processes_of(tmp_path)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert not left, "processes stayed behind"


def processes_of(mark: Path) -> list[int]:
    """The processes whose environment carries the mark of this test."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            alive = "Z" not in (entry / "stat").read_text().rsplit(")", 1)[1].split()[:1]
            if alive and f"LBP_TEST_MARK={mark}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except (OSError, IndexError):
            continue
    return found


def test_a_program_gets_its_configuration_and_returns_its_outputs(project: Project) -> None:
    project.write(
        "import pulumi\n"
        "config = pulumi.Config()\n"
        "pulumi.export('said', config.require('word') + ' ' + pulumi.get_stack())\n"
        "pulumi.export('kept', config.require_secret('secret'))\n"
    )
    project.pulumi("config", "set", "word", "hello")
    project.pulumi("config", "set", "--secret", "secret", "hush")
    answer = project.pulumi("up", "--yes")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert '"hello dev"' in answer.stdout
    assert "hush" not in answer.stdout
    assert "warning" not in (answer.stdout + answer.stderr).lower()


def test_a_program_that_prints_ten_megabytes_does_not_stall(project: Project) -> None:
    project.write("import sys\nfor _ in range(100): print('x' * 100_000)\nprint('the end', file=sys.stderr)\n")
    answer = project.pulumi("preview", "--suppress-progress")
    assert answer.returncode == 0, answer.stderr[-500:]
    assert "the end" in answer.stdout


def test_a_defect_of_the_program_shows_its_traceback_and_fails(project: Project) -> None:
    project.write("def broken() -> None:\n    raise KeyError('no such thing')\n\nbroken()\n")
    answer = project.pulumi("preview")
    assert answer.returncode != 0
    assert "no such thing" in answer.stdout
    assert "language_host" not in answer.stdout


def test_an_exit_status_of_the_program_is_told(project: Project) -> None:
    project.write("import os\nos._exit(3)\n")
    answer = project.pulumi("preview")
    assert answer.returncode != 0
    assert "exited with status 3" in answer.stdout


def test_a_virtualenv_that_does_not_exist_is_named_with_a_fix(project: Project) -> None:
    project.write("", options="virtualenv: nowhere")
    answer = project.pulumi("preview")
    assert answer.returncode != 0
    said = answer.stdout + answer.stderr
    assert str(project.directory / "nowhere") in said
    assert "fix:" in said
    assert "Traceback" not in said


def test_a_python_without_pulumi_is_named_with_a_fix(project: Project, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "empty"], check=True)
    project.write("import pulumi\n", options=f"virtualenv: {tmp_path / 'empty'}")
    answer = project.pulumi("preview")
    assert answer.returncode != 0
    said = answer.stdout + answer.stderr
    assert "has no package `pulumi`" in said
    assert str(tmp_path / "empty") in said
    assert "Traceback" not in said


def test_a_launcher_without_any_usable_python_says_so(tmp_path: Path) -> None:
    shutil.copytree(HOST_FILES, tmp_path / "bin")
    (tmp_path / "bin/interpreter").write_text("/gone/bin/python\n")
    command = ["/bin/sh", str(tmp_path / "bin" / machine.LANGUAGE_HOST), "127.0.0.1:1"]
    tools = tmp_path / "few"  # a PATH without any python3
    tools.mkdir()
    for name in ("dirname", "cat"):
        (tools / name).symlink_to(shutil.which(name) or name)
    answer = subprocess.run(command, env={"PATH": str(tools)}, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert "/gone/bin/python" in answer.stderr
    assert "lbpatterns setup" in answer.stderr


def test_about_names_the_interpreter_and_the_packages(project: Project) -> None:
    answer = project.pulumi("about", "--json")
    assert answer.returncode == 0, answer.stderr
    assert f"{sys.prefix}/bin/python" in answer.stdout
    assert '"pulumi"' in answer.stdout


def test_install_without_requirements_says_that_there_is_nothing_to_do(project: Project) -> None:
    answer = project.pulumi("install")
    assert answer.returncode == 0, answer.stderr
    assert "nothing to install" in answer.stdout + answer.stderr


def test_install_runs_pip_of_the_programs_own_environment(project: Project, tmp_path: Path) -> None:
    python = tmp_path / "env/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "called with $*"\nexit 4\n')
    python.chmod(0o755)
    project.write("", options=f"virtualenv: {tmp_path / 'env'}")
    (project.directory / "requirements.txt").write_text("pulumi\n")
    answer = project.pulumi("install")
    assert answer.returncode != 0
    said = answer.stdout + answer.stderr
    assert "called with -m pip install" in said
    assert "status 4" in said


def test_a_policy_pack_runs_and_its_violation_fails_the_preview(project: Project, tmp_path: Path) -> None:
    pytest.importorskip("pulumi_policy")
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text(f"runtime:\n  name: python\n  options:\n    virtualenv: {sys.prefix}\n")
    (pack / "__main__.py").write_text(
        "from pulumi_policy import EnforcementLevel, PolicyPack, StackValidationPolicy\n"
        "def check(args, report):\n    report('the pack has run')\n"
        "PolicyPack('try', policies=[StackValidationPolicy(name='one', description='One.', validate=check,\n"
        "    enforcement_level=EnforcementLevel.MANDATORY)])\n"
    )
    project.write("import pulumi\npulumi.export('a', 1)\n")
    answer = project.pulumi("preview", "--policy-pack", str(pack))
    assert answer.returncode != 0
    assert "the pack has run" in answer.stdout + answer.stderr


LASTING = """
import pathlib, subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"])
pathlib.Path("running").touch()
time.sleep(120)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks the processes up in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
def test_when_the_engine_ends_the_program_and_what_it_started_end_too(
    project: Project, tmp_path: Path, number: signal.Signals
) -> None:
    project.write(LASTING)
    with (tmp_path / "said").open("w") as said:
        engine = subprocess.Popen(
            ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--color", "never"],
            cwd=project.directory,
            env=project.env,
            stdout=said,
            stderr=said,
            process_group=0,
        )
        _wait_for((project.directory / "running").exists, 60)
        engine.send_signal(number)
        if number == signal.SIGINT:
            time.sleep(0.5)
            if engine.poll() is None:  # the first asks the engine to cancel when it can; the second insists
                engine.send_signal(number)
        engine.wait(30)
    _wait_for(lambda: not processes_of(tmp_path), 15)
    assert "Traceback" not in (tmp_path / "said").read_text()


def _wait_for(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)
