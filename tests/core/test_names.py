"""Names and networks as rules compare them."""

from __future__ import annotations

import pytest

from lbpatterns.core.names import carries, is_address, is_everybody, network
from lbpatterns.core.spec import UNKNOWN, Maybe


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("shop.example.test", "SHOP.example.test.", True),
        ("*.example.test", "shop.example.test", True),
        ("*.example.test", "a.shop.example.test", False),
        ("*.example.test", "example.test", False),
        ("*.example.test", "*.example.test", False),
        ("shop.example.test", "blog.example.test", False),
    ],
)
def test_a_wildcard_stands_for_one_label(pattern: str, name: str, expected: bool) -> None:
    assert carries(pattern, name) is expected


@pytest.mark.parametrize(("text", "expected"), [("10.0.0.1", True), ("2001:db8::1", True), ("10.0.0.1.test", False)])
def test_an_address_is_no_name(text: str, expected: bool) -> None:
    assert is_address(text) is expected


@pytest.mark.parametrize(("text", "expected"), [("10.0.0.7/8", "10.0.0.0/8"), ("::1", "::1/128"), ("the office", None)])
def test_a_network_is_read_or_is_none(text: str, expected: str | None) -> None:
    read = network(text)
    assert (None if read is None else str(read)) == expected


@pytest.mark.parametrize(
    ("networks", "ipv6", "expected"),
    [
        ((), True, True),
        (("0.0.0.0/0",), False, True),
        (("0.0.0.0/0",), True, False),
        (("0.0.0.0/0", "::/0"), True, True),
        (("203.0.113.0/24", "the office"), False, False),
        (("203.0.113.0/24", UNKNOWN), False, None),
        (("0.0.0.0/0", UNKNOWN), False, True),
    ],
)
def test_who_is_everybody(networks: tuple[Maybe[str], ...], ipv6: bool, expected: bool | None) -> None:
    assert is_everybody(networks, ipv6=ipv6) is expected
