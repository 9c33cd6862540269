"""Observations put beside what the declaration promises, leg by leg.

Every finding is a sentence with one of three answers. A leg is proven when something was seen on it and nothing
that was seen contradicts the mode.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lbpatterns.core.legs import ExpectedLeg, Promise
from lbpatterns.core.observation import HTTPSeen, Observation, Outcome, ServerReport, TLSSeen
from lbpatterns.core.spec import UNKNOWN, Leg, Mode


class Answer(StrEnum):
    """The three answers."""

    HOLDS = "holds"
    VIOLATED = "violated"
    UNKNOWN = "not known yet"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked on a leg, in a sentence."""

    answer: Answer
    sentence: str


@dataclass(frozen=True, slots=True)
class LegVerdict:
    """A leg, what was seen on it, and what that means."""

    expected: ExpectedLeg
    observation: Observation | None
    findings: tuple[Finding, ...]

    @property
    def proven(self) -> bool:
        """Whether something held and nothing was violated."""
        answers = {finding.answer for finding in self.findings}
        return Answer.HOLDS in answers and Answer.VIOLATED not in answers


def judge(expected: Sequence[ExpectedLeg], observed: Sequence[Observation]) -> tuple[LegVerdict, ...]:
    """A verdict for each expected leg, in order. An observation belongs to the leg whose `name` it carries."""
    seen = {observation.name: observation for observation in observed}
    return tuple(LegVerdict(leg, seen.get(leg.name), tuple(_judge(leg, expected, seen))) for leg in expected)


def _judge(leg: ExpectedLeg, every: Sequence[ExpectedLeg], seen: dict[str, Observation]) -> Iterator[Finding]:
    observation = seen.get(leg.name)
    if observation is None:
        yield Finding(Answer.UNKNOWN, "nothing was observed on this leg")
        return
    if leg.promise is Promise.CLOSED:
        yield _closed(leg, observation)
    elif leg.promise is Promise.REDIRECT:
        yield _redirect(leg, observation)
    elif leg.promise is Promise.PLAINTEXT:
        yield from _plaintext(observation)
    else:
        yield from _tls(leg, observation)
        if observation.tls is not None:
            yield from _identity(leg, observation.tls, every, seen)
            yield from _through(leg, observation)


def _closed(leg: ExpectedLeg, observation: Observation) -> Finding:
    silent = observation.outcome in {Outcome.CLOSED, Outcome.RESET, Outcome.REFUSED, Outcome.ALERT}
    if silent and observation.tls is None:
        return Finding(Answer.HOLDS, f"the undeclared name {leg.server_name} is not answered: {_did(observation)}")
    return Finding(Answer.VIOLATED, f"the undeclared name {leg.server_name} must not be answered: {_did(observation)}")


def _redirect(leg: ExpectedLeg, observation: Observation) -> Finding:
    http = observation.http
    location = dict(http.headers).get("location", "") if http else ""
    if http and http.status in {301, 302, 307, 308} and location.startswith("https://"):
        return Finding(Answer.HOLDS, f"plain HTTP is answered with {http.status} to {location}")
    answer = f"status {http.status}" if http else _did(observation)
    return Finding(Answer.VIOLATED, f"plain HTTP must be redirected to https on port {leg.redirect_port}: {answer}")


def _plaintext(observation: Observation) -> Iterator[Finding]:
    if observation.tls is not None:
        yield Finding(Answer.VIOLATED, "the server speaks TLS; offloading sends it plain HTTP")
    elif observation.outcome is Outcome.ANSWERED and observation.http is not None:
        yield Finding(Answer.HOLDS, "the server is reached in plaintext, as offloading promises: CLEARTEXT leg")
        yield from _server_up(observation.http)
    else:
        yield Finding(Answer.VIOLATED, f"the server must answer plain HTTP: {_did(observation)}")


def _tls(leg: ExpectedLeg, observation: Observation) -> Iterator[Finding]:
    tls = observation.tls
    if tls is None:
        yield Finding(Answer.VIOLATED, f"TLS is promised here: {_did(observation)}")
        return
    if tls.version.rank >= leg.minimum_tls_version.rank:
        yield Finding(Answer.HOLDS, f"TLS {tls.version}, at least {leg.minimum_tls_version}")
    else:
        yield Finding(
            Answer.VIOLATED, f"TLS {tls.version} is older than the declared minimum {leg.minimum_tls_version}"
        )
    if tls.verified:
        yield Finding(Answer.HOLDS, f"{leg.expected_name} verified against {tls.verified_against}")
    elif leg.verified:
        why = f"{tls.fault or 'not trusted'}: {tls.error or 'no reason given'}"
        yield Finding(Answer.VIOLATED, f"{leg.expected_name} does not verify against {tls.verified_against}: {why}")
    else:
        yield Finding(Answer.UNKNOWN, "verification is skipped by the declaration, with a reason and a date")


