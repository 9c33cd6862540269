"""The expected legs of a stack, from its outputs or from its state."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from lbpatterns.core.legs import ExpectedLeg
from lbpatterns.core.plain import from_plain
from lbpatterns.verify.failures import VerifyError

_STACK: Final = "pulumi:pulumi:Stack"
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"  # how a state marks a value that is more than it seems
_HIDDEN: Final = "[secret]"  # how `pulumi stack output` prints a secret
_EXPORT: Final = "give what `pulumi stack export` prints, whole"


def legs_from(outputs: Iterable[Any]) -> tuple[ExpectedLeg, ...]:
    """The expected legs in a stack's output `legs`. Raises ValueError naming what is not one."""
    return tuple(from_plain(ExpectedLeg, leg, f"legs[{index}]") for index, leg in enumerate(outputs))


def outputs_of_state(text: str, source: str) -> Mapping[str, Any]:
    """The outputs in what `pulumi stack export` prints; `source` is said in errors. Raises `VerifyError`."""
    document = document_of(text, source, _EXPORT)
    deployment = document.get("deployment") if isinstance(document, Mapping) else None
    if not isinstance(deployment, Mapping):
        raise VerifyError(f"{source} is no state: there is no `deployment` in it", _EXPORT)
    resources = deployment.get("resources")
    for resource in resources if isinstance(resources, list) else ():
        if isinstance(resource, Mapping) and resource.get("type") == _STACK:
            outputs = resource.get("outputs")
            return outputs if isinstance(outputs, Mapping) else {}
    raise VerifyError(f"nothing is built in {source}: there is no stack in it", "`pulumi up`, then export it again")


def document_of(text: str, source: str, fix: str) -> Any:
    """What the JSON in `text` holds. Raises `VerifyError` with the place, and never quotes it."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f": line {error.lineno}, column {error.colno}: {error.msg}" if text.strip() else ", it is empty"
        raise VerifyError(f"{source} is no JSON{where}", fix) from None
    except RecursionError:
        raise VerifyError(f"{source} is nested too deeply to be read", fix) from None


def legs_of_outputs(outputs: Mapping[str, Any], name: str, source: str) -> tuple[ExpectedLeg, ...]:
    """The legs in the output `name`, each with a name of its own. Raises `VerifyError`."""
    if name not in outputs:
        known = f"its outputs are {', '.join(sorted(outputs))}" if outputs else "it has no outputs"
        raise VerifyError(
            f"{source} has no output `{name}`: {known}",
            f'pulumi.export("{name}", load_balancer.legs) in the program and `pulumi up`, or --output-name',
        )
    _refuse_secret(outputs[name], name, source)
    if not isinstance(outputs[name], list):
        kind = type(outputs[name]).__name__
        raise VerifyError(f"the output `{name}` of {source} is no list of legs, but {kind}", _ways_out(name))
    try:
        legs = legs_from(outputs[name])
    except ValueError as error:
        raise VerifyError(f"the output `{name}` of {source} holds no legs: {error}", _ways_out(name)) from None
    if not legs:
        raise VerifyError(f"the output `{name}` of {source} is empty: there is nothing to verify", _ways_out(name))
    _refuse_one_name_for_two(legs, name, source)
    return legs


def _refuse_secret(value: Any, name: str, source: str) -> None:
    if value == _HIDDEN or (isinstance(value, Mapping) and _SIGNATURE in value):
        raise VerifyError(
            f"the output `{name}` of {source} is a secret, and secrets are not read",
            f'pulumi.export("{name}", pulumi.Output.unsecret(load_balancer.legs)): there are no keys in legs',
        )


def _refuse_one_name_for_two(legs: tuple[ExpectedLeg, ...], name: str, source: str) -> None:
    names = [leg.name for leg in legs]
    twice = next((one for one in names if names.count(one) > 1), None)
    if twice is not None:
        raise VerifyError(
            f"two legs in the output `{name}` of {source} are called `{twice}`",
            "export the legs of each load balancer as an output of its own, and name it with --output-name",
        )


def _ways_out(name: str) -> str:
    return f'pulumi.export("{name}", load_balancer.legs) with this version of lbpatterns, then `pulumi up`'
