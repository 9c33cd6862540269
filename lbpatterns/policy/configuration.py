"""Settings as they are written down: the configuration of the policy pack, which `lbpatterns policy check` reads too.

    {"all": "advisory", "RULE": "disabled", "lbpatterns": {"waivers": [{"rule": "RULE", "reason": "..."}]}}

The names beside `lbpatterns` and their levels are Pulumi's own; what stands in it is described by `SCHEMA`.
"""

from __future__ import annotations

import difflib
import ipaddress
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, TypeVar

from lbpatterns.core.constraint import Severity
from lbpatterns.policy.finding import Level
from lbpatterns.policy.settings import DEFAULT, Settings, Waiver

T = TypeVar("T")

PACK: Final = "lbpatterns"
RAISED: Final = "raised-to-mandatory"
LOWERED: Final = "lowered-to-advisory"
WAIVED: Final = "waived"
NOT_KNOWN_YET: Final = "not-known-yet"
VERIFY: Final = "verify-the-servers"
# Beside rules: the pack's other policies, and what Pulumi itself reads there.
_OF_THE_PACK_ALONE: Final = frozenset({PACK, RAISED, LOWERED, WAIVED, NOT_KNOWN_YET, VERIFY, "environments"})

LEVELS: Final = {"disabled": Level.OFF, "advisory": Level.WARN, "mandatory": Level.REFUSE}

_LEVEL: Final = {"enum": list(LEVELS)}
_TEXTS: Final = {"type": "array", "items": {"type": "string"}}

SCHEMA: Final[dict[str, dict[str, Any]]] = {
    "rules": {
        "description": "The level of single rules, by id.",
        "type": "object",
        "additionalProperties": _LEVEL,
    },
    "frameworks": {
        "description": "The level of rules that help to keep a framework (PCI DSS), or a clause (PCI DSS 4.2.1).",
        "type": "object",
        "additionalProperties": _LEVEL,
    },
    "severities": {
        "description": "The level of rules of a severity.",
        "type": "object",
        "properties": {severity.value: _LEVEL for severity in Severity},
        "additionalProperties": False,
    },
    NOT_KNOWN_YET: {
        "description": "Whether it is said that a rule cannot be decided yet.",
        "enum": ["disabled", "advisory"],
    },
    "require-encrypted-to-the-server": {
        "description": "Every load balancer has to keep traffic encrypted all the way to the server.",
        "type": "boolean",
    },
    "encrypted-tags": {"description": "The same for load balancers that carry one of these tags.", **_TEXTS},
    "trusted-networks": {"description": "Where cleartext may travel, as CIDR.", **_TEXTS},
    "days-before-expiry": {
        "description": "How many days before its end a certificate has to be renewed.",
        "type": "integer",
        "minimum": 0,
    },
    "waivers": {
        "description": "Rules that are waived, with the reason and the last day.",
        "type": "array",
        "items": {
            "type": "object",
            "required": ["rule"],
            "properties": {
                "rule": {"description": "An id, or a pattern of ids (bridged-*).", "type": "string"},
                "reason": {"type": "string"},
                "expires": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
                "resource": {"description": "A pattern of the names of resources.", "type": "string"},
            },
            "additionalProperties": False,
        },
    },
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a configuration: where, what stands there, and what should."""

    where: str
    what: str
    fix: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}\n    fix: {self.fix}"


class ConfigurationError(ValueError):
    """A configuration that cannot be used, with everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"  {problem}" for problem in self.problems))


def settings_of(config: Mapping[str, Any], *, where: str = PACK, base: Settings = DEFAULT) -> Settings:
    """The settings that stand under `lbpatterns`. Raises `ConfigurationError` with all problems at once."""
    reader = _Reader()
    given: dict[str, Any] = {}
    for key, value in config.items():
        field, read = _FIELDS.get(key, ("", None))
        if read is None:
            reader.report(f"{where}.{key}", "there is no such setting", _meant(key, SCHEMA))
        else:
            given[field] = read(reader, f"{where}.{key}", value)
    reader.finish()
    return replace(base, **given)


