"""What can be seen on one leg. Nothing here opens a socket: `lbpatterns.verify.observe` does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lbpatterns.core.spec import TLSVersion


class Outcome(StrEnum):
    """What the peer did."""

    ANSWERED = "answered"
    REFUSED = "refused the connection"
    TIMED_OUT = "did not answer in time"
    RESET = "reset the connection"
    CLOSED = "closed the connection without a word"
    ALERT = "sent a TLS alert"
    NOT_TLS = "does not speak TLS"
    NOT_HTTP = "does not speak HTTP"
    UNREACHABLE = "cannot be reached"


class Fault(StrEnum):
    """Why a certificate is not trusted."""

    EXPIRED = "expired"
    NOT_YET_VALID = "not yet valid"
    WRONG_NAME = "wrong name"
    SELF_SIGNED = "self-signed"
    UNKNOWN_ISSUER = "unknown issuer"
    INCOMPLETE_CHAIN = "incomplete chain"
    WEAK_KEY = "weak key"
    WRONG_PURPOSE = "not a server certificate"
    OTHER = "not trusted"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateSeen:
    """A certificate as a peer sent it. Subject and issuer in RFC 4514 text, times in UTC, SHA-256 of the DER in hex."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    sha256: str
    key: str
    days_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TLSSeen:
    """A TLS session: `chain` as received, leaf first. `verified` is the answer for `verified_against` and the name.

    `fault` and `error` say why not: one word of ours, and the words of the library that verified.
    """

    version: TLSVersion
    cipher: str
    alpn: str | None
    chain: tuple[CertificateSeen, ...]
    verified: bool
    verified_against: str
    fault: Fault | None = None
    error: str | None = None
    client_certificate_requested: bool | None = None

    @property
    def leaf(self) -> CertificateSeen | None:
        """The peer's own certificate."""
        return self.chain[0] if self.chain else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerReport:
    """What a reporting server says it received (`lbpatterns.demo.servers` is one). Header names in lower case."""

    server: str
    received_over: str
    tls_version: str | None = None
    server_name: str | None = None
    client_certificate: str | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def values(self, header: str) -> tuple[str, ...]:
        """Every value of one header, in order."""
        return tuple(value for name, value in self.headers if name == header.lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class HTTPSeen:
    """An HTTP answer: header names in lower case, the body's first 2,000 characters."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    report: ServerReport | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What was seen on one leg. `detail` holds the peer's or the library's own words; never a key."""

    name: str
    host: str
    port: int
    server_name: str | None
    outcome: Outcome
    detail: str = ""
    tls: TLSSeen | None = None
    http: HTTPSeen | None = None
    seconds: float = 0.0
