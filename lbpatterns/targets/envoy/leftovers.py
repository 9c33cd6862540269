"""What interrupted runs have left behind, and its removal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lbpatterns.targets.envoy.folder import Folder, Record
from lbpatterns.targets.envoy.process import stop


def clear(state: Path, urn: str, asked: Mapping[str, Any]) -> None:
    """Take away creates that were never finished, and what an earlier run made for `urn` but could not note down.

    The latter is an Envoy that has died, or one with the very same inputs: Pulumi would not ask for it again if it
    knew of it. (Two stacks of the same name in two backends would take turns here, with the same configuration.)
    """
    for path in sorted(state.iterdir()):
        folder = Folder(path)
        if path.is_dir() and not path.name.startswith(".") and _is_leftover(folder, urn, asked):
            process = folder.process()
            if process:
                stop(process)
            folder.remove()


def _is_leftover(folder: Folder, urn: str, asked: Mapping[str, Any]) -> bool:
    creator = folder.creator()
    if creator:
        return not creator.is_alive()
    record = folder.record()
    if record is None or not urn or record.urn != urn:
        return False
    process = folder.process()
    return process is None or not process.is_alive() or _same_but_for_the_name(record, asked)


def _same_but_for_the_name(record: Record, asked: Mapping[str, Any]) -> bool:
    return {**record.inputs, "name": ""} == {**asked, "name": ""}
