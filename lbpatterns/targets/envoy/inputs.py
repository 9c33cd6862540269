"""The inputs of a load balancer: read, put into one form, checked, before anything is built."""

from __future__ import annotations

import dataclasses
import re
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from lbpatterns.core.check import check as check_rules
from lbpatterns.core.plain import spec_from_plain, to_plain
from lbpatterns.core.spec import UNKNOWN, LBSpec, Unknown
from lbpatterns.targets.envoy.errors import EngineError
from lbpatterns.targets.envoy.options import EnvoyOptions
from lbpatterns.targets.envoy.paths import BUNDLE_FIELD, KEY_FIELD, field_name, holds_unknown, leaves
from lbpatterns.targets.envoy.render import EnvoyConfiguration, render
from lbpatterns.targets.envoy.tls import is_ip

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
_NOT_IN_A_NAME: Final = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST_STEM: Final = 55  # and a hyphen and seven digits
_FIELDS: Final = ("name", "spec", "bind_address", "concurrency")
_DEFAULTS: Final = EnvoyOptions()

Problem: typing.TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Checked:
    """Inputs in their one form, and what is wrong with them: (place, reason) pairs."""

    inputs: Mapping[str, Any]
    problems: tuple[Problem, ...]


def check(
    old: Mapping[str, Any], new: Mapping[str, Any], *, resource_name: str, random_seed: bytes, state: Path
) -> Checked:
    """`new` with defaults and a name, and all that is wrong with it. `old` is empty for a new load balancer."""
    given = {key: value for key, value in new.items() if value is not None}
    inputs: dict[str, Any] = {
        "name": given.get("name") or old.get("name") or autoname(resource_name, random_seed),
        "spec": given.get("spec"),
        "bind_address": given.get("bind_address", _DEFAULTS.bind_address),
        "concurrency": given.get("concurrency", _DEFAULTS.concurrency),
    }
    problems = [
        (key, f"there is no such input; known: {', '.join(_FIELDS)}")
        for key in given
        if key not in _FIELDS and not key.startswith("__")  # Pulumi's own, such as `__defaults`
    ]
    problems += _option_problems(inputs)
    spec, spec_problems = _read_spec(inputs["spec"])
    problems += spec_problems
    if spec is not None:
        inputs["spec"] = to_plain(spec)
        problems += _said_against(spec, inputs)
        if not problems and not holds_unknown(inputs):
            problems += _render_problems(inputs, state)
    return Checked(inputs, tuple(dict.fromkeys(problems)))


def autoname(resource_name: str, random_seed: bytes) -> str:
    """`<resource name>-<7 hex digits>`, fit for a folder's name."""
    stem = _NOT_IN_A_NAME.sub("-", resource_name).strip("-._")[:_LONGEST_STEM] or "lb"
    return f"{stem}-{random_seed.hex()[:7]}"


def require_name(name: Any) -> str:
    """The name, which becomes a folder's. Raises `EngineError` when it cannot."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise EngineError(f"{name!r} is no name of a load balancer: {_NAME_RULE}")
    return name


_NAME_RULE: Final = "1 to 63 letters, digits, dots, hyphens and underscores, a letter or digit first"


def violations(spec: LBSpec) -> list[Problem]:
    """Every documented rule that the spec breaks, with its place."""
    report = check_rules(spec, today=datetime.now(UTC).date())
    return [(f"spec.{violation.place}", violation.message()) for violation in report.refused]


def rendered(inputs: Mapping[str, Any], state: Path) -> EnvoyConfiguration:
    """Envoy's configuration for checked inputs that are all known. Raises `EngineError` when there is none."""
    name = require_name(inputs["name"])
    options = EnvoyOptions(bind_address=str(inputs["bind_address"]), concurrency=int(inputs["concurrency"]))
    try:
        return render(spec_from_plain(inputs["spec"]), options, directory=str(state / name), name=name)
    except ValueError as error:
        raise EngineError(f"load balancer {name!r} cannot be expressed for Envoy:\n{error}") from None


def _option_problems(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    name, address, threads = inputs["name"], inputs["bind_address"], inputs["concurrency"]
    if name is not UNKNOWN and not (isinstance(name, str) and _NAME.fullmatch(name)):
        yield "name", f"{name!r} is no name of a load balancer: {_NAME_RULE}"
    if address is not UNKNOWN and not (isinstance(address, str) and is_ip(address)):
        yield "bind_address", f"{address!r} is no IP address. Fix: 127.0.0.1, or an address of this machine"
    whole = isinstance(threads, int | float) and not isinstance(threads, bool) and float(threads).is_integer()
    if threads is not UNKNOWN and not (whole and threads >= 1):
        yield "concurrency", f"{threads!r} is no number of worker threads. Fix: a whole number from 1 up"


def _read_spec(plain: Any) -> tuple[LBSpec | None, list[Problem]]:
    if plain is UNKNOWN:
        return None, []
    if not isinstance(plain, Mapping):
        return None, [("spec", "missing. Fix: give the load balancer's declaration, as an object")]
    try:
        return spec_from_plain(plain), []
    except ValueError as error:
        place, _, reason = str(error).partition(": ")
        return None, [(f"spec.{place}" if reason and place != "spec" else "spec", reason or str(error))]


def _said_against(spec: LBSpec, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    yield from _pem_problems(inputs["spec"])
    # A rule reads every list and every object; where one is not known yet, there is nothing to read.
    if _shape_is_known(spec):
        yield from violations(spec)


def _pem_problems(spec: Mapping[str, Any]) -> Iterator[Problem]:
    from lbpatterns.pem import bundle_problems, problems  # noqa: PLC0415 (loads cryptography, which passthrough does not need)

    now = datetime.now(UTC)
    for path, text in leaves(spec, "spec"):
        questions = {KEY_FIELD: problems, BUNDLE_FIELD: bundle_problems}
        ask = questions.get(field_name(path))
        if ask and isinstance(text, str):
            yield from ((path, reason) for reason in ask(text, now))


def _render_problems(inputs: Mapping[str, Any], state: Path) -> Iterator[Problem]:
    try:
        rendered(inputs, state)
    except EngineError as error:
        for line in str(error).splitlines()[1:]:
            place, _, reason = line.partition(": ")
            yield (f"spec.{place}", reason) if reason else ("spec", line)


def _shape_is_known(value: Any) -> bool:
    """Whether UNKNOWN stands only where the spec's types allow it, in the place of a single value."""
    if isinstance(value, tuple):
        return all(_shape_is_known(item) for item in value)
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return True
    hints = typing.get_type_hints(type(value))
    for field in dataclasses.fields(value):
        item = getattr(value, field.name)
        may_be_unknown = _mentions_unknown(hints[field.name])
        if not may_be_unknown and (item is UNKNOWN or (isinstance(item, tuple) and UNKNOWN in item)):
            return False
        if not _shape_is_known(item):
            return False
    return True


def _mentions_unknown(hint: Any) -> bool:
    return hint is Unknown or hint is UNKNOWN or any(_mentions_unknown(part) for part in typing.get_args(hint))
