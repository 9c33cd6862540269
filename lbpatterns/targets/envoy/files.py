"""Files that hold private keys: where they lie, who may read them, and how they change (all at once)."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from lbpatterns.targets.envoy.errors import EngineError

_FIXED_NAMES: Final = ("bootstrap.json", "cds.json", "lds.json")
_SECRETS: Final = "sds-*.json"


def state_directory(environment: Mapping[str, str] | None = None) -> Path:
    """Where each load balancer has its folder, whether or not it exists yet.

    LBPATTERNS_STATE_DIR, else `lbpatterns/envoy` under XDG_STATE_HOME, else under ~/.local/state.
    """
    environment = os.environ if environment is None else environment
    ours = environment.get("LBPATTERNS_STATE_DIR")
    if ours:
        return Path(ours).expanduser().absolute()
    home = environment.get("XDG_STATE_HOME", "")
    # The XDG specification tells programs to ignore a relative path.
    state = Path(home) if Path(home).is_absolute() else Path.home() / ".local" / "state"
    return state / "lbpatterns" / "envoy"


def make_private_directory(path: Path, *, new: bool = False) -> None:
    """A directory for this user alone (0700), with its parents; FileExistsError when it has to be `new` and is not.

    Raises `EngineError` when something else has the name, when another user owns it, or when it cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.mkdir(mode=0o700, exist_ok=not new)
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise EngineError(f"{path} has to be a directory of this user. Fix: remove it, or set LBPATTERNS_STATE_DIR")
        path.chmod(0o700)
    except FileExistsError:
        if new:
            raise
        raise EngineError(f"{path} is no directory. Fix: remove it, or set LBPATTERNS_STATE_DIR") from None
    except OSError as error:
        raise EngineError(
            f"{path} cannot be made: {error.strerror}. Fix: make it writable, or set LBPATTERNS_STATE_DIR"
        ) from error


def write(path: Path, text: str) -> None:
    """Put `text` at `path` in one step, readable and writable for this user alone (0600).

    The rename is what Envoy watches for; a reader sees the old text or the new one, never a part.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def configuration_files(directory: Path) -> dict[str, str]:
    """Envoy's configuration as it lies on disk, file name to text. What cannot be read counts as empty."""
    names = [name for name in _FIXED_NAMES if (directory / name).exists()]
    names += sorted(path.name for path in directory.glob(_SECRETS))
    return {name: _text(directory / name) for name in names}


def digest(files: Mapping[str, str]) -> str:
    """32 hexadecimal digits that stand for these names and texts."""
    total = hashlib.sha256()
    for name in sorted(files):
        for part in (name, files[name]):
            raw = part.encode()
            total.update(len(raw).to_bytes(8, "big") + raw)
    return total.hexdigest()[:32]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
