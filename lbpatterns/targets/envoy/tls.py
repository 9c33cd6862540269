"""TLS in Envoy's words: towards clients, towards servers, and the secrets of both.

Source: Envoy's documentation, "TLS" (arch_overview/security/ssl) and "Secret discovery service (SDS)".
"""

from __future__ import annotations

import ipaddress
import ssl
from pathlib import Path
from typing import Any, Final

from lbpatterns.core.spec import Backend, Frontend, TLSVersion
from lbpatterns.targets.envoy.configuration import secret_file
from lbpatterns.targets.envoy.pem import split
from lbpatterns.targets.envoy.words import TLS_SOCKET, Message, extension

TLS_PACKAGE: Final = "envoy.extensions.transport_sockets.tls.v3"
ACCEPT_UNTRUSTED: Final = "ACCEPT_UNTRUSTED"

_VERSIONS: Final = {
    TLSVersion.TLS_1_0: "TLSv1_0",
    TLSVersion.TLS_1_1: "TLSv1_1",
    TLSVersion.TLS_1_2: "TLSv1_2",
    TLSVersion.TLS_1_3: "TLSv1_3",
}
# Envoy's default suites are all of TLS 1.2 and later: with them alone a lower minimum would be an empty promise.
_SUITES_WITH_OLD_ONES: Final = [
    "[ECDHE-ECDSA-AES128-GCM-SHA256|ECDHE-ECDSA-CHACHA20-POLY1305]",
    "[ECDHE-RSA-AES128-GCM-SHA256|ECDHE-RSA-CHACHA20-POLY1305]",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-AES128-SHA",
    "ECDHE-RSA-AES128-SHA",
    "ECDHE-ECDSA-AES256-SHA",
    "ECDHE-RSA-AES256-SHA",
]
# Where systems keep the public roots: Debian and its kin, Fedora and its kin, openSUSE, macOS and Alpine.
_PUBLIC_ROOTS: Final = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


def public_roots_file() -> str:
    """The file that holds this machine's public roots.

    What `ssl` would take (with SSL_CERT_FILE heeded), else where systems usually keep it. Raises ValueError when
    there is none.
    """
    for path in (ssl.get_default_verify_paths().cafile, *_PUBLIC_ROOTS):
        if path and Path(path).is_file():
            return path
    raise ValueError(
        f"this machine's public roots were not found at {', '.join(_PUBLIC_ROOTS)}; "
        "set SSL_CERT_FILE, or give the backend a `ca_bundle_pem`"
    )


def tls_version(words: str) -> TLSVersion:
    """The version that Envoy calls `words`, such as `TLSv1_2`."""
    return next(version for version, word in _VERSIONS.items() if word == words)


def is_ip(name: str) -> bool:
    """Whether a name is an IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def frontend_secret(port: object, index: int) -> str:
    """The secret of a frontend's certificate. The name outlives the certificate: a renewal is a change of SDS only."""
    return f"frontend-{port}-{index}"


def client_secret(backend_name: str) -> str:
    """The secret of the client certificate that a backend's servers are shown."""
    return f"backend-{backend_name}-client"


def secret(name: str, private_key_and_chain_pem: str, place: str) -> Message:
    """A secret with a certificate and its private key. Raises ValueError as `pem.split` does."""
    private_key, chain = split(private_key_and_chain_pem, place)
    return {
        "name": name,
        "tls_certificate": {
            "certificate_chain": {"inline_string": chain},
            "private_key": {"inline_string": private_key},
        },
    }


def _sds(name: str, directory: str) -> Message:
    # Envoy watches the file for moves (config_source.proto), which is how it is replaced: no `watched_directory`,
    # with which every rename in the directory would read every secret again.
    source = {"path": f"{directory}/{secret_file(name)}"}
    return {"name": name, "sds_config": {"resource_api_version": "V3", "path_config_source": source}}


