"""The legs that each mode promises, and what a judge says of what was seen on them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from lbpatterns.core.examples import BRIDGED, OFFLOADED, PASSTHROUGH, with_backend, with_frontend
from lbpatterns.core.judge import Answer, LegVerdict, judge
from lbpatterns.core.legs import ExpectedLeg, LeafFacts, Promise, expected_legs
from lbpatterns.core.observation import (
    CertificateSeen,
    Fault,
    HTTPSeen,
    Observation,
    Outcome,
    ServerReport,
    TLSSeen,
)
from lbpatterns.core.plain import from_plain, to_plain
from lbpatterns.core.spec import UNKNOWN, LBSpec, PemCertificate, Route, ServerCertificate, TLSVersion

OWN, SERVERS = "a" * 64, "b" * 64


def facts(_certificate: PemCertificate) -> LeafFacts:
    return LeafFacts(names=("shop.example.test",), sha256=OWN)


def legs(spec: LBSpec) -> tuple[ExpectedLeg, ...]:
    return expected_legs(spec, host="192.0.2.1", leaf_facts=facts)


def seen(leg: ExpectedLeg, **changes: Any) -> Observation:
    """What a load balancer that keeps its promise shows."""
    report = ServerReport(
        server="s1",
        received_over="plaintext" if leg.mode == "offloaded" else "tls",
        server_name=str(leg.backend_server_name),
        headers=(("x-forwarded-proto", "https"),),
    )
    leaf = CertificateSeen(
        subject="CN=x",
        issuer="CN=ca",
        names=("x",),
        not_before=datetime(2026, 11, 1, tzinfo=UTC),
        not_after=datetime(2027, 1, 1, tzinfo=UTC),
        sha256=leg.leaf_sha256 or SERVERS,
        key="ECDSA P-256",
        days_left=40,
    )
    tls = TLSSeen(
        version=TLSVersion.TLS_1_3, cipher="c", alpn=None, chain=(leaf,), verified=True, verified_against="CN=ca"
    )
    observation = Observation(
        name=leg.name,
        host="192.0.2.1",
        port=443,
        server_name=None,
        outcome=Outcome.ANSWERED,
        tls=tls if leg.promise is Promise.TLS else None,
        http=HTTPSeen(status=200, report=report),
    )
    if leg.promise is Promise.CLOSED:
        observation = replace(observation, outcome=Outcome.CLOSED, tls=None, http=None)
    if leg.promise is Promise.REDIRECT:
        answer = HTTPSeen(status=301, headers=(("location", "https://192.0.2.1/"),))
        observation = replace(observation, http=answer)
    return replace(observation, **changes)


def verdicts(spec: LBSpec, changes: dict[str, dict[str, Any]] | None = None) -> dict[str, LegVerdict]:
    expected = legs(spec)
    observed = [seen(leg, **(changes or {}).get(leg.name, {})) for leg in expected]
    return {verdict.expected.name: verdict for verdict in judge(expected, observed)}


def violations(verdict: LegVerdict) -> list[str]:
    return [finding.sentence for finding in verdict.findings if finding.answer is Answer.VIOLATED]


FRONT, BACK = "frontend :443 shop.example.test", "backend 10.0.0.20:{}"


class TestExpected:
    def test_offloaded(self) -> None:
        assert [(leg.name, leg.promise, leg.encrypted) for leg in map(_Shown, legs(OFFLOADED))] == [
            (FRONT, "tls", True),
            ("backend 10.0.0.20:8080", "plaintext", False),
            ("backend 10.0.0.21:8080", "plaintext", False),
        ]

    def test_bridged_backend_legs_are_verified_by_name_and_anchor(self) -> None:
        leg = legs(BRIDGED)[1]
        assert (leg.server_name, leg.expected_name, leg.ca_bundle_pem) == (
            "backend.internal",
            "backend.internal",
            "(an internal CA)",
        )

    def test_passthrough_has_a_leg_for_every_name_and_one_for_none(self) -> None:
        routed = with_backend(PASSTHROUGH, name="api").backend
        spec = replace(PASSTHROUGH, routes=(Route(backend=routed, server_names=("*.api.example.test",)),))
        assert [(leg.name, leg.server_name) for leg in legs(spec)[:3]] == [
            ("frontend :443 *.api.example.test", "lbpatterns-probe.api.example.test"),
            ("frontend :443 secure.example.test", "secure.example.test"),
            ("frontend :443 undeclared name", "undeclared.invalid"),
        ]

    def test_a_redirect_is_a_leg_of_its_own(self) -> None:
        (leg,) = [leg for leg in legs(with_frontend(BRIDGED, redirect_http_port=80)) if leg.promise == "redirect"]
        assert (leg.port, leg.redirect_port) == (80, 443)

    def test_two_certificates_with_one_name_answer_once(self) -> None:
        held = BRIDGED.frontends[0].certificates[0]
        names = [leg.name for leg in legs(with_frontend(BRIDGED, certificates=(held, held)))]
        assert names.count(FRONT) == 1

    def test_what_is_not_known_yet_stays_open(self) -> None:
        leg = legs(with_backend(BRIDGED, server_name=UNKNOWN, port=UNKNOWN))[1]
        assert (leg.name, leg.server_name, leg.port) == ("backend 10.0.0.20:?", UNKNOWN, UNKNOWN)

    @pytest.mark.parametrize("spec", [OFFLOADED, BRIDGED, PASSTHROUGH], ids=lambda spec: str(spec.mode))
    def test_legs_survive_a_stack_output(self, spec: LBSpec) -> None:
        for leg in legs(spec):
            assert from_plain(ExpectedLeg, to_plain(leg)) == leg


class TestJudge:
    @pytest.mark.parametrize("spec", [OFFLOADED, BRIDGED, PASSTHROUGH], ids=lambda spec: str(spec.mode))
    def test_a_load_balancer_that_keeps_its_promise_is_proven(self, spec: LBSpec) -> None:
        assert [name for name, verdict in verdicts(spec).items() if not verdict.proven] == []

    def test_nothing_observed_proves_nothing(self) -> None:
        assert not any(verdict.proven for verdict in judge(legs(BRIDGED), []))

    def test_a_server_that_speaks_tls_is_not_offloaded(self) -> None:
        name = BACK.format(8080)
        tls = seen(legs(BRIDGED)[1]).tls
        assert violations(verdicts(OFFLOADED, {name: {"tls": tls}})[name]) == [
            "the server speaks TLS; offloading sends it plain HTTP"
        ]

    @pytest.mark.parametrize("proto", [("http",), (), ("https", "http")])
    def test_a_scheme_that_the_client_could_forge(self, proto: tuple[str, ...]) -> None:
        headers = tuple(("x-forwarded-proto", value) for value in proto)
        http = HTTPSeen(status=200, report=ServerReport(server="s1", received_over="plaintext", headers=headers))
        (sentence,) = violations(verdicts(OFFLOADED, {FRONT: {"http": http}})[FRONT])
        assert sentence.endswith(", not https")

    def test_plaintext_behind_a_bridged_load_balancer(self) -> None:
        headers = (("x-forwarded-proto", "https"),)
        report = ServerReport(server="s1", received_over="plaintext", server_name="backend.internal", headers=headers)
        changed = verdicts(BRIDGED, {FRONT: {"http": HTTPSeen(status=200, report=report)}})
        assert violations(changed[FRONT]) == ["server s1 received plaintext, bridged promises tls"]

    def test_the_server_name_that_the_servers_see(self) -> None:
        headers = (("x-forwarded-proto", "https"),)
        report = ServerReport(server="s1", received_over="tls", server_name="other.internal", headers=headers)
        changed = verdicts(BRIDGED, {FRONT: {"http": HTTPSeen(status=200, report=report)}})
        assert violations(changed[FRONT]) == ["the server saw SNI other.internal, declared is backend.internal"]

    @pytest.mark.parametrize("fault", list(Fault))
    def test_an_untrusted_certificate_is_named(self, fault: Fault) -> None:
        name = BACK.format(8443)
        good = seen(legs(BRIDGED)[1]).tls
        assert good is not None
        tls = replace(good, verified=False, fault=fault, error="in the library's words")
        (sentence,) = violations(verdicts(BRIDGED, {name: {"tls": tls}})[name])
        assert sentence == f"backend.internal does not verify against CN=ca: {fault}: in the library's words"

    def test_skipped_verification_is_neither_proof_nor_violation(self) -> None:
        spec = with_backend(BRIDGED, verify_server_certificate=False)
        name = BACK.format(8443)
        good = seen(legs(spec)[1]).tls
        assert good is not None
        verdict = verdicts(spec, {name: {"tls": replace(good, verified=False, fault=Fault.EXPIRED)}})[name]
        assert violations(verdict) == []
        assert Answer.UNKNOWN in {finding.answer for finding in verdict.findings}

    def test_an_older_tls_than_declared(self) -> None:
        spec = with_frontend(BRIDGED, minimum_tls_version=TLSVersion.TLS_1_3)
        good = seen(legs(spec)[0]).tls
        assert good is not None
        changed = verdicts(spec, {FRONT: {"tls": replace(good, version=TLSVersion.TLS_1_2)}})
        assert violations(changed[FRONT]) == ["TLS 1.2 is older than the declared minimum 1.3"]

    def test_another_leaf_than_the_declared_one(self) -> None:
        good = seen(legs(BRIDGED)[0]).tls
        assert good is not None
        assert good.leaf is not None
        stale = replace(good, chain=(replace(good.leaf, sha256="c" * 64),))
        (sentence,) = violations(verdicts(BRIDGED, {FRONT: {"tls": stale}})[FRONT])
        assert sentence.startswith("the leaf served is not the one declared")

    def test_one_leaf_on_both_legs_is_no_bridging(self) -> None:
        name = BACK.format(8443)
        good = seen(legs(BRIDGED)[1]).tls
        assert good is not None
        assert good.leaf is not None
        same = replace(good, chain=(replace(good.leaf, sha256=OWN),))
        assert violations(verdicts(BRIDGED, {name: {"tls": same}})[FRONT]) == [
            "the server's own key is on the load balancer too"
        ]

    def test_passthrough_that_ends_tls_on_the_way(self) -> None:
        name = "frontend :443 secure.example.test"
        good = seen(legs(PASSTHROUGH)[0]).tls
        assert good is not None
        assert good.leaf is not None
        other = replace(good, chain=(replace(good.leaf, sha256=OWN),))
        (sentence,) = violations(verdicts(PASSTHROUGH, {name: {"tls": other}})[name])
        assert sentence.startswith("the client does not see the server's leaf")

    def test_an_undeclared_name_that_is_answered(self) -> None:
        name = "frontend :443 undeclared name"
        answered = {"outcome": Outcome.ANSWERED, "tls": seen(legs(PASSTHROUGH)[0]).tls}
        assert not verdicts(PASSTHROUGH, {name: answered})[name].proven

    def test_a_refusal_by_the_load_balancer_shows_its_words(self) -> None:
        http = HTTPSeen(status=503, body="no healthy upstream")
        assert violations(verdicts(BRIDGED, {FRONT: {"http": http}})[FRONT]) == ["HTTP 503: no healthy upstream"]

    def test_plain_http_that_is_not_redirected(self) -> None:
        spec = with_frontend(BRIDGED, redirect_http_port=80)
        changed = verdicts(spec, {"frontend :80 redirect": {"http": HTTPSeen(status=200)}})
        assert not changed["frontend :80 redirect"].proven

    def test_a_peer_that_does_not_speak_tls(self) -> None:
        changed = verdicts(BRIDGED, {FRONT: {"tls": None, "outcome": Outcome.NOT_TLS, "detail": "HTTP/1.1 400"}})
        assert violations(changed[FRONT]) == ["TLS is promised here: 192.0.2.1:443 does not speak TLS (HTTP/1.1 400)"]

    def test_a_client_certificate_that_reached_the_server_is_said(self) -> None:
        name = "frontend :443 secure.example.test"
        report = ServerReport(
            server="s1", received_over="tls", server_name="secure.example.test", client_certificate="CN=Demo Client"
        )
        verdict = verdicts(PASSTHROUGH, {name: {"http": HTTPSeen(status=200, report=report)}})[name]
        assert "the client's certificate reached the server: CN=Demo Client" in [
            finding.sentence for finding in verdict.findings
        ]


class TestServerCertificates:
    def test_a_server_with_a_certificate_of_its_own(self) -> None:
        own = ServerCertificate(names=("special.example.test",))
        servers = (replace(PASSTHROUGH.backend.servers[0], certificate=own), PASSTHROUGH.backend.servers[1])
        backends = [leg for leg in legs(with_backend(PASSTHROUGH, servers=servers)) if leg.leg == "backend"]
        assert [leg.expected_name for leg in backends] == ["special.example.test", "secure.example.test"]


class _Shown:
    def __init__(self, leg: ExpectedLeg) -> None:
        self.name, self.promise = leg.name, leg.promise.value
        self.encrypted = leg.promise is Promise.TLS
