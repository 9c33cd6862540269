"""Which Scaleway plugin Pulumi would start, what doctor says of it, and how another Pulumi home gets it."""

import importlib.util
import json
import os
import pwd
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from lbpatterns.cli import app, scaleway_plugin
from lbpatterns.cli.scaleway_plugin import EXECUTABLE, MARK, Wanted, install_scaleway_plugin

WANTED = Wanted("1.60.0", "github://api.github.com/pulumiverse")


@pytest.fixture
def place(bare_machine: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where Pulumi of this machine looks for the plugin's executable."""
    monkeypatch.setattr(scaleway_plugin, "wanted", lambda: WANTED)
    return bare_machine / "home/.pulumi/plugins" / WANTED.folder / EXECUTABLE


def put_plugin(place: Path, body: str = "echo 1.60.0") -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(f"#!/bin/sh\n{body}\n")
    place.chmod(0o755)
    return place


def said_by_doctor() -> dict[str, Any]:
    findings = json.loads(CliRunner().invoke(app, ["doctor", "--json"]).stdout)["findings"]
    (found,) = [one for one in findings if one["name"] == "provider plugin scaleway"]
    assert isinstance(found, dict)
    return found


def test_version_and_server_are_those_of_the_installed_package() -> None:
    wanted = scaleway_plugin.wanted()
    assert wanted is not None
    package = importlib.util.find_spec("pulumiverse_scaleway")
    assert package is not None
    assert package.origin is not None
    told = json.loads((Path(package.origin).parent / "pulumi-plugin.json").read_text())
    assert (wanted.version, wanted.server) == (told["version"], told["server"])
    assert wanted.folder == f"resource-scaleway-v{told['version']}"


def test_without_the_package_no_plugin_is_wanted_and_doctor_is_silent(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scaleway_plugin, "find_spec", lambda _name: None)
    assert scaleway_plugin.wanted() is None
    assert "scaleway" not in CliRunner().invoke(app, ["doctor"]).stdout


def test_a_missing_plugin_is_told_with_its_place_and_the_fix(place: Path) -> None:
    found = said_by_doctor()
    assert not found["ok"]
    assert found["path"] == str(place.parent)
    assert "lbpatterns setup" in found["fix"]


def test_the_pulumi_home_that_a_variable_names_counts(
    place: Path, bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_plugin(place)
    assert scaleway_plugin.find(WANTED) is not None
    monkeypatch.setenv("PULUMI_HOME", str(bare_machine / "another"))
    assert scaleway_plugin.find(WANTED) is None


def test_without_that_variable_it_is_the_home_that_the_system_knows_as_for_pulumi(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PULUMI_HOME")
    assert scaleway_plugin.pulumi_home() == Path(pwd.getpwuid(os.getuid()).pw_dir, ".pulumi")

    def unknown(_uid: int) -> None:
        raise KeyError

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    assert scaleway_plugin.pulumi_home() == bare_machine / "home/.pulumi"


def test_a_plugin_that_was_installed_by_somebody_else_is_fine(place: Path) -> None:
    put_plugin(place)
    found = said_by_doctor()
    assert (found["ok"], found["version"], found["note"]) == (True, "1.60.0", "Pulumi's plugin cache")


@pytest.mark.parametrize("current", [True, False])
def test_a_build_of_ours_is_told_apart_and_an_older_one_says_so(place: Path, *, current: bool) -> None:
    put_plugin(place)
    (place.parent / MARK).write_text(scaleway_plugin.build_key() if current else "0123456789abcdef")
    found = said_by_doctor()
    assert found["ok"]
    assert found["note"].startswith("built by lbpatterns")
    assert ("older sources" in found["note"]) is not current


def test_a_plugin_that_does_not_run_is_missing(place: Path) -> None:
    put_plugin(place, "exit 126")
    found = said_by_doctor()
    assert not found["ok"]
    assert "does not run" in found["note"]
    assert "pulumi plugin rm resource scaleway 1.60.0" in found["fix"]


def test_a_broken_off_installation_counts_as_none_as_it_does_for_pulumi(place: Path) -> None:
    put_plugin(place)
    place.parent.with_name(f"{WANTED.folder}.partial").touch()
    assert scaleway_plugin.find(WANTED) is None


def test_another_home_gets_the_installed_plugin_by_a_link(place: Path, tmp_path: Path) -> None:
    put_plugin(place)
    for _ in range(2):
        given = install_scaleway_plugin(tmp_path / "another")
    assert given == tmp_path / "another/plugins" / WANTED.folder / EXECUTABLE
    assert given.samefile(place)
    assert scaleway_plugin.find(WANTED, tmp_path / "another") is not None


def test_where_no_hard_link_can_be_made_it_is_a_symbolic_one(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_plugin(place)

    def refuse(*_args: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    given = install_scaleway_plugin(tmp_path / "another")
    assert given.is_symlink()
    assert os.access(given, os.X_OK)


def test_another_home_gets_our_build_where_pulumis_own_has_none(place: Path, tmp_path: Path) -> None:
    built = put_plugin(scaleway_plugin.build_directory(WANTED) / EXECUTABLE)
    assert install_scaleway_plugin(tmp_path / "another").samefile(built)


def test_without_any_plugin_another_home_gets_an_error_with_the_fix(place: Path, tmp_path: Path) -> None:
    with pytest.raises(scaleway_plugin.PluginMissingError, match="make setup"):
        install_scaleway_plugin(tmp_path / "another")
    assert not (tmp_path / "another").exists()


def test_a_build_belongs_to_its_sources_and_to_the_version_of_the_package(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = scaleway_plugin.build_directory(WANTED)
    assert scaleway_plugin.build_directory(Wanted("1.61.0", "")) != before
    copy = tmp_path / "sources"
    for name in scaleway_plugin.SOURCES:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_bytes((scaleway_plugin.sources() / name).read_bytes())
    monkeypatch.setattr(scaleway_plugin, "sources", lambda: copy)
    assert scaleway_plugin.build_directory(WANTED) == before
    (copy / "main.go").write_text("package main\n")
    assert scaleway_plugin.build_directory(WANTED) != before
