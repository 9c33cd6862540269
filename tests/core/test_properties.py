"""What holds for every spec: the way to plain values and back, the truth table of the toggles, unknown leaves."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbpatterns.core.check import check
from lbpatterns.core.constraint import Constraint
from lbpatterns.core.constraints import CONSTRAINTS
from lbpatterns.core.examples import (
    BRIDGED,
    CERTIFICATE,
    EXAMPLES_TODAY,
    OFFLOADED,
    PASSTHROUGH,
    with_backend,
    with_frontend,
)
from lbpatterns.core.legs import LeafFacts, expected_legs
from lbpatterns.core.plain import spec_from_plain, to_plain
from lbpatterns.core.spec import UNKNOWN, LBSpec, Leg, Maybe, Mode, Protocol
from tests.strategies import specs

ANY_SPEC = st.sampled_from(list(Mode)).flatmap(specs)


@given(ANY_SPEC)
def test_every_spec_survives_the_way_to_plain_values_and_back(spec: LBSpec) -> None:
    assert spec_from_plain(to_plain(spec)) == spec


@given(ANY_SPEC)
def test_every_rule_answers_every_spec(spec: LBSpec) -> None:
    report = check(spec, today=EXAMPLES_TODAY)
    for violation in (*report.refused, *report.advice):
        assert violation.place in violation.message()
        assert "PRIVATE KEY" not in violation.message()


# What is drawn wrong, or merely buildable, on purpose: dates in the past, networks that are not trusted, servers of a
# passthrough backend on ports and with certificates of their own, old versions of TLS, exceptions without a word.
DRAWN_WRONG = {
    "bridged-backend-verifies-the-server",
    "exception-has-a-reason",
    "minimum-tls-version-is-not-deprecated",
    "offloaded-only-on-a-trusted-network",
    "passthrough-server-holds-its-own-certificate",
    "passthrough-server-listens-on-the-backend-port",
}


@given(ANY_SPEC)
def test_what_is_right_is_refused_by_no_rule(spec: LBSpec) -> None:
    refused = check(spec, today=EXAMPLES_TODAY).refused
    assert {violation.constraint.id for violation in refused} <= DRAWN_WRONG


@given(ANY_SPEC)
def test_every_spec_has_legs_with_names_of_their_own(spec: LBSpec) -> None:
    legs = expected_legs(spec, host="192.0.2.1", leaf_facts=lambda _: LeafFacts(names=("a.test",), sha256="0" * 64))
    names = [leg.name for leg in legs]
    assert len(set(names)) == len(names)
    for backend in spec.backends:
        assert [leg for leg in legs if leg.leg is Leg.BACKEND and leg.backend == backend.name]


# The only combination of the toggles (certificate, protocol, TLS towards servers) that each mode is.
RIGHT = {
    Mode.OFFLOADED: (True, Protocol.HTTP, False),
    Mode.PASSTHROUGH: (False, Protocol.TCP, False),
}
BASES = {Mode.OFFLOADED: OFFLOADED, Mode.BRIDGED: BRIDGED, Mode.PASSTHROUGH: PASSTHROUGH}
TOGGLES = list(itertools.product(Mode, (True, False), Protocol, (True, False)))


@pytest.mark.parametrize(("mode", "certificate", "protocol", "tls"), TOGGLES)
def test_the_truth_table_of_the_toggles(mode: Mode, certificate: bool, protocol: Protocol, tls: bool) -> None:
    """Bridging is right over TCP too: layer 4, without X-Forwarded-Proto and routes."""
    spec = with_backend(BASES[mode], protocol=protocol, tls=tls)
    spec = with_frontend(spec, certificates=(CERTIFICATE,) if certificate else ())
    refused = bool(check(spec, today=EXAMPLES_TODAY).refused)
    right = (certificate, tls) == (True, True) if mode is Mode.BRIDGED else (certificate, protocol, tls) == RIGHT[mode]
    assert refused is not right


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where a value may stand that is not known yet: the leaves whose type says so."""
    for field in dataclasses.fields(value):
        here = getattr(value, field.name)
        place = (*path, field.name)
        if dataclasses.is_dataclass(here):
            yield from leaves(here, place)
        elif isinstance(here, tuple) and here and dataclasses.is_dataclass(here[0]):
            for index, item in enumerate(here):
                yield from leaves(item, (*place, index))
        elif "Maybe" in str(field.type) and isinstance(here, tuple):
            yield from ((*place, index) for index in range(len(here)))
        elif "Maybe" in str(field.type) and here is not None:
            yield place


def without(value: Any, path: tuple[Any, ...]) -> Any:
    """The value with the leaf at `path` not known yet."""
    if not path:
        return UNKNOWN
    step, *rest = path
    if isinstance(step, int):
        return (*value[:step], without(value[step], tuple(rest)), *value[step + 1 :])
    return dataclasses.replace(value, **{step: without(getattr(value, step), tuple(rest))})


def broken(spec: LBSpec) -> set[str]:
    report = check(spec, today=EXAMPLES_TODAY)
    return {violation.constraint.id for violation in (*report.refused, *report.advice)}


def undecided(spec: LBSpec) -> set[str]:
    return {open_.constraint.id for open_ in check(spec, today=EXAMPLES_TODAY).undecided}


@pytest.mark.parametrize("rule", CONSTRAINTS, ids=lambda rule: rule.id)
def test_a_leaf_that_is_not_known_yet_never_makes_a_broken_rule_pass(rule: Constraint[LBSpec]) -> None:
    """It stays broken, or it cannot be decided: a third answer, never a pass."""
    for spec in rule.fails:
        for path in leaves(spec):
            hidden = without(spec, path)
            assert rule.id in broken(hidden) | undecided(hidden), path


@pytest.mark.parametrize("spec", BASES.values(), ids=lambda spec: str(spec.mode))
def test_a_leaf_that_is_not_known_yet_never_breaks_a_rule(spec: LBSpec) -> None:
    for path in leaves(spec):
        assert broken(without(spec, path)) == set(), path


def test_the_walk_over_leaves_finds_them() -> None:
    found = set(leaves(BRIDGED))
    assert ("backend", "server_name") in found
    assert ("backend", "servers", 1, "address") in found
    assert ("trusted_networks", 7) in found
    assert ("frontends", 0, "certificates", 0, "private_key_and_chain_pem") in found
    hidden: Maybe[str] | None = without(BRIDGED, ("backend", "server_name")).backend.server_name
    assert hidden is UNKNOWN
