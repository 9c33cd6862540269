"""What to ask on one leg, and the commands with which a person asks the same."""

import ipaddress
import re
import shlex
from dataclasses import dataclass, field

from lbpatterns.core.legs import ExpectedLeg, Promise
from lbpatterns.core.spec import UNKNOWN, ProxyProtocol

DEFAULT_TIMEOUT = 5.0
_FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VISIBLE = re.compile(r"[\x21-\x7e]+")
_FIELD_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One question to one peer.

    `host` and `port` say where to connect; `tls` whether to speak TLS or plain HTTP. `server_name` is what SNI and
    Host carry (None: no SNI, Host is `host`), `expected_name` what the certificate must carry (None: any name).
    `ca_bundle_pem` None means the public roots. `client_certificate_pem` holds private key and chain, for a peer that
    asks for a certificate. `headers` are sent besides Host, User-Agent, Accept and Connection. `timeout`, in seconds,
    covers the whole observation. Raises ValueError for what cannot be asked.
    """

    name: str
    host: str
    port: int
    tls: bool = True
    server_name: str | None = None
    expected_name: str | None = None
    ca_bundle_pem: str | None = field(default=None, repr=False)
    client_certificate_pem: str | None = field(default=None, repr=False)
    path: str = "/"
    headers: tuple[tuple[str, str], ...] = ()
    proxy_protocol: ProxyProtocol = ProxyProtocol.NONE
    timeout: float = DEFAULT_TIMEOUT

    def __post_init__(self) -> None:
        if not 0 < self.port < 65536:
            raise ValueError(f"port={self.port} is not between 1 and 65535")
        if not self.timeout > 0:
            raise ValueError(f"timeout={self.timeout} must be above zero")
        if not self.path.startswith("/") or not _VISIBLE.fullmatch(self.path):
            raise ValueError(f"path={self.path!r} must begin with a slash and hold no spaces")
        for place, name in (("host", self.host), ("server_name", self.server_name)):
            if name is not None and not _is_name(name):
                raise ValueError(f"{place}={name!r} is neither a host name nor an address")
        for name, value in self.headers:
            if not _FIELD_NAME.fullmatch(name) or not _FIELD_VALUE.fullmatch(value):
                raise ValueError(f"header {name!r} cannot be sent")

    @property
    def authority(self) -> str:
        """The value of Host: the server name, with the port unless it is the scheme's own."""
        name = bracketed(self.server_name or self.host)
        return name if self.port == (443 if self.tls else 80) else f"{name}:{self.port}"


def probe_for(
    leg: ExpectedLeg,
    *,
    timeout: float = DEFAULT_TIMEOUT,
    headers: tuple[tuple[str, str], ...] = (),
    client_certificate_pem: str | None = None,
) -> Probe | None:
    """The question that a leg's promise raises; None while an address, a name or a trust anchor is not known yet."""
    host, port, server_name = leg.host, leg.port, leg.server_name
    expected_name, ca_bundle_pem = leg.expected_name, leg.ca_bundle_pem
    if (
        host is UNKNOWN
        or port is UNKNOWN
        or server_name is UNKNOWN
        or expected_name is UNKNOWN
        or ca_bundle_pem is UNKNOWN
    ):
        return None
    return Probe(
        name=leg.name,
        host=host,
        port=port,
        tls=leg.promise in {Promise.TLS, Promise.CLOSED},
        server_name=server_name,
        expected_name=expected_name,
        ca_bundle_pem=ca_bundle_pem,
        client_certificate_pem=client_certificate_pem,
        path=leg.path,
        headers=headers,
        proxy_protocol=leg.proxy_protocol,
        timeout=timeout,
    )


def equivalent_commands(probe: Probe, *, ca_file: str = "ca.pem", client_file: str = "client.pem") -> tuple[str, ...]:
    """Shell lines that ask the same. `ca_file` and `client_file` stand for where the PEM of the probe is kept."""
    return (
        (_openssl(probe, ca_file, client_file), _curl(probe, ca_file, client_file))
        if probe.tls
        else (_curl(probe, ca_file, client_file),)
    )


def _openssl(probe: Probe, ca_file: str, client_file: str) -> str:
    words = ["openssl", "s_client", "-connect", f"{bracketed(probe.host)}:{probe.port}"]
    if probe.server_name is None or _is_address(probe.server_name):
        words += ["-noservername"]  # RFC 6066, section 3: SNI carries no addresses
    else:
        words += ["-servername", probe.server_name]
    if probe.expected_name:
        words += ["-verify_ip" if _is_address(probe.expected_name) else "-verify_hostname", probe.expected_name]
    words += ["-CAfile", ca_file] if probe.ca_bundle_pem is not None else []
    words += ["-cert", client_file, "-key", client_file] if probe.client_certificate_pem is not None else []
    return shlex.join([*words, "-showcerts"]) + " </dev/null"


def _curl(probe: Probe, ca_file: str, client_file: str) -> str:
    name = bracketed(probe.server_name or probe.host)
    words = ["curl", "--verbose", "--max-time", f"{probe.timeout:g}"]
    if probe.server_name and probe.server_name != probe.host:
        host = bracketed(probe.host)
        words += (
            ["--resolve", f"{name}:{probe.port}:{host}"]
            if _is_address(probe.host)
            else ["--connect-to", f"{name}:{probe.port}:{host}:{probe.port}"]
        )
    if probe.tls:
        words += ["--cacert", ca_file] if probe.ca_bundle_pem is not None else []
        words += ["--cert", client_file] if probe.client_certificate_pem is not None else []
    words += ["--haproxy-protocol"] if probe.proxy_protocol is not ProxyProtocol.NONE else []
    for header, value in probe.headers:
        words += ["--header", f"{header}: {value}"]
    return shlex.join([*words, f"{'https' if probe.tls else 'http'}://{probe.authority}{probe.path}"])


def bracketed(host: str) -> str:
    """A host as it stands before a port: IPv6 addresses in brackets."""
    return f"[{host}]" if ":" in host else host


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_name(name: str) -> bool:
    if _is_address(name):
        return True
    try:
        return bool(_VISIBLE.fullmatch(name.encode("idna").decode())) and not set(name) & set("/:@[]")
    except UnicodeError:
        return False
