"""A spec survives the way to plain values and back, and what is wrong is named by its place, never by its value."""

from __future__ import annotations

from typing import Any

import pytest

from lbpatterns.core.examples import BRIDGED, CERTIFICATE, OFFLOADED, PASSTHROUGH, with_backend, with_frontend
from lbpatterns.core.plain import spec_from_plain, to_plain
from lbpatterns.core.spec import UNKNOWN, LBSpec


@pytest.mark.parametrize("spec", [OFFLOADED, BRIDGED, PASSTHROUGH], ids=lambda spec: str(spec.mode))
def test_round_trip(spec: LBSpec) -> None:
    assert spec_from_plain(to_plain(spec)) == spec


def test_unknown_passes_through() -> None:
    spec = with_backend(with_frontend(BRIDGED, port=UNKNOWN), ca_bundle_pem=UNKNOWN)
    assert spec_from_plain(to_plain(spec)) == spec


def test_only_what_differs_from_a_default_is_written() -> None:
    assert set(to_plain(OFFLOADED)["backend"]) == {"servers", "port", "protocol", "health_check"}


def test_a_foreign_leaf_is_left_alone() -> None:
    leaf: Any = object()
    assert to_plain(with_backend(BRIDGED, port=leaf))["backend"]["port"] is leaf


def test_whole_numbers_may_arrive_as_floats() -> None:
    """A Pulumi engine sends every number as a double."""
    plain = to_plain(BRIDGED)
    plain["frontends"][0]["port"] = 443.0
    assert spec_from_plain(plain) == BRIDGED


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": 3}, "name: text expected, found int"),
        ({"mode": "bridge"}, "mode: 'bridge' is none of offloaded, bridged, passthrough"),
        ({"colour": "red"}, "colour: there is no such field; known here: access, backend, exceptions"),
        ({"frontends": {}}, "frontends: a list expected, found dict"),
        ({"frontends": [{"port": 443.5}]}, r"frontends\[0\].port: a whole number expected, found float"),
        ({"frontends": [{"port": True}]}, r"frontends\[0\].port: a whole number expected, found bool"),
        ({"frontends": [{}]}, r"frontends\[0\].port: missing; it has no default"),
        ({"backend": "x"}, "backend: an object expected, found str"),
        ({"exceptions": [{"rule": "r", "reason": "q", "expires": "soon"}]}, "'soon' is no date such as 2027-01-31"),
    ],
)
def test_what_is_wrong_is_named_by_its_place(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        spec_from_plain(to_plain(BRIDGED) | change)


def test_a_key_is_never_quoted_nor_shown() -> None:
    plain = to_plain(with_frontend(BRIDGED, certificates=(CERTIFICATE,)))
    plain["frontends"][0]["certificates"][0]["private_key_and_chain_pem"] = ["a private key in a list"]
    with pytest.raises(ValueError, match="text expected, found list") as caught:
        spec_from_plain(plain)
    assert "private key in" not in str(caught.value)
    assert str(CERTIFICATE.private_key_and_chain_pem) not in repr(BRIDGED)
