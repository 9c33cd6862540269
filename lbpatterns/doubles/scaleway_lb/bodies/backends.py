"""Bodies of backends and their health checks."""

from typing import Annotated, Literal

from pydantic import Field

from lbpatterns.doubles.scaleway_lb.bodies.body import Body, Count, Duration, Page, Port, Words


class NoConfig(Body):
    """A check that has no settings."""


class UserConfig(Body):
    """A check that logs in to a database."""

    user: str


class HttpConfig(Body):
    """A check by an HTTP request. The uri may be anything: CAS:backend-health-check has `http://test.com/health`."""

    uri: str
    method: str = "GET"
    code: Annotated[int, Field(ge=100, le=599)] | None = None
    host_header: str = ""


class HttpsConfig(HttpConfig):
    """The same over TLS."""

    sni: str = ""


class HealthCheckBody(Body):
    """PUT /backends/{id}/healthcheck, and a part of POST /backends. No `*_config` means tcp_config (recorded)."""

    port: Port
    check_max_retries: Count
    check_send_proxy: bool = False
    check_delay: Duration | None = None
    check_timeout: Duration | None = None
    transient_check_delay: Duration | None = None
    tcp_config: NoConfig | None = None
    mysql_config: UserConfig | None = None
    pgsql_config: UserConfig | None = None
    ldap_config: NoConfig | None = None
    redis_config: NoConfig | None = None
    http_config: HttpConfig | None = None
    https_config: HttpsConfig | None = None


CONFIGS = ("tcp", "mysql", "pgsql", "ldap", "redis", "http", "https")


class BackendSettings(Body):
    """What create and update share."""

    forward_protocol: Literal["tcp", "http"] = "tcp"
    forward_port: Port
    forward_port_algorithm: Literal["roundrobin", "leastconn", "first"] = "roundrobin"
    sticky_sessions: Literal["none", "cookie", "table"] = "none"
    sticky_sessions_cookie_name: str = ""
    send_proxy_v2: bool | None = None
    timeout_server: Duration | None = None
    timeout_connect: Duration | None = None
    timeout_tunnel: Duration | None = None
    timeout_queue: Duration | None = None
    on_marked_down_action: Literal["on_marked_down_action_none", "shutdown_sessions"] | None = None
    proxy_protocol: (
        Literal[
            "proxy_protocol_unknown",
            "proxy_protocol_none",
            "proxy_protocol_v1",
            "proxy_protocol_v2",
            "proxy_protocol_v2_ssl",
            "proxy_protocol_v2_ssl_cn",
        ]
        | None
    ) = None
    failover_host: str | None = None
    ssl_bridging: bool | None = None
    ignore_ssl_server_verify: bool | None = None
    redispatch_attempt_count: Count | None = None
    max_retries: Count | None = None
    max_connections: Count | None = None
    host: str | None = None


class CreateBackend(BackendSettings):
    """POST /lbs/{id}/backends."""

    name: str | None = None
    health_check: HealthCheckBody
    server_ip: Words | None = None


class UpdateBackend(BackendSettings):
    """PUT /backends/{id}."""

    name: str


class Servers(Body):
    """POST, PUT and DELETE /backends/{id}/servers."""

    server_ip: Words


class ListBackendStats(Page):
    """GET /lbs/{id}/backend-stats."""

    backend_id: str | None = None
