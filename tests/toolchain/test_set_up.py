"""What the set-up decides and says, up to the point where it would download something."""

import json
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import set_up_pulumi
import set_up_python
import steps

ROOT = Path(__file__).resolve().parents[2]


def run_setup_script(tmp_path: Path, programs: dict[str, str], **env: str) -> subprocess.CompletedProcess[str]:
    """`scripts/setup` with a PATH that holds these programs and nothing else."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name, body in programs.items():
        (tools / name).write_text(f"#!/bin/sh\n{body}\n")
        (tools / name).chmod(0o755)
    (tools / "dirname").symlink_to(shutil.which("dirname") or "dirname")
    command = ["/bin/sh", str(ROOT / "scripts/setup")]
    return subprocess.run(command, env={"PATH": str(tools), **env}, capture_output=True, text=True, check=False)


OLD_PYTHON = 'case "$2" in *"< (3, 11)"*) exit 1 ;; *) echo 3.9 ;; esac'


def test_a_machine_without_python_is_told_what_to_install(tmp_path: Path) -> None:
    answer = run_setup_script(tmp_path, {})
    assert answer.returncode == 1
    assert "there is no Python here" in answer.stderr
    assert "fix:" in answer.stderr


def test_a_python_that_is_too_old_is_named_with_its_version(tmp_path: Path) -> None:
    answer = run_setup_script(tmp_path, {"python3": OLD_PYTHON})
    assert answer.returncode == 1
    assert "3.11 or newer" in answer.stderr
    assert "python3 (3.9)" in answer.stderr


def test_a_newer_python_beside_an_old_one_and_a_broken_stand_in_is_taken(tmp_path: Path) -> None:
    new = 'case "$1" in -c) case "$2" in *print*) echo 3.13 ;; esac ;; *) echo "started $*" ;; esac'
    answer = run_setup_script(tmp_path, {"python3": OLD_PYTHON, "python3.14": "exit 127", "python3.13": new})
    assert answer.returncode == 0, answer.stderr
    assert "started -B toolchain/set_up_python.py" in answer.stdout


def test_a_named_python_is_the_only_one_that_counts(tmp_path: Path) -> None:
    answer = run_setup_script(tmp_path, {"python3": "echo 3.13"}, LBPATTERNS_SETUP_PYTHON="/nowhere/python")
    assert answer.returncode == 1
    assert "/nowhere/python" in answer.stderr


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout whose environment was set up just now."""
    for name in ("requirements", "toolchain"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").touch()
    monkeypatch.delenv("LBPATTERNS_SETUP_PYTHON", raising=False)
    monkeypatch.setattr(set_up_python, "ROOT", tmp_path)
    monkeypatch.setattr(set_up_python, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(set_up_python, "PYTHON", tmp_path / ".venv/bin/python")
    monkeypatch.setattr(set_up_python, "STAMP", tmp_path / ".venv/stamp.json")
    monkeypatch.setattr(set_up_python, "LOCK", tmp_path / "requirements/dev.lock")
    monkeypatch.setattr(set_up_python, "UV_LOCK", tmp_path / "requirements/uv.lock")
    (tmp_path / ".venv/stamp.json").write_text(json.dumps(set_up_python.wanted_stamp()))
    return tmp_path


def test_an_environment_that_was_set_up_is_not_set_up_again(checkout: Path) -> None:
    assert set_up_python.present_stamp() == set_up_python.wanted_stamp()


@pytest.mark.parametrize(
    ("file", "old", "new", "again"),
    [
        ("requirements/dev.lock", "typer==", "typer==0.", True),
        ("pyproject.toml", 'lbpatterns = "', 'another = "', True),
        ("pyproject.toml", "line-length = 120", "line-length = 100", False),
    ],
    ids=["another lock", "another console script", "another lint rule"],
)
def test_only_what_the_environment_depends_on_sets_it_up_again(
    checkout: Path, file: str, old: str, new: str, *, again: bool
) -> None:
    text = (checkout / file).read_text()
    assert old in text
    (checkout / file).write_text(text.replace(old, new, 1))
    assert (set_up_python.present_stamp() != set_up_python.wanted_stamp()) is again


def test_an_environment_whose_python_is_gone_counts_as_none(checkout: Path) -> None:
    (checkout / ".venv/bin/python").unlink()
    assert set_up_python.present_stamp() == {}


def test_a_python_without_ensurepip_and_without_uv_names_the_package_to_install(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(set_up_python, "find_spec", lambda _name: None)
    monkeypatch.setattr(set_up_python, "usable_uv", lambda: None)
    with pytest.raises(steps.Problem, match="apt install python3-venv"):
        set_up_python.create_environment()


def test_an_installer_out_of_reach_is_one_quiet_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_args: object, **_options: object) -> socket.socket:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr("urllib.request.getproxies", dict)
    monkeypatch.setattr(socket, "create_connection", refuse)
    set_up_pulumi.use_installer()
    said = capsys.readouterr()
    assert said.out.count("\n") == 1
    assert "get.pulumi.com cannot be reached (Name or service not known)" in said.out
    assert said.err == ""


@pytest.mark.parametrize(
    "lock", ["requirements/dev.lock", "requirements/runtime.lock", "requirements/uv.lock", "toolchain/go.lock"]
)
def test_every_pin_of_a_lock_has_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    pins = re.split(r"\n(?=[a-z0-9])", text.strip())
    assert all(re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+", pin) and "--hash=sha256:" in pin for pin in pins)


def test_the_development_lock_holds_the_very_pins_of_the_runtime_lock() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^[a-z0-9._-]+==[^ \\]+", (ROOT / "requirements" / name).read_text(), re.MULTILINE))

    assert pins("runtime.lock") <= pins("dev.lock")


def test_the_checks_end_with_the_first_that_fails(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/check", tmp_path / "scripts/check")
    bin_directory = tmp_path / ".venv/bin"
    bin_directory.mkdir(parents=True)
    for name, status in {"ruff": 1, "mypy": 0, "pytest": 0}.items():
        (bin_directory / name).write_text(f"#!/bin/sh\necho ran {name}\nexit {status}\n")
        (bin_directory / name).chmod(0o755)
    answer = subprocess.run(["bash", tmp_path / "scripts/check"], capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert "make format" in answer.stderr
    assert "ran mypy" not in answer.stdout


def test_a_step_that_takes_long_says_so_in_plain_lines_where_there_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(steps, "PLAIN_LINE_EVERY", 0.05)
    with steps.step("Something slow") as current:
        current.note = "half of it"
        subprocess.run([sys.executable, "-c", "import time; time.sleep(0.2)"], check=True)
    said = capsys.readouterr().out
    assert said.splitlines()[0].endswith("Something slow")
    assert "half of it" in said
    assert "\r" not in said


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("write: No space left on device", "the disk is full"),
        ("error: dns error: failed to lookup address", "could not be reached"),
        ("hash mismatch for package", "hash mismatch for package"),
    ],
)
def test_a_failed_command_is_told_with_its_reason_and_a_fix(words: str, expected: str) -> None:
    with pytest.raises(steps.Problem, match=expected) as problem:
        steps.run(["/bin/sh", "-c", f"echo '{words}'; exit 3"], doing="Trying")
    assert "fix:" in str(problem.value)
    assert str(problem.value).startswith("Trying failed.")


def test_a_connection_that_pip_tries_five_times_is_told_once() -> None:
    line = (
        "WARNING: Retrying (Retry(total={}, connect=None)) after 'NewConnectionError('<object>: no way out')': /simple/"
    )
    output = "\n".join([*(line.format(left) for left in range(5)), "ERROR: Could not find a version that satisfies uv"])
    said = str(steps.problem_of("Installing uv", ["pip"], output))
    assert said.count("no way out") == 1
    assert "Retry(total" not in said
    assert "could not be reached" in said


def test_a_program_that_does_not_exist_is_a_problem_and_not_a_traceback() -> None:
    with pytest.raises(steps.Problem, match="No such file"):
        steps.run(["/nowhere/program"], doing="Trying")
