"""One observation of one leg: what a peer does, what it presents, what it answers. It judges nothing but trust.

Importing this loads no Pulumi.
"""

import contextlib
import datetime as dt
import time
from dataclasses import dataclass

from lbpatterns.core.observation import HTTPSeen, Observation, Outcome, TLSSeen
from lbpatterns.core.spec import ProxyProtocol
from lbpatterns.verify.certificates import certificate_seen
from lbpatterns.verify.connection import PeerFailedError, Wire
from lbpatterns.verify.http_exchange import exchange
from lbpatterns.verify.probe import Probe, equivalent_commands, probe_for
from lbpatterns.verify.session import Session, UntrustedError, client_context
from lbpatterns.verify.trust import Refusal, faults_of, trust_words

__all__ = ["Probe", "equivalent_commands", "observe", "probe_for"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sight:
    outcome: Outcome
    detail: str = ""
    tls: TLSSeen | None = None
    http: HTTPSeen | None = None


def observe(probe: Probe) -> Observation:
    """Connect, speak TLS or not, ask once over HTTP, and tell what was seen, within `probe.timeout` seconds.

    The request travels on the connection whose chain was verified. Only where OpenSSL refuses the chain is a second
    connection made, without verification, to read what the peer presents; behind a load balancer another server may
    answer it. Whatever a peer does is an observation and never an exception. Raises ValueError where the probe's own
    client certificate does not load.
    """
    started = time.monotonic()
    deadline = started + probe.timeout
    sight = _over_tls(probe, deadline) if probe.tls else _over_plaintext(probe, deadline)
    return Observation(
        name=probe.name,
        host=probe.host,
        port=probe.port,
        server_name=probe.server_name,
        outcome=sight.outcome,
        detail=sight.detail,
        tls=sight.tls,
        http=sight.http,
        seconds=time.monotonic() - started,
    )


def _over_tls(probe: Probe, deadline: float) -> _Sight:
    try:
        against = trust_words(probe.ca_bundle_pem)
    except ValueError:
        against, refusal = "no trust anchor", Refusal(None, "the CA bundle holds no certificate that can be read")
        return _ask(probe, deadline, against, refusal)
    try:
        return _ask(probe, deadline, against, None)
    except UntrustedError as error:
        return _ask(probe, deadline, against, error.refusal)


def _ask(probe: Probe, deadline: float, against: str, refusal: Refusal | None) -> _Sight:
    """One connection: verified, or once there is a refusal, not. Raises UntrustedError only in the former case."""
    context = client_context(
        client_certificate_pem=probe.client_certificate_pem,
        verify=refusal is None,
        ca_bundle_pem=probe.ca_bundle_pem,
    )
    tls: TLSSeen | None = None
    try:
        with (
            contextlib.closing(_connect(probe, deadline)) as wire,
            contextlib.closing(Session(wire, context, probe.server_name)) as session,
        ):
            try:
                session.handshake()
            finally:
                # Up to TLS 1.2 a peer that misses a client certificate breaks off before the handshake is over.
                tls = _tls_seen(session, probe, against, refusal)
            return _Sight(outcome=Outcome.ANSWERED, tls=tls, http=exchange(session, probe))
    except PeerFailedError as error:
        return _Sight(outcome=error.outcome, detail=error.detail, tls=tls, http=error.http)


def _over_plaintext(probe: Probe, deadline: float) -> _Sight:
    try:
        with contextlib.closing(_connect(probe, deadline)) as wire:
            sight = _Sight(outcome=Outcome.ANSWERED, http=exchange(wire, probe))
    except PeerFailedError as error:
        sight = _Sight(outcome=error.outcome, detail=error.detail, http=error.http)
    if sight.outcome in {Outcome.CLOSED, Outcome.RESET, Outcome.NOT_HTTP} or (sight.http and sight.http.status == 400):
        return _tell_tls_from_silence(probe, deadline, sight)
    return sight


def _tell_tls_from_silence(probe: Probe, deadline: float, plain: _Sight) -> _Sight:
    """What speaks TLS treats plain HTTP in many ways: it says nothing, resets, sends an alert, answers 400."""
    over_tls = _over_tls(probe, deadline)
    if over_tls.tls is None and over_tls.outcome is not Outcome.ALERT:
        return plain
    words = f"it speaks TLS {over_tls.tls.version}" if over_tls.tls else f"it speaks TLS: alert {over_tls.detail}"
    detail = f"{plain.detail}; {words}" if plain.detail else words
    return _Sight(outcome=plain.outcome, detail=detail, tls=over_tls.tls, http=plain.http)


def _connect(probe: Probe, deadline: float) -> Wire:
    wire = Wire(probe.host, probe.port, deadline)
    if probe.proxy_protocol is not ProxyProtocol.NONE:
        try:
            wire.send_proxy_header(probe.proxy_protocol)
        except PeerFailedError:
            wire.close()
            raise
    return wire


def _tls_seen(session: Session, probe: Probe, against: str, refusal: Refusal | None) -> TLSSeen | None:
    chain, now = session.chain(), dt.datetime.now(dt.UTC)
    if not chain:
        return None
    if refusal is None and not session.key_proven:
        refusal = Refusal(None, "the handshake ended before the peer had proven that it holds the key")
    faults = list(
        faults_of(
            chain,
            refusal,
            path=session.path() if refusal is None else (),
            expected_name=probe.expected_name,
            against=against,
            now=now,
        )
    )
    return TLSSeen(
        version=session.version,
        cipher=session.cipher,
        alpn=session.alpn,
        chain=tuple(certificate_seen(certificate, now) for certificate in chain),
        verified=not faults,
        verified_against=against,
        fault=faults[0][0] if faults else None,
        error="; ".join(words for _, words in faults) or None,
        client_certificate_requested=session.client_certificate_requested,
    )
