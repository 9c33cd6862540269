"""What a user reads when arguments are wrong: every problem, its place, and never the value of a secret."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lbpatterns.core.constraint import Constraint, Violation
from lbpatterns.core.constraints import CONSTRAINTS
from lbpatterns.core.spec import Mode


class ArgumentsError(pulumi.RunError):
    """Arguments that cannot be built: the lines say what, where, why, how to fix it. Pulumi prints no traceback."""


_TAGS = {"source-address", "pem-text", "lets-encrypt"}  # which model of a union was read; they are no fields


def place_of(location: Sequence[str | int]) -> str:
    """A pydantic location in the project's words: `backend.servers[0].port`."""
    words = ""
    for index, step in enumerate(location):
        if isinstance(step, int):
            words += f"[{step}]"
        elif step not in _TAGS and not (index and location[index - 1] == "stickiness" and step == "cookie"):
            words += f".{step}" if words else step  # a union's tag is no field, and is left out
    return words


def complaints(error: ValidationError, *, mode: Mode | None = None, part: str = "") -> tuple[str, ...]:
    """One entry for each thing that pydantic refused: the place, what was expected, and the rule if there is one.

    `mode` and `part` say whose arguments they are: an argument that belongs to another mode is answered with the
    rule that keeps it out.
    """
    lines: dict[str, None] = {}  # several errors may say one thing: a set that keeps its order
    problems = error.errors(include_url=False, include_context=False)
    for problem in problems:
        place = place_of(problem["loc"]) or "arguments"
        rule = _rule_against(problem["loc"], problem["type"], mode, part)
        if rule is not None:
            violation = Violation(_constraint(rule), _up_to_stickiness(place), "it belongs to another mode")
            lines["  " + violation.message()] = None
        elif not _follows_from_another(problem, problems):
            lines[f"  {place}: {_sentence(problem)}"] = None
    return tuple(lines)


def _follows_from_another(problem: ErrorDetails, problems: Sequence[ErrorDetails]) -> bool:
    # Items that are refused are not counted, so a list of wrong items is called too short as well.
    depth = len(problem["loc"])
    return problem["type"] == "too_short" and any(
        len(other["loc"]) > depth and other["loc"][:depth] == problem["loc"] for other in problems
    )


_FIXED_SENTENCES = {
    "extra_forbidden": "there is no such argument here; is it misspelt, or meant for another mode?",
    "missing": "this argument is required",
    "too_short": "at least one is required",
    "union_tag_not_found": "say of which kind it is, with `kind`",
}
_PATTERN_WORDS = {
    "common_name": "a host name such as shop.example.com, without wildcard",
    "subject_alternative_names": "a host name such as shop.example.com, without wildcard",
    "failover_host": "a host name such as my-bucket.s3-website.fr-par.scw.cloud, without scheme or path",
    "header": "the name of a header",
    "server_name": "a host name such as backend.internal",
    "expected_name": "a host name such as backend.internal",
    "host": "a host name such as shop.example.com",
    "names": "a host name such as shop.example.com, or *.example.com",
    "server_names": "a host name such as shop.example.com, or *.example.com",
    "address": "an IP address or a host name",
    "path": "an absolute path such as /healthz, without query",
    "path_prefix": "an absolute path such as /api, without query",
    "cookie_name": "a cookie name: letters, digits and -_. (RFC 6265)",
    "name": "1 to 63 letters, digits, - or _",
}


def _sentence(problem: ErrorDetails) -> str:
    kind, message = problem["type"], problem["msg"]
    if kind in _FIXED_SENTENCES:
        return _FIXED_SENTENCES[kind]
    if message.startswith("Value error, "):
        return message.removeprefix("Value error, ")
    words = message.removeprefix("Input should be ")
    if kind == "string_pattern_mismatch":
        fields = [step for step in problem["loc"] if isinstance(step, str)]
        words = _PATTERN_WORDS.get(fields[-1] if fields else "", words)
    return f"expected {words}{_found(problem)}"


def _found(problem: ErrorDetails) -> str:
    """The value, unless it may be a secret: PEM fields never, and elsewhere nothing that looks like pasted text."""
    value = problem["input"]
    if any("pem" in str(step) for step in problem["loc"]) or not isinstance(value, str | int | float | None):
        return f", found {type(value).__name__}"
    shown = repr(value)
    return f", found {shown}" if len(shown) <= 42 and "-----" not in shown else f", found {type(value).__name__}"


def _up_to_stickiness(place: str) -> str:
    head, found, _ = place.partition("stickiness")
    return head + found


# Which rule keeps an argument out of a mode: (the part it is given to, its name) to the rule's id.
_SERVER_TLS = ("server_name", "expected_name", "ca_bundle_pem", "insecure_skip_verify", "verify_server_certificate")
_KEPT_OUT: dict[Mode, dict[tuple[str, str], str]] = {
    Mode.OFFLOADED: {
        **{("backend", name): "offloaded-server-needs-no-certificate" for name in _SERVER_TLS},
        ("backend", "client_certificate"): "offloaded-server-needs-no-certificate",
        ("backend", "certificate"): "offloaded-server-needs-no-certificate",
        ("backend", "minimum_tls_version"): "offloaded-backend-is-not-re-encrypted",
        ("backend", "tls"): "offloaded-backend-is-not-re-encrypted",
        ("backend", "protocol"): "offloaded-backend-speaks-http",
        ("routes", "server_names"): "server-names-route-only-in-passthrough",
    },
    Mode.BRIDGED: {
        ("backend", "tls"): "bridged-backend-uses-tls",
        ("backend", "verify_server_certificate"): "bridged-backend-verifies-the-server",
        ("routes", "server_names"): "server-names-route-only-in-passthrough",
    },
    Mode.PASSTHROUGH: {
        **{("backend", name): "passthrough-backend-has-tls-off" for name in _SERVER_TLS},
        ("backend", "minimum_tls_version"): "passthrough-backend-has-tls-off",
        ("backend", "tls"): "passthrough-backend-has-tls-off",
        ("backend", "protocol"): "passthrough-backend-speaks-tcp",
        ("backend", "client_certificate"): "passthrough-load-balancer-holds-no-private-key",
        ("frontends", "certificates"): "passthrough-frontend-holds-no-certificate",
        ("frontends", "minimum_tls_version"): "passthrough-frontend-holds-no-certificate",
        ("routes", "host"): "passthrough-has-no-layer-7-actions",
        ("routes", "path_prefix"): "passthrough-has-no-layer-7-actions",
        ("access", "request"): "passthrough-has-no-layer-7-actions",
        ("access", "redirect"): "passthrough-has-no-layer-7-actions",
        ("frontends", "http3"): "passthrough-has-no-layer-7-actions",
        ("backend", "failover_host"): "passthrough-has-no-layer-7-actions",
    },
}


def _rule_against(location: Sequence[str | int], kind: str, mode: Mode | None, part: str) -> str | None:
    if mode is Mode.PASSTHROUGH and "stickiness" in location:
        return "passthrough-has-no-cookie-stickiness"
    if mode is None or kind != "extra_forbidden":
        return None
    parents = [step for step in location[:-1] if isinstance(step, str)]
    return _KEPT_OUT[mode].get((parents[-1] if parents else part, str(location[-1])))


def _constraint(rule: str) -> Constraint[Any]:
    return next(constraint for constraint in CONSTRAINTS if constraint.id == rule)
