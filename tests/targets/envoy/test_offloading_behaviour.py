"""What the goldens cannot prove of HTTP: a real Envoy, real sockets, what clients and servers then see."""

from __future__ import annotations

import contextlib
import http.client
import http.server
import time
from dataclasses import replace

import pytest

from lbpatterns.core.spec import (
    PemCertificate,
    Route,
    Stickiness,
    StickinessKind,
    Timeouts,
)
from tests.targets.envoy.running import (
    CA,
    DEADLINE,
    LB_CERTIFICATES,
    RunningEnvoy,
    ask,
    free_port,
    hello,
    http_backend,
    offloaded,
    port_of,
    server,
)


def test_the_server_name_picks_the_certificate_and_the_first_answers_where_none_fits(envoy: RunningEnvoy) -> None:
    """Also without SNI, and whatever the certificates' order in time of arrival."""
    with server("a") as one:
        spec = offloaded(http_backend(one))
        envoy.apply(spec)
        presented = {name: ask(port_of(spec), name).names for name in ("blog.example.test", "other.test", None)}
    shop, blog = ("shop.example.test",), ("blog.example.test",)
    assert presented == {"blog.example.test": blog, "other.test": shop, None: shop}


def test_what_a_client_claims_about_itself_does_not_reach_the_server(envoy: RunningEnvoy) -> None:
    with server("a") as one:
        spec = offloaded(http_backend(one, timeouts=Timeouts(request=5.0)))
        envoy.apply(spec)
        one.delay = 0.05
        claims = {
            "X_Forwarded_Proto": "http",
            "X_Forwarded_For": "203.0.113.9",
            "X_Forwarded_Host": "evil.test",
            "X_Forwarded_Port": "1",
            "Forwarded": "for=203.0.113.9;proto=http",
            "X_Real_IP": "203.0.113.9",
            "X_Forwarded_Client_Cert": "By=evil",
            "X_Envoy_Upstream_Rq_Timeout_Ms": "1",
            "X_Envoy_Internal": "true",
        }
        answer = ask(port_of(spec), **claims)
        ambiguous = [
            ask(port_of(spec), Host=f"shop.example.test{more}").status for more in (",evil.test", "@evil.test")
        ]
    assert answer.status == 200  # and not 504, which a timeout of the client's own choice would have made it
    seen = answer.seen["headers"]
    assert seen.keys() == {"host", "x-forwarded-for", "x-forwarded-proto", "x-envoy-external-address"}
    assert seen["x-forwarded-proto"] == "https"
    # The client's claim stays, but what Envoy itself has seen stands last: the machine's own address, on loopback.
    assert seen["x-forwarded-for"].startswith("203.0.113.9,")
    assert ambiguous == [400, 400]


def test_plain_http_is_sent_to_https_with_the_same_host_and_path(envoy: RunningEnvoy) -> None:
    """The port of the redirect itself never gets into the location, and a POST stays a POST."""
    with server("a") as one:
        spec = offloaded(http_backend(one))
        redirect = free_port()
        envoy.apply(replace(spec, frontends=(replace(spec.frontends[0], redirect_http_port=redirect),)))
        connection = http.client.HTTPConnection("127.0.0.1", redirect, timeout=DEADLINE)
        with contextlib.closing(connection):
            connection.request("POST", "/cart?a=b", body=b"x", headers={"Host": f"shop.example.test:{redirect}"})
            response = connection.getresponse()
            response.read()
    assert response.status == 308
    assert response.headers["Location"] == f"https://shop.example.test:{port_of(spec)}/cart?a=b"


def test_routes_by_host_and_path_take_whole_segments_and_the_most_specific_wins(envoy: RunningEnvoy) -> None:
    with server("default") as rest, server("api") as api, server("static") as static, server("any") as any_host:
        routes = (
            Route(path_prefix="/static", backend=http_backend(static, name="static")),
            Route(host="*.example.test", backend=http_backend(any_host, name="any")),
            Route(host="API.example.test", path_prefix="/v1", backend=http_backend(api, name="api")),
        )
        spec = offloaded(http_backend(rest), routes=routes)
        envoy.apply(spec)
        asked = [
            ("api.example.test", "/v1"),
            ("api.example.test:8443", "/v1/x"),
            ("api.example.test", "/v10"),
            ("shop.example.test", "/static"),
            ("other.test", "/static/x"),
            ("other.test", "/staticx"),
        ]
        answered = [ask(port_of(spec), path=path, Host=host).seen["server"] for host, path in asked]
    assert answered == ["api", "api", "any", "any", "static", "default"]