def _parameters(minimum: TLSVersion) -> Message:
    # The maximum is said because towards servers Envoy's own is TLS 1.2.
    parameters: Message = {
        "tls_minimum_protocol_version": _VERSIONS[minimum],
        "tls_maximum_protocol_version": _VERSIONS[TLSVersion.TLS_1_3],
    }
    if minimum.rank < TLSVersion.TLS_1_2.rank:
        parameters["cipher_suites"] = list(_SUITES_WITH_OLD_ONES)
    return parameters


def towards_clients(frontend: Frontend, directory: str) -> Message:
    """The transport socket of a frontend that decrypts.

    The client's SNI picks among the certificates by the names that they carry; the first answers where none fits.
    """
    names = [frontend_secret(frontend.port, index) for index in range(len(frontend.pem_certificates))]
    return extension(
        TLS_SOCKET,
        f"{TLS_PACKAGE}.DownstreamTlsContext",
        common_tls_context={
            "tls_params": _parameters(frontend.minimum_tls_version),
            "alpn_protocols": ["h2", "http/1.1"],
            "tls_certificate_sds_secret_configs": [_sds(name, directory) for name in names],
        },
    )


def towards_servers(backend: Backend, directory: str) -> Message:
    """The transport socket of a bridged backend: SNI, trust anchor, expected name, client certificate."""
    expected = backend.server_name if backend.expected_name is None else backend.expected_name
    context = _server_verification(
        minimum=backend.minimum_tls_version,
        anchor=backend.ca_bundle_pem,
        names=() if expected is None else (expected,),
        verify=backend.verify_server_certificate,
    )
    if backend.client_certificate is not None:
        context["tls_certificate_sds_secret_configs"] = [_sds(client_secret(backend.name), directory)]
    return _upstream_socket(backend.server_name, context)


def towards_checked_servers(server_name: str, names: tuple[str, ...], anchor: str | None) -> Message:
    """The transport socket of an HTTPS health check behind a passthrough frontend; any of `names` will do."""
    context = _server_verification(minimum=TLSVersion.TLS_1_2, anchor=anchor, names=names, verify=True)
    return _upstream_socket(server_name, context)


def _upstream_socket(server_name: Any, context: Message) -> Message:
    sni = {} if server_name is None else {"sni": server_name}
    return extension(TLS_SOCKET, f"{TLS_PACKAGE}.UpstreamTlsContext", **sni, common_tls_context=context)


def _server_verification(*, minimum: TLSVersion, anchor: Any, names: tuple[Any, ...], verify: bool) -> Message:
    trusted = {"filename": public_roots_file()} if anchor is None else {"inline_string": anchor}
    validation: Message = {"trusted_ca": trusted}
    if names:
        validation["match_typed_subject_alt_names"] = [name_matcher(name) for name in names]
    if not verify:
        # The anchor and the name stay in place, so that one word turns the verification on again.
        validation["trust_chain_verification"] = ACCEPT_UNTRUSTED
    return {
        "tls_params": _parameters(minimum),
        "alpn_protocols": ["http/1.1"],
        "validation_context": validation,
    }


def name_matcher(name: str) -> Message:
    """Matches the subject alternative names of a server that may answer as `name`.

    Envoy's exact DNS matcher lets a wildcard certificate cover one label. For a name of two labels that wildcard
    would be `*.test` or `*.com`, which no server should hold: a regular expression compares the text itself.
    """
    if is_ip(name):
        return {"san_type": "IP_ADDRESS", "matcher": {"exact": str(ipaddress.ip_address(name))}}
    if name.count(".") == 1:
        escaped = name.lower().replace(".", r"\.")
        return {"san_type": "DNS", "matcher": {"safe_regex": {"regex": f"(?i){escaped}"}}}
    return {"san_type": "DNS", "matcher": {"exact": name.lower()}}


def matched_name(matcher: Message) -> str:
    """The name that `name_matcher` was made for."""
    words = matcher["matcher"]
    if "exact" in words:
        return str(words["exact"])
    return str(words["safe_regex"]["regex"]).removeprefix("(?i)").replace(r"\.", ".")
