"""What is rendered can be read back, from Scaleway's words themselves."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from lbpatterns.core.examples import BRIDGED, OFFLOADED, PASSTHROUGH
from lbpatterns.core.spec import (
    UNKNOWN,
    Backend,
    HealthCheck,
    HealthProtocol,
    LBSpec,
    Mode,
)
from lbpatterns.core.target import features, unsupported
from lbpatterns.targets.scaleway.lift import lift
from lbpatterns.targets.scaleway.render import render
from lbpatterns.targets.scaleway.target import target
from lbpatterns.targets.scaleway.words import duration, seconds
from tests.targets.scaleway.declarations import any_scaleway_spec


@settings(max_examples=200, deadline=None)
@given(any_scaleway_spec())
def test_a_rendered_spec_is_read_back_as_it_was(spec: LBSpec) -> None:
    """Nothing that can be declared is dropped on the way."""
    assert not unsupported(spec, target)
    assert lift(render(spec)) == spec


@settings(max_examples=200, deadline=None)
@given(any_scaleway_spec())
def test_no_private_key_is_shown(spec: LBSpec) -> None:
    assert "PRIVATE KEY" not in repr(render(spec))


def checked(spec: LBSpec, **fields: Any) -> LBSpec:
    backend = replace(spec.backend, health_check=HealthCheck(protocol=HealthProtocol.TCP), ca_bundle_pem=None)
    return replace(spec, backend=replace(backend, **fields))


# Each of these changes one word alone; what is lifted must follow that word and not what was declared.
@pytest.mark.parametrize(
    ("word", "value", "field", "lifted"),
    [
        ("ssl_bridging", False, "tls", False),
        ("ignore_ssl_server_verify", True, "verify_server_certificate", False),
        ("host", "other.internal", "server_name", "other.internal"),
        ("forward_port", 9443, "port", 9443),
        ("server_ips", ["10.9.9.9"], "servers", None),
        ("timeout_connect", "1m0s", "timeouts", None),
        ("proxy_protocol", "v2", "proxy_protocol", "v2"),
        ("forward_protocol", "tcp", "protocol", "tcp"),
    ],
)
def test_a_word_that_somebody_changed_is_seen(word: str, value: Any, field: str, lifted: Any) -> None:
    words = render(checked(BRIDGED))
    before = lift(words)
    after = lift(
        dataclasses.replace(words, backends={"backend-default": {**words.backends["backend-default"], word: value}})
    )
    assert getattr(after.backend, field) != getattr(before.backend, field)
    if lifted is not None:
        assert getattr(after.backend, field) == lifted


@pytest.mark.parametrize("spec", [OFFLOADED, BRIDGED, PASSTHROUGH], ids=lambda spec: spec.mode.value)
def test_what_is_not_known_yet_stays_so(spec: LBSpec) -> None:
    late = checked(spec, port=UNKNOWN, servers=(replace(spec.backend.servers[0], address=UNKNOWN),))
    lifted = lift(render(late))
    assert lifted.backend.port is UNKNOWN
    assert lifted.backend.servers[0].address is UNKNOWN


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0s"),
        (0.5, "500ms"),
        (1.0, "1s"),
        (1.5, "1.5s"),
        (60.0, "1m0s"),
        (300.0, "5m0s"),
        (3600.0, "1h0m0s"),
        (5400.25, "1h30m0.25s"),
    ],
)
def test_durations_are_spelled_as_go_spells_them(number: float, text: str) -> None:
    assert duration(number) == text
    assert seconds(text) == number


@pytest.mark.parametrize("text", ["", "5", "5 m", "m5", "5m 0s", "soon"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration"):
        seconds(text)


def test_every_feature_that_is_lacking_has_a_way_out() -> None:
    asked = {feature for feature, _ in features(checked(BRIDGED, ca_bundle_pem="x", expected_name="y.test"))}
    words = unsupported(checked(BRIDGED, ca_bundle_pem="x", expected_name="y.test"), target)
    assert asked - target.supports
    assert len(words) == len(asked - target.supports)
    assert all("PassthroughLB" in line or "server_name" in line for line in words)
    assert isinstance(BRIDGED.backend, Backend)
    assert BRIDGED.mode is Mode.BRIDGED