def test_a_cookie_ties_a_client_to_its_server_until_that_is_gone(envoy: RunningEnvoy) -> None:
    with server("a") as one, server("b") as other:
        spec = offloaded(http_backend(one, other, stickiness=Stickiness(kind=StickinessKind.COOKIE, cookie_name="tie")))
        envoy.apply(spec)
        free = {ask(port_of(spec)).seen["server"] for _ in range(4)}
        first = ask(port_of(spec))
        name, *attributes = first.headers["Set-Cookie"].split("; ")
        tied = {ask(port_of(spec), Cookie=name).seen["server"] for _ in range(6)}
        spec = replace(spec, backend=replace(spec.backend, servers=(other.address,)))
        envoy.apply(spec)
        moved = ask(port_of(spec), Cookie=name)
    assert free == {"a", "b"}  # the balancing is still round robin
    assert tied == {first.seen["server"]}
    assert name.startswith("tie=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=Lax"} == {
        text.strip('"').replace('="', "=") for text in attributes
    }
    assert moved.seen["server"] == "b"


def test_a_source_address_ties_a_client_to_its_server(envoy: RunningEnvoy) -> None:
    with server("a") as one, server("b") as other:
        spec = offloaded(http_backend(one, other, stickiness=Stickiness(kind=StickinessKind.SOURCE_ADDRESS)))
        envoy.apply(spec)
        tied = {ask(port_of(spec)).seen["server"] for _ in range(6)}
    assert len(tied) == 1


def test_a_request_timeout_ends_a_slow_request_but_not_a_websocket(envoy: RunningEnvoy) -> None:
    with server("a") as one:
        spec = offloaded(http_backend(one, timeouts=Timeouts(request=0.3)))
        envoy.apply(spec)
        with hello(port_of(spec), "shop.example.test") as connection:
            upgrade = "Connection: Upgrade\r\nUpgrade: websocket"
            connection.sendall(f"GET / HTTP/1.1\r\nHost: shop.example.test\r\n{upgrade}\r\n\r\n".encode())
            assert connection.recv(65536).startswith(b"HTTP/1.1 101")
            time.sleep(0.6)
            connection.sendall(b"x")
            assert connection.recv(1) == b"x"
        one.delay = 0.6
        assert ask(port_of(spec)).status == 504


def test_listeners_clusters_and_secrets_change_while_envoy_runs(envoy: RunningEnvoy) -> None:
    """One connection stays open throughout: nothing is restarted."""
    with server("a") as one, server("b") as other:
        spec = offloaded(http_backend(one))
        envoy.apply(spec)
        port = port_of(spec)
        started = envoy.process
        with hello(port, "shop.example.test") as kept:
            renewed = CA.issue(["shop.example.test", "new.example.test"])
            certificate = PemCertificate(private_key_and_chain_pem=renewed.private_key_and_chain_pem)
            spec = replace(
                spec, frontends=(replace(spec.frontends[0], certificates=(certificate, LB_CERTIFICATES[1])),)
            )
            envoy.apply(spec)
            assert ask(port).names == ("shop.example.test", "new.example.test")
            envoy.apply(replace(spec, backend=http_backend(other)))
            assert ask(port).seen["server"] == "b"
            kept.sendall(b"GET / HTTP/1.1\r\nHost: shop.example.test\r\n\r\n")
            assert kept.recv(65536).startswith(b"HTTP/1.1 200")
            moved = replace(spec, frontends=(replace(spec.frontends[0], port=free_port()),))
            envoy.apply(moved)
            assert ask(port_of(moved)).seen["server"] == "a"
        with pytest.raises(ConnectionRefusedError):
            hello(port, "shop.example.test")
        assert envoy.process is started
        assert started is not None
        assert started.poll() is None
