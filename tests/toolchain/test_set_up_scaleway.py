"""The set-up of the Scaleway plugin, with a `go` that answers at once, and the real Pulumi that installs the result."""

import os
import shutil
from pathlib import Path

import go_build
import pytest
import set_up_scaleway
import steps

from lbpatterns.cli import machine, scaleway_plugin
from lbpatterns.cli.scaleway_plugin import EXECUTABLE, MARK, Wanted

TOOLCHAIN = machine.toolchain_directory()
WANTED = Wanted("1.60.0", "github://api.github.com/pulumiverse")
# What the build asks of Go: its version, the program that writes the schema, and a build with `-o PATH`.
GO = """#!/bin/sh
echo "$1 $GOMODCACHE $GOCACHE" >> "$LBP_TEST/calls"
case "$1" in
version) echo "go version go1.26.8 linux/amd64" ;;
run) while [ $# -gt 1 ]; do shift; done; echo '{}' > "$1" ;;
build)
    [ -s schema.json ] || { echo "pattern schema.json: no matching files found"; exit 1; }
    [ -z "$LBP_TEST_FAIL" ] || { echo "$LBP_TEST_FAIL"; exit 1; }
    while [ "$1" != -o ]; do shift; done
    printf '#!/bin/sh\\necho 1.60.0\\n' > "$2"
    chmod 755 "$2" ;;
esac
"""


@pytest.fixture
def pulumi() -> machine.Found:
    found = machine.find_pulumi()
    assert found is not None, "Pulumi is not set up; run `make setup`"
    return found


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pulumi: machine.Found) -> Path:
    """Where Pulumi looks for the plugin, on a machine with an empty cache, the `go` above and no way to the server."""
    go = tmp_path / "tools/go"
    go.parent.mkdir()
    go.write_text(GO)
    go.chmod(0o755)
    monkeypatch.setenv("LBP_TEST", str(tmp_path))
    monkeypatch.delenv("LBP_TEST_FAIL", raising=False)
    monkeypatch.setenv("PATH", f"{go.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PULUMI_SKIP_UPDATE_CHECK", "1")
    monkeypatch.setattr(scaleway_plugin, "wanted", lambda: WANTED)
    monkeypatch.setattr(machine, "cache_directory", lambda: tmp_path / "cache")
    monkeypatch.setattr(machine, "find_pulumi", lambda: pulumi)
    monkeypatch.setattr(set_up_scaleway, "obstacle_on_the_way_to", lambda host: f"{host} cannot be reached (a test)")
    return tmp_path / "home/plugins" / WANTED.folder / EXECUTABLE


def set_up(pulumi: machine.Found) -> None:
    with go_build.Workshop(machine.cache_directory(), TOOLCHAIN) as workshop:
        set_up_scaleway.set_up_scaleway_plugin(pulumi, workshop)


def calls(tmp_path: Path) -> list[str]:
    record = tmp_path / "calls"
    return [line.split()[0] for line in record.read_text().splitlines()] if record.exists() else []


def put_plugin(place: Path, mark: str | None = None) -> None:
    place.parent.mkdir(parents=True)
    place.write_text("#!/bin/sh\necho 1.60.0\n")
    place.chmod(0o755)
    if mark is not None:
        (place.parent / MARK).write_text(f"{mark}\n")


