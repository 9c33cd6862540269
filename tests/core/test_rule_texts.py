"""What a rule says is true of its own examples: places that exist, arguments that exist, no secret."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from datetime import date
from enum import Enum
from typing import Any

import pytest

import lbpatterns
from lbpatterns.components import access_args, args, backend_args
from lbpatterns.components.lift import ArgsModel
from lbpatterns.core import spec as words
from lbpatterns.core.constraint import Constraint, Found, Violation
from lbpatterns.core.constraints import CONSTRAINTS
from lbpatterns.core.examples import EXAMPLES_TODAY
from lbpatterns.core.spec import LBSpec

EACH = pytest.mark.parametrize("rule", CONSTRAINTS, ids=lambda rule: rule.id)

# Places are said in the words of the arguments, and a few of those have other names in a spec.
ALIASES = {
    r"(backend|servers\[\d+\])\.certificate\b": r"\1.server_certificate",
    r"(servers\[\d+\])\.server_certificate\b": r"\1.certificate",
    r"^network\.trusted\b": "trusted_networks",
    r"^network\.private\b": "private_networks",
    r"^network\.": "",
}


def answers(rule: Constraint[LBSpec], spec: LBSpec) -> list[Found]:
    return list(rule.check(spec, EXAMPLES_TODAY))


def stands_in(spec: LBSpec, place: str) -> bool:
    """Whether something stands at `backend.servers[1].port` of a spec."""
    for pattern, name in ALIASES.items():
        place = re.sub(pattern, name, place)
    here: Any = spec
    for name, index in re.findall(r"([a-z_0-9]+)|\[(\d+)\]", place):
        if name:
            if not hasattr(here, name):
                return False
            here = getattr(here, name)
        elif int(index) < len(here):
            here = here[int(index)]
        else:
            return False
    return True


@EACH
def test_a_place_in_a_message_is_one_of_the_example(rule: Constraint[LBSpec]) -> None:
    for spec in (*rule.fails, *rule.open):
        for found in answers(rule, spec):
            assert stands_in(spec, found.place), found.place


@pytest.mark.parametrize("place", ["backend.sockets", "backend.servers[7].port", "network.trusty[0]"])
def test_a_place_that_is_not_there_is_noticed(place: str) -> None:
    assert not stands_in(CONSTRAINTS[0].holds[0], place)


def argument_names() -> set[str]:
    """Everything that a declaration may say: arguments, their words, and the names of what takes them."""
    names = {*lbpatterns.__all__, "lbpatterns", "True", "False"}
    for module in (args, access_args, backend_args):
        for model in vars(module).values():
            if isinstance(model, type) and issubclass(model, ArgsModel):
                names |= {model.__name__, *model.model_fields}
    for kind in vars(words).values():
        if isinstance(kind, type) and issubclass(kind, Enum):
            names |= {str(member.value) for member in kind}
        elif dataclasses.is_dataclass(kind):
            names |= {field.name for field in dataclasses.fields(kind)}
    return names


NAMES = argument_names()


def code(text: str) -> Iterator[str]:
    yield from text.split("`")[1::2]


def is_value(span: str) -> bool:
    """Whether code shows a value that somebody might write: a path, a host, a network."""
    return bool(re.fullmatch(r"/\S*|https?://\S+|[\w-]+(\.[\w-]+)+|::/0", span))


@EACH
def test_what_the_fix_names_exists(rule: Constraint[LBSpec]) -> None:
    for span in code(rule.fix):
        named = re.findall(r"[A-Za-z_]\w*", re.sub(r'"[^"]*"', "", span))
        assert is_value(span) or all(name in NAMES for name in named), span


@EACH
def test_a_pattern_that_the_fix_names_exists(rule: Constraint[LBSpec]) -> None:
    for name in re.findall(r"\b[A-Z][A-Za-z]+LB\b", rule.fix):
        assert name in lbpatterns.__all__


@EACH
def test_a_fix_by_hand_is_another_one_and_names_no_component(rule: Constraint[LBSpec]) -> None:
    for text in rule.fix_by_hand.values():
        assert text != rule.fix
        assert not re.findall(r"\b[A-Z][A-Za-z]+LB\b", text)


@EACH
def test_code_is_closed_and_texts_are_in_one_form(rule: Constraint[LBSpec]) -> None:
    for text in (rule.title, rule.why, rule.fix, rule.symptom, rule.source.says, *rule.fix_by_hand.values()):
        assert text.count("`") % 2 == 0
        assert text == text.strip()
        assert "  " not in text
    for text in (rule.title, rule.why, rule.fix, rule.symptom, *rule.fix_by_hand.values()):
        assert text.endswith((".", ".`"))
        assert text[0].isupper() or text[0] in "`0123456789" or text.startswith(("nginx", "http"))
    assert not rule.source.says.endswith(".")
    assert rule.source.url.startswith("https://")


@EACH
def test_an_example_is_of_a_mode_that_the_rule_speaks_of(rule: Constraint[LBSpec]) -> None:
    for spec in (*rule.holds, *rule.fails, *rule.open):
        assert spec.mode in rule.modes


@EACH
def test_there_is_nothing_to_say_of_what_it_does_not_speak_of(rule: Constraint[LBSpec]) -> None:
    for spec in rule.not_applicable:
        assert answers(rule, spec) == []


SECRET = "-----BEGIN PRIVATE KEY----- c2VjcmV0"


def with_secrets(value: Any) -> Any:
    """The same with a secret in every field that holds PEM text."""
    if isinstance(value, tuple):
        return tuple(map(with_secrets, value))
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    changes: dict[str, Any] = {}
    for field in dataclasses.fields(value):
        here = getattr(value, field.name)
        changes[field.name] = SECRET if field.name.endswith("pem") and here is not None else with_secrets(here)
    return dataclasses.replace(value, **changes)


@EACH
def test_no_message_prints_a_secret(rule: Constraint[LBSpec]) -> None:
    for plain in rule.fails:
        spec = with_secrets(plain)
        found = answers(rule, spec)
        assert found == answers(rule, plain)
        for one in found:
            assert "PRIVATE KEY" not in Violation(rule, one.place, one.found or "").message()
            assert "PRIVATE KEY" not in repr(spec)


# Free text that may hold a token: paths, targets, values that a request must carry.
TELLING = {"path", "location", "values"}


def with_tokens(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(with_tokens, value))
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    changes: dict[str, Any] = {}
    for field in dataclasses.fields(value):
        here = getattr(value, field.name)
        if field.name not in TELLING or not here:
            changes[field.name] = with_tokens(here)
        elif isinstance(here, str):
            changes[field.name] = f"{here}hunter2"
        else:
            changes[field.name] = tuple(f"{item}hunter2" for item in here)
    return dataclasses.replace(value, **changes)


@EACH
def test_no_message_quotes_text_that_may_hold_a_token(rule: Constraint[LBSpec]) -> None:
    for spec in map(with_tokens, rule.fails):
        for found in answers(rule, spec):
            assert "hunter2" not in str(found.found)


def test_an_exception_from_a_rule_of_another_book_is_left_to_that_book() -> None:
    from lbpatterns.core.examples import BRIDGED, with_exception
    from lbpatterns.targets.scaleway.constraints import CONSTRAINTS as SCALEWAY

    (rule,) = (each for each in CONSTRAINTS if each.id == "exception-is-used")
    for name, expected in ((SCALEWAY[0].id, 0), ("no-such-rule", 1), ("../constraints/__init__", 1)):
        spec = with_exception(BRIDGED, name, expires=date(2026, 11, 21))
        assert len(answers(rule, spec)) == expected


def test_an_argument_of_another_mode_is_answered_with_a_rule_of_this_mode() -> None:
    from lbpatterns.components.errors import _KEPT_OUT

    rules = {rule.id: rule for rule in CONSTRAINTS}
    for mode, answered in _KEPT_OUT.items():
        for rule in answered.values():
            assert mode in rules[rule].modes


@pytest.mark.parametrize("kind", [lbpatterns.OffloadedLBArgs, lbpatterns.BridgedLBArgs])
def test_a_route_by_server_name_is_answered_with_its_rule(kind: Any) -> None:
    backend = {"servers": ["10.0.0.20"], "port": 8443, "server_name": "backend.internal"}
    with pytest.raises(Exception, match="server-names-route-only-in-passthrough"):
        kind(frontends=[{}], backend=backend, routes=[{"server_names": ["a.example.test"], "backend": backend}])
