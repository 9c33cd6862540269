"""The book of rules in Scaleway's words keeps its own promises: every rule's examples, names and words."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lbpatterns.core.check import check
from lbpatterns.core.constraint import Binding, Constraint, Evidence, Found
from lbpatterns.core.constraints import CONSTRAINTS as CORE
from lbpatterns.core.examples import EXAMPLES_TODAY
from lbpatterns.core.spec import UNKNOWN, Mode
from lbpatterns.targets.scaleway import constraints
from lbpatterns.targets.scaleway.constraints import CONSTRAINTS
from lbpatterns.targets.scaleway.defaults import all_of, any_of, is_auto_named, seconds
from lbpatterns.targets.scaleway.examples import (
    LOOSE_BRIDGED,
    LOOSE_OFFLOADED,
    LOOSE_PASSTHROUGH,
    acl,
    pem,
    with_certificate,
)
from lbpatterns.targets.scaleway.lift import lift
from lbpatterns.targets.scaleway.modes import LooseConfiguration, declared_mode, mode_of
from lbpatterns.targets.scaleway.render import render
from lbpatterns.targets.scaleway.words import BALANCER, Reference, ScalewayConfiguration
from tests.targets.scaleway.declarations import any_scaleway_spec
from tests.targets.scaleway.documented import DOCUMENTED, Documented

BOOK = Path(constraints.__file__).parent
EACH = pytest.mark.parametrize("rule", CONSTRAINTS, ids=lambda rule: rule.id)

Rule = Constraint[ScalewayConfiguration]

# Read in the provider's code, which fails by itself there.
SURELY_BREAK = {"acl-that-redirects-says-where-to", "frontend-and-what-it-uses-share-a-load-balancer"}
IDS = [
    "acl-inside-a-frontend-has-no-description",
    "acl-matches-networks-or-edge-services",
    "acl-names-its-networks-where-there-is-ipv6",
    "acl-that-redirects-says-where-to",
    "acls-are-written-into-their-frontend",
    "address-is-a-resource-of-its-own",
    "address-is-in-the-zone-of-its-load-balancer",
    "backend-settings-are-in-their-range",
    "certificate-has-one-origin",
    "certificate-is-named-by-pulumi",
    "certificates-of-a-frontend-share-no-name",
    "cookie-name-belongs-to-cookie-stickiness",
    "custom-certificate-holds-its-private-key",
    "failover-host-is-a-bucket-website",
    "frontend-and-backend-make-one-of-the-three-modes",
    "frontend-and-what-it-uses-share-a-load-balancer",
    "frontend-without-a-certificate-only-redirects",
    "health-check-sends-proxy-only-with-proxy-protocol",
    "health-check-sends-the-proxy-header-too",
    "lets-encrypt-finds-http-on-port-80",
    "load-balancer-has-one-address-of-each-family",
    "load-balancer-stays-within-its-limits",
    "no-deprecated-argument-is-used",
    "port-and-address-are-freed-before-they-are-taken",
    "private-networks-are-attached-in-one-way",
    "proxy-protocol-tells-of-tls-only-where-it-ends",
    "queue-timeout-is-in-whole-seconds",
    "redirect-can-be-followed",
    "routes-of-a-frontend-keep-its-mode",
    "scaleway-frontend-ports-do-not-clash",
    "transient-delay-is-below-a-second",
]


def answers(configuration: ScalewayConfiguration) -> Iterator[tuple[Rule, Found]]:
    """What every rule of the mode says; what declares no mode is put to all of them."""
    mode = declared_mode(configuration)
    for rule in CONSTRAINTS:
        if mode is None or mode in rule.modes:
            for found in rule.check(configuration, EXAMPLES_TODAY):
                yield rule, found


def broken(configuration: ScalewayConfiguration) -> set[str]:
    return {rule.id for rule, found in answers(configuration) if found.found is not None}


def undecided(configuration: ScalewayConfiguration) -> set[str]:
    return {rule.id for rule, found in answers(configuration) if found.found is None}


@EACH
def test_what_holds_breaks_no_rule_at_all(rule: Rule) -> None:
    assert [broken(words) for words in rule.holds] == [set()] * len(rule.holds)
    assert [undecided(words) for words in rule.holds] == [set()] * len(rule.holds)
    assert rule.holds


@EACH
def test_what_fails_breaks_this_rule_alone(rule: Rule) -> None:
    assert rule.fails
    assert [broken(words) for words in rule.fails] == [{rule.id}] * len(rule.fails)


@EACH
def test_what_is_open_is_neither_broken_nor_passed(rule: Rule) -> None:
    for words in rule.open:
        found = list(rule.check(words, EXAMPLES_TODAY))
        assert found
        assert all(each.found is None for each in found)
        assert broken(words) == set()


@EACH
def test_what_a_rule_does_not_speak_of_it_says_nothing_about(rule: Rule) -> None:
    for words in rule.not_applicable:
        assert not list(rule.check(words, EXAMPLES_TODAY))
        assert broken(words) == set()


@EACH
def test_what_holds_and_is_declared_breaks_no_rule_of_the_core_either(rule: Rule) -> None:
    for words in rule.holds:
        if declared_mode(words) is not None:
            report = check(lift(words), today=EXAMPLES_TODAY)
            assert not report.refused
            assert not report.advice


@EACH
def test_a_rule_stands_in_the_file_of_its_name(rule: Rule) -> None:
    assert (BOOK / (rule.id.replace("-", "_") + ".py")).is_file()
    assert rule.id not in {other.id for other in CORE}


@EACH
def test_a_rule_says_why_how_to_fix_it_and_where_it_comes_from(rule: Rule) -> None:
    for words in (rule.title, rule.why, rule.fix, rule.symptom):
        assert words.endswith((".", ".`"))
        assert len(words) > 30
    assert rule.source.url.startswith("https://")
    assert rule.source.says
    assert rule.modes


@EACH
def test_only_what_is_documented_or_surely_breaks_is_refused(rule: Rule) -> None:
    if rule.binding is Binding.DOCUMENTED:
        assert rule.evidence is Evidence.DOCUMENTED or rule.id in SURELY_BREAK


@EACH
def test_a_place_names_a_resource_that_is_there(rule: Rule) -> None:
    for words in rule.fails:
        for found in rule.check(words, EXAMPLES_TODAY):
            kind, _, rest = found.place.partition("[")
            if found.place.startswith("load_balancer"):
                continue
            assert rest.partition("]")[0] in getattr(words, kind)


def test_ids_are_unique_and_never_renamed() -> None:
    assert sorted(rule.id for rule in CONSTRAINTS) == IDS


@pytest.mark.parametrize(
    ("certificate", "protocol", "tls", "mode"),
    [
        (True, "http", False, Mode.OFFLOADED),
        (True, "http", True, Mode.BRIDGED),
        (True, "tcp", True, Mode.BRIDGED),
        (False, "tcp", False, Mode.PASSTHROUGH),
        (True, "tcp", False, None),
        (False, "tcp", True, None),
        (False, "http", False, None),
        (False, "http", True, None),
        (False, UNKNOWN, True, None),
        (True, UNKNOWN, True, Mode.BRIDGED),
        (UNKNOWN, "http", True, UNKNOWN),
        (True, "HTTP", False, UNKNOWN),
        (True, None, True, Mode.BRIDGED),
    ],
)
def test_the_mode_follows_from_three_toggles(certificate: Any, protocol: Any, tls: bool, mode: Any) -> None:
    held = UNKNOWN if certificate is UNKNOWN else ["fr-par-1/1"] if certificate else []
    assert mode_of({"certificate_ids": held}, {"forward_protocol": protocol, "ssl_bridging": tls}) is mode


def test_what_is_none_of_the_three_is_told_which_toggle_makes_it_which() -> None:
    from lbpatterns.targets.scaleway.examples import with_backend

    words = with_backend(LOOSE_PASSTHROUGH, ssl_bridging=True)
    [found] = [found.found for _, found in answers(words)]
    assert found == (
        "with backend web: certificate on the frontend no, forward_protocol tcp, ssl_bridging on is none of the three "
        'modes; `ssl_bridging=False` makes it passthrough; `certificate_ids` with `forward_protocol="http"` bridging'
    )


def test_a_pair_is_reported_once_however_many_routes_lead_to_it() -> None:
    from lbpatterns.targets.scaleway.examples import with_backend, with_route

    words = with_backend(LOOSE_PASSTHROUGH, ssl_bridging=True)
    for number in range(3):
        words = with_route(words, f"route-{number}", match_sni=f"{number}.example.test")
    assert len(list(answers(words))) == 1


@pytest.mark.parametrize(
    ("given", "everything", "something"),
    [
        ([True, True], True, True),
        ([True, False], False, True),
        ([UNKNOWN, False], False, UNKNOWN),
        ([UNKNOWN, True], UNKNOWN, True),
        ([], True, False),
    ],
)
def test_what_is_known_decides_where_it_can(given: list[Any], everything: Any, something: Any) -> None:
    assert all_of(given) is everything
    assert any_of(given) is something


@pytest.mark.parametrize(
    ("said", "meant"),
    [("1m30s", 90.0), ("0.5s", 0.5), (".5s", 0.5), ("1h", 3600.0), ("250ms", 0.25), (None, 0.5), ("", 0.5)],
)
def test_durations_are_read_as_go_reads_them(said: str | None, meant: float) -> None:
    assert seconds("backends", {"health_check_transient_delay": said}, "health_check_transient_delay") == meant


@pytest.mark.parametrize("said", ["soon", "5", 5.0, UNKNOWN, True, ["1s"]])
def test_what_is_no_duration_is_not_known(said: Any) -> None:
    assert seconds("backends", {"timeout_queue": said}, "timeout_queue") is UNKNOWN


def test_a_name_that_pulumi_made_is_told_from_one_that_somebody_gave() -> None:
    assert is_auto_named("shop", None) is True
    assert is_auto_named("shop", "shop-0a1b2c3") is True
    assert is_auto_named("shop", "shop") is False
    assert is_auto_named("shop", "other-0a1b2c3") is False
    assert is_auto_named("shop", UNKNOWN) is UNKNOWN


@pytest.mark.parametrize("stack", DOCUMENTED, ids=lambda stack: stack.name)
def test_a_stack_that_is_documented_is_silent_or_explained(stack: Documented) -> None:
    assert broken(stack.configuration) == set(stack.expected)
    assert all(len(reason) > 30 for reason in (*stack.expected.values(), *stack.elsewhere.values()))


@settings(max_examples=300, deadline=None)
@given(any_scaleway_spec())
def test_nothing_is_said_of_what_our_own_components_build(spec: Any) -> None:
    """Not even advice, and nothing is left open; but for what is drawn and really wrong on Scaleway."""
    words = render(spec)
    assert {rule.id for rule, _ in answers(words) if not really_wrong(rule, words)} == set()


def really_wrong(rule: Rule, words: ScalewayConfiguration) -> bool:
    if rule.id == "lets-encrypt-finds-http-on-port-80":
        return any(
            frontend["inbound_port"] == 80 and words.backends[frontend["backend_id"].key]["forward_protocol"] == "tcp"
            for frontend in words.frontends.values()
        )
    return False


# Every kind of mistake that a hand-written stack may hold, in one that is right but for it, and our own.
WRONG = [(rule, number, words) for rule in CONSTRAINTS for number, words in enumerate(rule.fails)]
KINDS = ("ips", "certificates", "backends", "frontends", "routes", "acls", "private_networks")


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list) and value:
        for at, item in enumerate(value):
            yield from leaves(item, (*path, at))
    else:
        yield path


def words_of(configuration: ScalewayConfiguration) -> dict[str, Any]:
    kinds = {kind: dict(getattr(configuration, kind)) for kind in KINDS if hasattr(configuration, kind)}
    return {"load_balancer": configuration.load_balancer, **kinds}


REMOVED = object()


def mutated(configuration: ScalewayConfiguration, path: tuple[Any, ...], value: Any) -> ScalewayConfiguration:
    changed = copy.deepcopy(words_of(configuration))
    at: Any = changed
    for step in path[:-1]:
        at = at[step]
    if value is REMOVED:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return replace(configuration, **changed)


def changes(configuration: ScalewayConfiguration) -> Iterator[tuple[Any, ...]]:
    """Paths of everything that can change within a resource: leaves, and the groups and lists that hold them."""
    seen = set()
    for leaf in leaves(words_of(configuration)):
        least = 2 if leaf[0] == "load_balancer" else 3
        for end in range(least, len(leaf) + 1):
            if leaf[:end] not in seen:
                seen.add(leaf[:end])
                yield leaf[:end]


SMALL = [case for case in WRONG if sum(1 for _ in leaves(words_of(case[2]))) < 100]


@pytest.mark.parametrize(("rule", "number", "words"), SMALL, ids=[f"{rule.id}-{number}" for rule, number, _ in SMALL])
def test_a_value_that_is_not_known_never_turns_a_mistake_into_silence(
    rule: Rule, number: int, words: ScalewayConfiguration
) -> None:
    """The value that is not known may be the one that breaks the rule; so it is broken still, or not decided."""
    for path in changes(words):
        found = list(rule.check(mutated(words, path, UNKNOWN), EXAMPLES_TODAY))
        assert found, path


STRANGE = [None, 300.0, -1, "", "text", True, [], {}, [None], [UNKNOWN], {"a": UNKNOWN}, REMOVED]


@pytest.mark.parametrize(("rule", "number", "words"), SMALL, ids=[f"{rule.id}-{number}" for rule, number, _ in SMALL])
def test_nothing_that_somebody_writes_makes_a_check_raise(
    rule: Rule, number: int, words: ScalewayConfiguration
) -> None:
    for path, value in product(changes(words), STRANGE):
        for found in rule.check(mutated(words, path, value), EXAMPLES_TODAY):
            assert isinstance(found.place, str)


# Mistakes that have nothing to do with each other, each in a resource of its own.
MANY: LooseConfiguration = replace(
    LOOSE_OFFLOADED,
    load_balancer={**LOOSE_OFFLOADED.load_balancer, "release_ip": True},
    certificates={**LOOSE_OFFLOADED.certificates, "bare": {"lb_id": BALANCER}},
    backends={
        **LOOSE_OFFLOADED.backends,
        "slow": {"lb_id": BALANCER, "forward_protocol": "http", "health_check_transient_delay": "2s"},
        "queued": {"lb_id": BALANCER, "forward_protocol": "http", "timeout_queue": "0.5s"},
        "retrying": {"lb_id": BALANCER, "forward_protocol": "http", "max_retries": 99.0},
        "cookies": {"lb_id": BALANCER, "forward_protocol": "http", "sticky_sessions_cookie_name": "shop"},
        "proxied": {"lb_id": BALANCER, "forward_protocol": "http", "health_check_send_proxy": True},
    },
    frontends={
        **LOOSE_OFFLOADED.frontends,
        "described": {
            "lb_id": BALANCER,
            "inbound_port": 8443,
            "backend_id": Reference("backends", "web"),
            "certificate_ids": [Reference("certificates", "shop")],
            "acls": [{**acl("deny", ip_subnets=["192.0.2.1"]), "description": "a bad neighbour"}],
        },
    },
)


def by_resource(configuration: ScalewayConfiguration) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for rule, each in answers(configuration):
        if each.found is not None:
            found.setdefault(each.place.split(".")[0].partition("]")[0], set()).add(rule.id)
    return found


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_change_in_one_resource_does_not_silence_what_is_wrong_in_another(data: st.DataObject) -> None:
    before = by_resource(MANY)
    path = data.draw(st.sampled_from(list(changes(MANY))))
    value = data.draw(st.sampled_from([*STRANGE, UNKNOWN]))
    assume(value is not REMOVED or len(path) > 2)
    after = by_resource(mutated(MANY, path, value))
    changed = path[0] if path[0] == "load_balancer" else f"{path[0]}[{path[1]}"
    for resource, rules in before.items():
        if resource != changed:
            assert rules <= after.get(resource, set()), (path, value)


def test_the_stack_with_many_mistakes_has_each_of_them_once() -> None:
    assert {resource: sorted(rules) for resource, rules in by_resource(MANY).items()} == {
        "load_balancer": ["no-deprecated-argument-is-used"],
        "certificates[bare": ["certificate-has-one-origin"],
        "backends[slow": ["transient-delay-is-below-a-second"],
        "backends[queued": ["queue-timeout-is-in-whole-seconds"],
        "backends[retrying": ["backend-settings-are-in-their-range"],
        "backends[cookies": ["cookie-name-belongs-to-cookie-stickiness"],
        "backends[proxied": ["health-check-sends-proxy-only-with-proxy-protocol"],
        "frontends[described": ["acl-inside-a-frontend-has-no-description"],
    }


CANARY = "c4n4ry"


@pytest.mark.parametrize(
    "chain",
    [
        pem("CERTIFICATE") + CANARY,
        pem("PRIVATE KEY") + CANARY,
        pem("EC PRIVATE KEY") + pem("CERTIFICATE") + CANARY,
        CANARY,
        [CANARY],
        {"pem": CANARY},
    ],
    ids=["no key", "no certificate", "both", "neither", "a list", "an object"],
)
@pytest.mark.parametrize("base", [LOOSE_OFFLOADED, LOOSE_BRIDGED])
def test_no_finding_shows_what_is_in_a_pem(base: LooseConfiguration, chain: Any) -> None:
    words = with_certificate(base, letsencrypt=None, custom_certificate={"certificate_chain": chain})
    said = [f"{found.place} {found.found}" for _, found in answers(words)]
    assert CANARY not in "".join(said)
    assert CANARY not in repr(words)
    swapped = with_certificate(
        base, name=UNKNOWN, letsencrypt={"common_name": "a.example.test"}, custom_certificate=chain
    )
    assert CANARY not in "".join(f"{found.place} {found.found}" for _, found in answers(swapped))