def _identity(
    leg: ExpectedLeg, tls: TLSSeen, every: Sequence[ExpectedLeg], seen: dict[str, Observation]
) -> Iterator[Finding]:
    """Who presented the certificate: the load balancer its own, or the server through it."""
    if leg.leg is Leg.BACKEND or tls.leaf is None:
        return
    if leg.leaf_sha256 is not None:
        same = tls.leaf.sha256 == leg.leaf_sha256
        words = "the leaf served is the one declared" if same else "the leaf served is not the one declared"
        yield Finding(Answer.HOLDS if same else Answer.VIOLATED, f"{words} ({tls.leaf.sha256[:16]}…)")
    leaves = _server_leaves(leg.backend, every, seen)
    if not leaves:
        return
    through = tls.leaf.sha256 in leaves
    if leg.mode is Mode.PASSTHROUGH:
        words = "the client sees exactly the server's leaf" if through else "the client does not see the server's leaf"
        yield Finding(Answer.HOLDS if through else Answer.VIOLATED, f"{words} ({tls.leaf.sha256[:16]}…)")
    elif leg.mode is Mode.BRIDGED:
        words = "the server's own key is on the load balancer too" if through else "two certificates, one on each leg"
        yield Finding(Answer.VIOLATED if through else Answer.HOLDS, words)


def _server_leaves(backend: str, every: Sequence[ExpectedLeg], seen: dict[str, Observation]) -> set[str]:
    names = [leg.name for leg in every if leg.leg is Leg.BACKEND and leg.backend == backend]
    sessions = [seen[name].tls for name in names if name in seen]
    return {tls.leaf.sha256 for tls in sessions if tls is not None and tls.leaf is not None}


def _through(leg: ExpectedLeg, observation: Observation) -> Iterator[Finding]:
    """What came of the request: its status, and what the server says it received."""
    http = observation.http
    if http is None:
        words = f"no HTTP answer: {_did(observation)}"
        yield Finding(Answer.UNKNOWN if _client_certificate_missing(observation) else Answer.VIOLATED, words)
        return
    yield from _server_up(http)
    if leg.leg is Leg.BACKEND or http.status >= 500:
        return
    if http.report is None:
        yield Finding(Answer.UNKNOWN, "the server does not report what it received")
        return
    yield from _received(leg, http.report)


def _client_certificate_missing(observation: Observation) -> bool:
    return bool(observation.tls and observation.tls.client_certificate_requested)


def _server_up(http: HTTPSeen) -> Iterator[Finding]:
    if http.status >= 500:
        words = http.body.strip().replace("\n", " ")[:200]
        yield Finding(Answer.VIOLATED, f"HTTP {http.status}: {words}" if words else f"HTTP {http.status}")
    else:
        yield Finding(Answer.HOLDS, f"HTTP {http.status}")


def _received(leg: ExpectedLeg, report: ServerReport) -> Iterator[Finding]:
    wanted = "plaintext" if leg.mode is Mode.OFFLOADED else "tls"
    holds = report.received_over == wanted
    yield Finding(
        Answer.HOLDS if holds else Answer.VIOLATED,
        f"server {report.server} received {report.received_over.upper() if wanted == 'plaintext' else 'TLS'}"
        if holds
        else f"server {report.server} received {report.received_over}, {leg.mode} promises {wanted}",
    )
    if leg.mode is not Mode.OFFLOADED and leg.backend_server_name not in {None, UNKNOWN}:
        holds = report.server_name == leg.backend_server_name
        words = f"the server saw SNI {report.server_name}"
        yield Finding(
            Answer.HOLDS if holds else Answer.VIOLATED,
            words if holds else f"{words}, declared is {leg.backend_server_name}",
        )
    if report.client_certificate is not None and leg.mode is Mode.PASSTHROUGH:
        yield Finding(Answer.HOLDS, f"the client's certificate reached the server: {report.client_certificate}")
    if leg.mode is not Mode.PASSTHROUGH:
        proto = report.values("x-forwarded-proto")
        holds = proto == ("https",)
        yield Finding(
            Answer.HOLDS if holds else Answer.VIOLATED,
            "the server saw X-Forwarded-Proto: " + (", ".join(proto) or "nothing") + ("" if holds else ", not https"),
        )


def _did(observation: Observation) -> str:
    words = f"{observation.host}:{observation.port} {observation.outcome}"
    return f"{words} ({observation.detail})" if observation.detail else words
