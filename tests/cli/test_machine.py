"""Which Pulumi and which language host are used, and what `pulumi` gets to see of them."""

import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lbpatterns.cli import machine
from lbpatterns.cli.env import export_lines

PutPulumi = Callable[[Path, str], Path]
HOST = machine.LANGUAGE_HOST


def put_host(directory: Path) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / HOST).write_text("#!/bin/sh\n")
    (directory / HOST).chmod(0o755)
    return directory / HOST


def test_without_any_pulumi_none_is_found(bare_machine: Path) -> None:
    assert machine.look_for_pulumi() == (None, ())


def test_pulumi_on_path_goes_before_the_installers_and_ours(bare_machine: Path, put_pulumi: PutPulumi) -> None:
    on_path = put_pulumi(bare_machine / "tools", "3.200.0")
    put_pulumi(bare_machine / "home/.pulumi/versions/3.272.0/bin", "3.272.0")
    put_pulumi(machine.build_directory(), "3.250.0")
    assert machine.find_pulumi() == machine.Found(on_path, "3.200.0", "PATH")


def test_the_newest_that_the_installer_left_goes_before_our_build(bare_machine: Path, put_pulumi: PutPulumi) -> None:
    versions = bare_machine / "home/.pulumi/versions"
    put_pulumi(versions / "3.99.0/bin", "3.99.0")
    newest = put_pulumi(versions / "3.272.0/bin", "3.272.0")
    put_pulumi(machine.build_directory(), "3.250.0")
    assert machine.find_pulumi() == machine.Found(newest, "3.272.0", "Pulumi's installer")


def test_our_build_is_used_last_and_keeps_its_origin_on_path(
    bare_machine: Path, put_pulumi: PutPulumi, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = put_pulumi(machine.build_directory(), "3.250.0")
    expected = machine.Found(built, "3.250.0", "built by lbpatterns")
    assert machine.find_pulumi() == expected
    monkeypatch.setenv("PATH", f"{built.parent}:{os.environ['PATH']}")
    assert machine.find_pulumi() == expected


def test_an_old_or_broken_pulumi_is_passed_over_and_named(bare_machine: Path, put_pulumi: PutPulumi) -> None:
    old = put_pulumi(bare_machine / "tools", "3.199.9")
    broken = bare_machine / "home/.pulumi/bin/pulumi"
    put_pulumi(broken.parent, "3.250.0").write_text("#!/bin/sh\nexit 1\n")
    built = put_pulumi(machine.build_directory(), "3.250.0")
    found, rejected = machine.look_for_pulumi()
    assert found is not None
    assert found.path == built
    assert [one.path for one in rejected] == [old, broken]
    assert rejected[0].why == "version 3.199.9 is older than 3.200"


def test_a_relative_cache_home_is_ignored_as_xdg_demands(bare_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/cache")
    assert machine.cache_directory() == bare_machine / "home/.cache/lbpatterns"


def test_a_host_beside_pulumi_is_used_though_ours_exists(bare_machine: Path, put_pulumi: PutPulumi) -> None:
    put_pulumi(bare_machine / "tools", "3.250.0")
    host = put_host(bare_machine / "tools")
    put_host(machine.language_host_directory())
    assert machine.find_language_host() == machine.Found(host, "", "beside pulumi")
    assert str(machine.cache_directory()) not in machine.environment()["PATH"]


def test_a_host_beside_a_linked_pulumi_is_found_where_the_link_leads(bare_machine: Path, put_pulumi: PutPulumi) -> None:
    real = put_pulumi(bare_machine / "opt", "3.250.0")
    host = put_host(bare_machine / "opt")
    (bare_machine / "tools").mkdir()
    (bare_machine / "tools/pulumi").symlink_to(real)
    assert machine.find_language_host() == machine.Found(host, "", "beside pulumi")


def test_our_host_goes_behind_an_installed_pulumi_that_has_none(bare_machine: Path, put_pulumi: PutPulumi) -> None:
    put_pulumi(bare_machine / "tools", "3.250.0")
    put_pulumi(machine.build_directory(), "3.250.0")
    put_host(machine.build_directory())
    assert machine.find_language_host() is None, "the build's folder would bring its own pulumi along"
    ours = put_host(machine.language_host_directory())
    assert machine.find_language_host() == machine.Found(ours, "", "lbpatterns")
    entries = machine.environment()["PATH"].split(":")
    assert entries[-1] == str(ours.parent)


def test_the_environment_starts_with_this_python_and_our_build(bare_machine: Path, put_pulumi: PutPulumi) -> None:
    built = put_pulumi(machine.build_directory(), "3.250.0")
    put_host(built.parent)
    before = os.environ["PATH"]
    expected = [str(Path(sys.prefix) / "bin"), str(built.parent), *before.split(":")]
    assert machine.environment()["PATH"].split(":") == expected
    assert machine.environment()["PULUMI_SKIP_UPDATE_CHECK"] == "1"
    assert machine.environment(machine.pulumi_environment())["PATH"].split(":") == expected, "it grew when asked twice"


def test_a_pulumi_variable_of_the_user_is_left_alone(
    bare_machine: Path, put_pulumi: PutPulumi, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_pulumi(machine.build_directory(), "3.250.0")
    monkeypatch.setenv("PULUMI_SKIP_UPDATE_CHECK", "false")
    assert "PULUMI_SKIP_UPDATE_CHECK" not in machine.environment()
    assert machine.pulumi_environment()["PULUMI_SKIP_UPDATE_CHECK"] == "false"


def test_an_installed_pulumi_keeps_its_update_check(bare_machine: Path, put_pulumi: PutPulumi) -> None:
    put_pulumi(bare_machine / "tools", "3.250.0")
    assert "PULUMI_SKIP_UPDATE_CHECK" not in machine.environment()


def test_export_lines_survive_eval_whatever_the_value() -> None:
    value = """a b'c"d$HOME`echo x`\\;&"""
    lines = "\n".join(export_lines({"LBP_TEST": value}))
    script = f'eval {shlex.quote(lines)}; printf %s "$LBP_TEST"'
    answer = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout == value


def test_the_real_envoy_of_the_wheel_tells_its_version() -> None:
    envoy = machine.find_envoy()
    assert envoy is not None
    assert envoy.origin == "wheel"
    assert envoy.version.count(".") == 2