def test_out_of_reach_it_is_built_installed_and_nothing_else_is_left(
    place: Path, pulumi: machine.Found, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up(pulumi)
    assert calls(tmp_path) == ["version", "run", "build"]
    assert os.access(place, os.X_OK)
    assert scaleway_plugin.built_from(place) == scaleway_plugin.build_key()
    build = scaleway_plugin.build_directory(WANTED)
    assert {entry.name for entry in build.iterdir()} == {EXECUTABLE, MARK}
    assert {entry.name for entry in machine.cache_directory().iterdir()} == {"scaleway-plugin", "lock"}
    said = capsys.readouterr()
    assert said.err == ""
    assert "api.github.com cannot be reached" in said.out
    assert said.out.splitlines()[-1] == f"Scaleway plugin 1.60.0: {place} (built by lbpatterns)"


def test_the_second_set_up_builds_nothing_and_takes_no_lock(
    place: Path, pulumi: machine.Found, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(pulumi)
    before = calls(tmp_path)
    monkeypatch.setattr(go_build.Workshop, "wait", lambda _: pytest.fail("it took the lock"))
    monkeypatch.setattr(set_up_scaleway, "run", lambda *_, **__: pytest.fail("it ran a program"))
    set_up(pulumi)
    assert calls(tmp_path) == before


def test_a_plugin_that_pulumi_forgot_comes_from_the_cache_without_a_build(
    place: Path, pulumi: machine.Found, tmp_path: Path
) -> None:
    set_up(pulumi)
    shutil.rmtree(tmp_path / "home")
    set_up(pulumi)
    assert os.access(place, os.X_OK)
    assert calls(tmp_path).count("build") == 1


def test_what_somebody_else_installed_is_left_alone(place: Path, pulumi: machine.Found, tmp_path: Path) -> None:
    put_plugin(place)
    before = place.stat()
    set_up(pulumi)
    assert place.stat() == before
    assert calls(tmp_path) == []


def test_a_build_of_ours_from_older_sources_is_renewed(place: Path, pulumi: machine.Found) -> None:
    put_plugin(place, mark="0123456789abcdef")
    set_up(pulumi)
    assert scaleway_plugin.built_from(place) == scaleway_plugin.build_key()


def test_an_installation_that_was_broken_off_is_made_anew(place: Path, pulumi: machine.Found) -> None:
    put_plugin(place)
    partial = place.parent.with_name(f"{WANTED.folder}.partial")
    partial.touch()
    set_up(pulumi)
    assert os.access(place, os.X_OK)
    assert not partial.exists()


def test_a_server_in_reach_goes_before_the_build(
    place: Path, pulumi: machine.Found, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, ...]] = []

    def install(wanted: Wanted, _pulumi: machine.Found, *options: str) -> None:
        asked.append(options)
        put_plugin(place)

    monkeypatch.setattr(set_up_scaleway, "obstacle_on_the_way_to", lambda _host: "")
    monkeypatch.setattr(set_up_scaleway, "pulumi_plugin_install", install)
    set_up(pulumi)
    assert asked == [("--server", WANTED.server, "--reinstall")]
    assert calls(tmp_path) == []


def test_a_server_that_fails_is_one_line_and_the_build_follows(
    place: Path, pulumi: machine.Found, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = set_up_scaleway.pulumi_plugin_install

    def install(wanted: Wanted, found: machine.Found, *options: str) -> None:
        if "--server" in options:
            raise steps.Problem("Installing failed.", why="403 HTTP error\nAPI rate limit exceeded", fix="wait")
        real(wanted, found, *options)

    monkeypatch.setattr(set_up_scaleway, "obstacle_on_the_way_to", lambda _host: "")
    monkeypatch.setattr(set_up_scaleway, "pulumi_plugin_install", install)
    set_up(pulumi)
    assert "API rate limit exceeded; going on to the build" in capsys.readouterr().out
    assert os.access(place, os.X_OK)


def test_a_failed_build_leaves_nothing_and_tells_the_last_words(
    place: Path, pulumi: machine.Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LBP_TEST_FAIL", "undefined: something")
    with pytest.raises(steps.Problem, match="undefined: something"):
        set_up(pulumi)
    assert {entry.name for entry in machine.cache_directory().iterdir()} == {"lock"}
    assert not place.exists()


def test_too_little_space_is_told_before_the_build(
    place: Path, pulumi: machine.Found, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(go_build.SPACE_NEEDED, "the Scaleway plugin", 10**18)
    with pytest.raises(steps.Problem, match="too little space to build the Scaleway plugin"):
        set_up(pulumi)
    assert calls(tmp_path) == []


def test_without_its_python_package_it_is_not_set_up(
    place: Path, pulumi: machine.Found, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(scaleway_plugin, "wanted", lambda: None)
    set_up(pulumi)
    assert "lbpatterns[scaleway]" in capsys.readouterr().out
    assert not place.exists()
    assert not machine.cache_directory().exists()


def test_the_builds_of_one_set_up_share_their_caches(place: Path, pulumi: machine.Found, tmp_path: Path) -> None:
    with go_build.Workshop(machine.cache_directory(), TOOLCHAIN) as workshop:
        workshop.prepare("Pulumi")
        workshop.go(workshop.module("pulumi-cli"), "list", doing="Asking")
        set_up_scaleway.set_up_scaleway_plugin(pulumi, workshop)
    caches = {line.partition(" ")[2] for line in (tmp_path / "calls").read_text().splitlines()}
    assert len(caches) == 1
    assert calls(tmp_path).count("version") == 1


def test_every_source_is_part_of_the_key_under_which_a_build_is_kept() -> None:
    folder = TOOLCHAIN / "scaleway-plugin"
    files = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    assert files == set(scaleway_plugin.SOURCES)


def test_the_terraform_provider_is_no_older_than_the_one_that_sends_false() -> None:
    module = (TOOLCHAIN / "scaleway-plugin/go.mod").read_text()
    version = module.split("terraform-provider-scaleway/v2 v")[1].split()[0]
    assert tuple(int(number) for number in version.split(".")) >= (2, 81, 0)


def test_the_demo_does_not_wait_for_it(
    place: Path,
    pulumi: machine.Found,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It runs on Envoy; the next set-up for anything else brings the plugin."""
    monkeypatch.setenv("LBPATTERNS_SETUP_FOR", "demo")
    set_up(pulumi)
    assert "not needed for the demo" in capsys.readouterr().out
    assert calls(tmp_path) == []
    monkeypatch.delenv("LBPATTERNS_SETUP_FOR")
    set_up(pulumi)
    assert "build" in calls(tmp_path)
    assert place.exists()
