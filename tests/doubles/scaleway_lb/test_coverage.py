"""COVERAGE.md says what the code does, and the code what the SDK can call."""

import inspect
import re
from pathlib import Path

import lbpatterns.doubles.scaleway_lb as package
from lbpatterns.doubles.scaleway_lb.coverage import markdown
from lbpatterns.doubles.scaleway_lb.refusals import REFUSALS
from lbpatterns.doubles.scaleway_lb.table import CALLS, match

from .sdk import LbV1ZonedAPI

FOLDER = Path(package.__file__).parent


def test_the_list_of_calls_and_refusals_is_that_of_the_code() -> None:
    written = (FOLDER / "COVERAGE.md").read_text(encoding="utf-8")
    assert written == markdown(), f"write it anew:\n{markdown().splitlines()[4]}"


def test_every_call_has_a_line_of_its_own() -> None:
    lines = re.findall(r"^\| ([A-Z]+ /\S+) \|", markdown(), re.MULTILINE)
    assert lines == [f"{call.method} {call.path}" for call in CALLS]
    assert len(set(lines)) == len(lines)


def test_every_refusal_is_labelled() -> None:
    assert len(REFUSALS) > 20
    assert {refusal.label for refusal in REFUSALS} == {"documented", "modelled"}


def test_every_call_of_the_sdk_is_known() -> None:
    """Method and path of each are read from the SDK's own source."""
    source = inspect.getsource(LbV1ZonedAPI)
    called = re.findall(r'self\._request\(\s*"([A-Z]+)",\s*f"([^"]+)"', source)
    assert len(called) > 50
    for method, path in called:
        assert match(method, re.sub(r"\{param_zone\}", "fr-par-1", re.sub(r"\{param_\w+_id\}", "x", path))), path


def test_the_readme_begins_with_goals_and_limits() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    opening = readme[:900].lower()
    assert all(word in opening for word in ("testing only", "goals", "limits"))
