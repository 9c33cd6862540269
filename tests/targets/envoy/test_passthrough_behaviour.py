"""What the goldens cannot prove of passthrough: where a real Envoy leads a ClientHello, and what it closes."""

from __future__ import annotations

import contextlib
import socket
import ssl
from dataclasses import replace
from typing import Any

import pytest

from lbpatterns.core.spec import (
    Backend,
    Frontend,
    HealthCheck,
    HealthProtocol,
    LBSpec,
    Mode,
    Protocol,
    ProxyProtocol,
    Route,
    Server,
    ServerCertificate,
    UnknownServerName,
)
from tests.targets.envoy.running import (
    CA,
    DEADLINE,
    AnsweringServer,
    RunningEnvoy,
    ask,
    free_port,
    hello,
    http_backend,
    port_of,
    server,
    until,
)


def passthrough_backend(one: AnsweringServer, *names: str, **fields: Any) -> Backend:
    certificate = ServerCertificate(names=names, ca_bundle_pem=CA.certificate_pem) if names else None
    return http_backend(one, **{"protocol": Protocol.TCP, "server_certificate": certificate, **fields})


def is_closed(port: int, sni: str | None) -> bool:
    try:
        hello(port, sni).close()
    except (ssl.SSLEOFError, ConnectionResetError):
        return True
    return False


def is_closed_in_clear(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: shop.example.test\r\n\r\n")
        try:
            return plain.recv(1) == b""
        except ConnectionResetError:
            return True


def test_passthrough_routes_by_server_name_and_closes_what_nobody_declared(envoy: RunningEnvoy) -> None:
    shop, wild = CA.issue(["shop.example.test"]), CA.issue(["*.wild.test"])
    with server("default", shop) as rest, server("routed", wild) as routed:
        https = HealthCheck(protocol=HealthProtocol.HTTPS, interval=0.05, timeout=1.0)
        backend = passthrough_backend(rest, "shop.example.test", health_check=https)
        route = Route(server_names=("*.wild.test",), backend=passthrough_backend(routed, "*.wild.test", name="wild"))
        frontend = Frontend(port=free_port())
        spec = LBSpec(name="t", mode=Mode.PASSTHROUGH, frontends=(frontend,), backend=backend, routes=(route,))
        envoy.apply(spec)
        port = port_of(spec)
        until(lambda: not is_closed(port, "shop.example.test"), "the HTTPS check has passed")
        answers = [ask(port, name) for name in ("SHOP.example.test", "a.wild.test")]
        closed = [is_closed(port, name) for name in ("undeclared.invalid", None)]
        through = replace(frontend, unknown_server_name=UnknownServerName.DEFAULT_BACKEND)
        envoy.apply(replace(spec, frontends=(through,)))
        let_through = [ask(port, name).seen["server"] for name in ("undeclared.invalid", None)]
        in_clear = is_closed_in_clear(port)
    assert [answer.seen["server"] for answer in answers] == ["default", "routed"]
    assert [answer.names for answer in answers] == [("shop.example.test",), ("*.wild.test",)]
    assert closed == [True, True]
    assert let_through == ["default", "default"]
    assert in_clear, "what is no TLS is closed, also where unknown names are let through"


@pytest.mark.parametrize("version", [ProxyProtocol.V1, ProxyProtocol.V2])
def test_the_proxy_header_comes_first_then_what_the_client_sent(envoy: RunningEnvoy, version: ProxyProtocol) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(DEADLINE)
        port = listening.getsockname()[1]
        backend = Backend(
            servers=(Server(address="127.0.0.1"),),
            port=port,
            protocol=Protocol.TCP,
            server_certificate=ServerCertificate(names=("shop.example.test",)),
            proxy_protocol=version,
        )
        spec = LBSpec(name="t", mode=Mode.PASSTHROUGH, frontends=(Frontend(port=free_port()),), backend=backend)
        envoy.apply(spec)
        context, incoming, outgoing = ssl.create_default_context(), ssl.MemoryBIO(), ssl.MemoryBIO()
        with contextlib.suppress(ssl.SSLWantReadError):
            context.wrap_bio(incoming, outgoing, server_hostname="shop.example.test").do_handshake()
        client_hello = outgoing.read()
        with socket.create_connection(("127.0.0.1", port_of(spec)), timeout=DEADLINE) as client:
            client.sendall(client_hello)
            accepted, _ = listening.accept()
            with accepted:
                accepted.settimeout(DEADLINE)
                received = b""
                while not received.endswith(client_hello):
                    received += accepted.recv(65536)
            source = client.getsockname()[1]
    header = received.removesuffix(client_hello)
    if version is ProxyProtocol.V1:
        assert header == f"PROXY TCP4 127.0.0.1 127.0.0.1 {source} {port_of(spec)}\r\n".encode()
    else:
        assert header[:14] == b"\r\n\r\n\x00\r\nQUIT\n\x21\x11"
        assert header[24:28] == source.to_bytes(2) + port_of(spec).to_bytes(2)
