"""The spec that Scaleway's words say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lbpatterns.core.plain import from_plain
from lbpatterns.core.spec import (
    PRIVATE_NETWORKS,
    Backend,
    Frontend,
    FrontendCertificate,
    LBSpec,
    LetsEncryptCertificate,
    Mode,
    PemCertificate,
    Route,
    RuleException,
    TLSVersion,
    UnknownServerName,
)
from lbpatterns.targets.scaleway.access import lift_rule
from lbpatterns.targets.scaleway.lift_backend import lift_backend
from lbpatterns.targets.scaleway.words import CLOSED, COMPATIBILITY, Reference, ScalewayConfiguration, Words, other_way


def lift(configuration: ScalewayConfiguration) -> LBSpec:
    """The spec that `render` was given: `lift(render(spec)) == spec`.

    But for spelling that means the same: names come back in lower case, a health check on the backend's own port
    without a port, and the status 200 as no status at all.
    """
    declared = configuration.declared
    mode = Mode(declared["mode"])
    backends = {
        key: lift_backend(key, words, mode, declared.get("backends", {}).get(key, {}))
        for key, words in configuration.backends.items()
        if key.startswith("backend-")
    }
    balancer = configuration.load_balancer
    return LBSpec(
        name=declared["name"],
        mode=mode,
        frontends=tuple(_frontends(configuration)),
        backend=backends[f"backend-{declared['default_backend']}"],
        routes=tuple(_routes(configuration, backends)),
        access=tuple(_access(configuration)),
        trusted_networks=tuple(declared.get("trusted_networks", PRIVATE_NETWORKS)),
        private_networks=tuple(network["private_network_id"] for network in balancer.get("private_networks", ())),
        public=balancer.get("assign_flexible_ip", True),
        ipv6=any(ip.get("is_ipv6", False) for ip in configuration.ips.values()),
        exceptions=from_plain(tuple[RuleException, ...], declared.get("exceptions", [])),
    )


def _frontends(configuration: ScalewayConfiguration) -> Iterator[Frontend]:
    version = other_way(COMPATIBILITY)[configuration.load_balancer["ssl_compatibility_level"]]
    for key, words in configuration.frontends.items():
        if key.startswith("frontend-"):
            redirect = configuration.frontends.get(f"redirect-{key.removeprefix('frontend-')}", {})
            yield _frontend(configuration, words, redirect.get("inbound_port"), version)


def _frontend(configuration: ScalewayConfiguration, words: Words, redirect_port: Any, version: TLSVersion) -> Frontend:
    certificates = tuple(_certificate(configuration, reference) for reference in words.get("certificate_ids", ()))
    answers = words["backend_id"]
    passthrough = Mode(configuration.declared["mode"]) is Mode.PASSTHROUGH
    lets_through = passthrough and answers != Reference("backends", CLOSED)
    return Frontend(
        port=words["inbound_port"],
        certificates=certificates,
        redirect_http_port=redirect_port,
        minimum_tls_version=version,
        unknown_server_name=UnknownServerName.DEFAULT_BACKEND if lets_through else UnknownServerName.CLOSE,
        http3=words.get("enable_http3", False),
        connection_rate_limit=words.get("connection_rate_limit"),
        access_logs=words.get("enable_access_logs", False),
    )


def _certificate(configuration: ScalewayConfiguration, reference: Reference) -> FrontendCertificate:
    words = configuration.certificates[reference.key]
    if "letsencrypt" in words:
        asked = words["letsencrypt"]
        names = tuple(asked.get("subject_alternative_names", ()))
        return LetsEncryptCertificate(common_name=asked["common_name"], subject_alternative_names=names)
    return PemCertificate(
        private_key_and_chain_pem=words["custom_certificate"]["certificate_chain"],
        ca_bundle_pem=configuration.declared.get("ca_bundle_pems", {}).get(reference.key),
    )


def _routes(configuration: ScalewayConfiguration, backends: Mapping[str, Backend]) -> Iterator[Route]:
    """Every frontend has the same routes; those of the first tell. Several with one number are one with many names."""
    by_number: dict[str, list[Words]] = {}
    for key, words in configuration.routes.items():
        if key.startswith("route-0-"):
            by_number.setdefault(key.split("-")[2], []).append(words)
    for group in by_number.values():
        first = group[0]
        yield Route(
            backend=backends[first["backend_id"].key],
            host=_name(first, "match_host_header"),
            path_prefix=first.get("match_path_begin"),
            server_names=tuple(_name(words, "match_sni") for words in group if "match_sni" in words),
        )


def _name(words: Words, kind: str) -> Any:
    if kind not in words:
        return None
    return f"*.{words[kind]}" if words.get("match_subdomains") is True else words[kind]


def _access(configuration: ScalewayConfiguration) -> Iterator[Any]:
    yield from (lift_rule(words) for words in configuration.frontends["frontend-0"].get("acls", ()))
