"""Files with keys in them: for their owner alone, and never half written."""

import os
import stat
import threading
from pathlib import Path

import pytest

from lbpatterns.targets.envoy import files
from lbpatterns.targets.envoy.errors import EngineError


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_state_directory_is_ours_then_xdgs_then_the_homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert files.state_directory({"LBPATTERNS_STATE_DIR": "/a", "XDG_STATE_HOME": "/b"}) == Path("/a")
    assert files.state_directory({"XDG_STATE_HOME": "/b"}) == Path("/b/lbpatterns/envoy")
    assert files.state_directory({"XDG_STATE_HOME": "relative"}) == tmp_path / ".local/state/lbpatterns/envoy"


def test_a_file_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        files.make_private_directory(tmp_path / "a" / "b")
        files.write(tmp_path / "a" / "b" / "x", "text")
    finally:
        os.umask(old)
    assert (mode(tmp_path / "a" / "b"), mode(tmp_path / "a" / "b" / "x")) == (0o700, 0o600)


def test_a_directory_that_was_open_is_closed(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(mode=0o755)
    files.make_private_directory(tmp_path / "a")
    assert mode(tmp_path / "a") == 0o700


@pytest.mark.parametrize("make", [Path.touch, lambda path: path.symlink_to("/")], ids=["a file", "a symbolic link"])
def test_something_else_in_the_place_of_a_directory_is_refused_with_a_way_out(tmp_path: Path, make: object) -> None:
    assert callable(make)
    make(tmp_path / "a")
    with pytest.raises(EngineError, match="LBPATTERNS_STATE_DIR"):
        files.make_private_directory(tmp_path / "a")


def test_a_reader_sees_the_old_text_or_the_new_one(tmp_path: Path) -> None:
    path, texts = tmp_path / "x", {"a" * 100_000, "b" * 100_000}
    files.write(path, "a" * 100_000)
    seen, done = set(), threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.add(path.read_text())

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(50):
        for text in texts:
            files.write(path, text)
    done.set()
    reader.join()
    assert seen <= texts
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_file_and_no_draft(tmp_path: Path) -> None:
    files.write(tmp_path / "x", "old")
    with pytest.raises(UnicodeEncodeError):
        files.write(tmp_path / "x", "\ud800")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_the_digest_tells_names_and_texts_apart() -> None:
    digests = {
        files.digest(given) for given in ({"ab": "c"}, {"a": "bc"}, {"a": "b", "c": ""}, {"c": "", "a": "b"}, {})
    }
    assert len(digests) == 4


def test_only_configuration_counts_as_configuration(tmp_path: Path) -> None:
    for name in ("lds.json", "sds-a.json", "inputs.json", "envoy.log", ".lds.json.1234"):
        files.write(tmp_path / name, name)
    (tmp_path / "sds-b.json").write_bytes(b"\xff")
    assert files.configuration_files(tmp_path) == {"lds.json": "lds.json", "sds-a.json": "sds-a.json", "sds-b.json": ""}