def settings_of_file(text: str, *, name: str, rules: Iterable[str]) -> Settings:
    """The settings in a file of the pack's configuration. Raises `ConfigurationError`."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        problem = f"it is no JSON: {error.msg}"
        raise ConfigurationError(
            [Problem(f"{name}, line {error.lineno}, column {error.colno}", problem, "see docs/policy.md")]
        ) from None
    if not isinstance(document, dict):
        raise ConfigurationError([Problem(name, f"it holds {_kind(document)}", 'write an object: {"lbpatterns": {}}')])
    return _whole(document, tuple(rules))


def _whole(document: dict[str, Any], rules: tuple[str, ...]) -> Settings:
    reader = _Reader()
    levels: dict[str, Level] = {}
    for key, value in document.items():
        if key in _OF_THE_PACK_ALONE:
            continue
        if key not in {*rules, "all"}:
            reader.report(key, "there is no such rule", _meant(key, rules))
            continue
        level = reader.level(key, value.get("enforcementLevel") if isinstance(value, dict) else value)
        levels |= {rule: levels.get(rule, level) for rule in rules} if key == "all" else {key: level}
    own = document.get(PACK, {})
    settings = DEFAULT
    try:
        settings = settings_of(own) if isinstance(own, dict) else settings
    except ConfigurationError as error:
        reader.problems += error.problems
    if not isinstance(own, dict):
        reader.report(PACK, f"it is {_kind(own)}", "write an object")
    for rule in settings.rules:
        if rule not in rules:
            reader.report(f"{PACK}.rules.{rule}", "there is no such rule", _meant(rule, rules))
    reader.finish()
    return replace(settings, rules={**levels, **settings.rules})


def _meant(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"did you mean {near[0]}?" if near else "see docs/policy.md for what there is"


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "nothing"}
    return kinds.get(type(value), "a number")


class _Reader:
    """Reads values, and gathers what is wrong with them. Values are quoted where they cannot be secret."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def report(self, where: str, what: str, fix: str) -> None:
        self.problems.append(Problem(where, what, fix))

    def finish(self) -> None:
        if self.problems:
            raise ConfigurationError(self.problems)

    def of_kind(self, where: str, value: Any, kind: type[T], fix: str) -> T | None:
        if isinstance(value, kind):
            return value
        self.report(where, f"it is {_kind(value)}", fix)
        return None

    def text(self, where: str, value: Any) -> str:
        return self.of_kind(where, value, str, "write text") or ""

    def flag(self, where: str, value: Any) -> bool:
        return bool(self.of_kind(where, value, bool, "write true or false"))

    def level(self, where: str, value: Any) -> Level:
        if value not in LEVELS:
            self.report(where, f"{value!r} is no level", f"write one of {', '.join(LEVELS)}")
        return LEVELS.get(str(value), Level.OFF)

    def quiet(self, where: str, value: Any) -> Level:
        if value == "mandatory":
            self.report(where, "what is not known yet does not end a run", "write disabled or advisory")
            return Level.WARN
        return self.level(where, value)

    def levels(self, where: str, value: Any) -> dict[str, Level]:
        given = self.of_kind(where, value, dict, 'write an object such as {"NAME": "advisory"}') or {}
        return {str(name): self.level(f"{where}.{name}", level) for name, level in given.items()}

    def severities(self, where: str, value: Any) -> dict[Severity, Level]:
        known = {severity.value: severity for severity in Severity}
        levels = self.levels(where, value)
        for name in set(levels) - set(known):
            self.report(f"{where}.{name}", "there is no such severity", f"write one of {', '.join(known)}")
        return {known[name]: level for name, level in levels.items() if name in known}

    def items(self, where: str, value: Any) -> Iterator[tuple[str, Any]]:
        for index, item in enumerate(self.of_kind(where, value, list, "write a list") or []):
            yield f"{where}[{index}]", item

    def texts(self, where: str, value: Any) -> tuple[str, ...]:
        return tuple(self.text(place, item) for place, item in self.items(where, value))

    def networks(self, where: str, value: Any) -> tuple[str, ...]:
        texts = self.texts(where, value)
        for index, text in enumerate(texts):
            try:
                ipaddress.ip_network(text)
            except ValueError as error:
                self.report(f"{where}[{index}]", str(error), "write a network such as 10.0.0.0/8")
        return texts

    def days(self, where: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value) or value < 0:
            self.report(where, f"{value!r} is no number of days", "write a whole number, 0 or more")
            return 0
        return int(value)  # the engine turns every number into a float

    def day(self, where: str, value: Any) -> date | None:
        text = self.text(where, value)
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.report(where, f"{text!r} is no date", "write a date such as 2027-01-31")
            return None

    def waivers(self, where: str, value: Any) -> tuple[Waiver, ...]:
        return tuple(self.waiver(place, item) for place, item in self.items(where, value))

    def waiver(self, where: str, value: Any) -> Waiver:
        given = self.of_kind(where, value, dict, 'write an object such as {"rule": "...", "reason": "..."}')
        read: dict[str, Callable[[str, Any], Any]] = {
            "rule": self.text, "reason": self.text, "expires": self.day, "resource": self.text
        }  # fmt: skip
        if given is None:
            return Waiver(rule="")
        if "rule" not in given:
            self.report(where, "it names no rule", 'add "rule"')
        for key in set(given) - set(read):
            self.report(f"{where}.{key}", "a waiver has no such part", f"write one of {', '.join(read)}")
        return Waiver(
            **{"rule": "", **{key: read[key](f"{where}.{key}", item) for key, item in given.items() if key in read}}
        )


_FIELDS: Final[Mapping[str, tuple[str, Callable[[_Reader, str, Any], Any]]]] = {
    "rules": ("rules", _Reader.levels),
    "frameworks": ("frameworks", _Reader.levels),
    "severities": ("severities", _Reader.severities),
    NOT_KNOWN_YET: ("undecided", _Reader.quiet),
    "require-encrypted-to-the-server": ("require_encrypted_to_the_server", _Reader.flag),
    "encrypted-tags": ("encrypted_tags", _Reader.texts),
    "trusted-networks": ("trusted_networks", _Reader.networks),
    "days-before-expiry": ("days_before_expiry", _Reader.days),
    "waivers": ("waivers", _Reader.waivers),
}
