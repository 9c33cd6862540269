"""The pieces that need no server: clock, durations, dates, addresses, names, agenda."""

import ipaddress
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbpatterns.doubles.scaleway_lb.clock import VirtualClock
from lbpatterns.doubles.scaleway_lb.durations import in_milliseconds, in_seconds_with_unit, nanoseconds
from lbpatterns.doubles.scaleway_lb.instants import SECOND, in_microseconds, in_nanoseconds, in_seconds
from lbpatterns.doubles.scaleway_lb.names import Names
from lbpatterns.doubles.scaleway_lb.pace import FAST
from lbpatterns.doubles.scaleway_lb.pools import Pools, reverse_name
from lbpatterns.doubles.scaleway_lb.state import State


def test_each_reading_of_the_clock_is_later_than_the_one_before() -> None:
    clock, seen = VirtualClock(), list[int]()

    def read() -> None:
        seen.extend(clock.now() for _ in range(500))

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(seen)) == len(seen) == 4000


def test_a_clock_that_does_not_run_waits_to_be_moved() -> None:
    clock = VirtualClock(runs=False)
    before = clock.now()
    assert clock.now() == before + 1
    clock.advance(2)
    assert clock.now() >= before + 2 * SECOND


def test_the_clock_moves_forward_only() -> None:
    clock = VirtualClock()
    before = clock.now()
    clock.advance(3600)
    assert clock.now() - before >= 3600 * SECOND
    with pytest.raises(ValueError, match="1 s"):
        clock.advance(-1)
    clock.reset()
    assert clock.now() - before < 3600 * SECOND


@pytest.mark.parametrize(
    ("sent", "milliseconds", "with_unit"),
    [
        (5000, 5000, "5s"),
        ("5000", 5000, "5s"),
        ("5s", 5000, "5s"),
        ("0.500000000s", 500, "0.500s"),
        ("0.2s", 200, "0.200s"),
        ("0.000000000s", 0, "0s"),
        ("1.000001s", 1000, "1.000001s"),
        ("1.1000000000s", 1100, "1.100s"),  # what the Terraform provider makes of "1s"
        ("3.1294967296s", 3129, "3.129496729s"),
    ],
)
def test_durations_come_as_numbers_as_digits_and_with_a_unit(sent: object, milliseconds: int, with_unit: str) -> None:
    duration = nanoseconds(sent)
    assert in_milliseconds(duration) == milliseconds
    assert in_seconds_with_unit(duration) == with_unit


@pytest.mark.parametrize("sent", [-1, 1.5, True, None, "", "5m", "-5", "5 s", "s", ".5s", [], {}])
def test_what_is_no_duration_is_refused(sent: object) -> None:
    with pytest.raises(ValueError, match="a duration is"):
        nanoseconds(sent)


@given(st.integers(min_value=0, max_value=10**15))
def test_a_duration_survives_being_written_and_read(duration: int) -> None:
    assert nanoseconds(in_seconds_with_unit(duration)) == duration


def test_dates_are_rounded_to_the_nearest_microsecond() -> None:
    instant = 1_784_629_130_699_624_593
    assert in_nanoseconds(instant) == "2026-07-21T10:18:50.699624593Z"
    assert in_microseconds(instant) == "2026-07-21T10:18:50.699625Z"
    assert in_microseconds(1_784_629_130_999_999_900) == "2026-07-21T10:18:51.000000Z"
    assert in_seconds(None) == "0001-01-01T00:00:00Z"


def test_addresses_are_never_handed_out_twice_and_reach_nobody() -> None:
    pools = Pools()
    ipv4 = [ipaddress.IPv4Address(pools.public_ipv4()) for _ in range(300)]
    ipv6 = [ipaddress.IPv6Address(pools.public_ipv6()) for _ in range(300)]
    assert len(set(ipv4)) == len(set(ipv6)) == 300
    assert all(address in ipaddress.ip_network("198.18.0.0/15") for address in ipv4)
    assert all(address in ipaddress.ip_network("2001:db8::/32") for address in ipv6)


def test_an_address_gets_the_name_the_api_gives_it() -> None:
    assert reverse_name("51.15.1.2", "fr-par") == "51-15-1-2.lb.fr-par.scw.cloud"
    assert reverse_name("2001:bc8:710:95::", "nl-ams").startswith(
        "0." * 16 + "5.9.0.0.0.1.7.0.8.c.b.0.1.0.0.2.lb.nl-ams"
    )


def test_names_resolve_by_construction_or_when_registered() -> None:
    names = Names()
    assert names.addresses("198-18-0-1.lb.fr-par.scw.cloud") == {"198.18.0.1"}
    assert names.addresses("shop.198-18-0-1.lb.fr-par.scw.cloud") == {"198.18.0.1"}
    assert names.addresses("198-18-0-1.lb.fr-par.scw.cloud.example.test") == set()
    assert names.addresses("shop.example.test") == set()
    names.register("Shop.example.test", "198.18.0.2")
    assert names.addresses("shop.EXAMPLE.test") == {"198.18.0.2"}
    names.forget("shop.example.test")
    assert names.addresses("shop.example.test") == set()


def test_what_is_due_happens_in_its_order_and_once() -> None:
    state, happened = State(FAST), list[tuple[str, int]]()
    state.later(30, lambda at: happened.append(("third", at)))
    state.later(10, lambda at: happened.append(("first", at)))
    state.later(10, lambda at: happened.append(("second", at)))
    state.settle(20)
    state.settle(29)
    assert happened == [("first", 10), ("second", 10)]
    state.settle(30)
    state.settle(40)
    assert happened[2:] == [("third", 30)]
