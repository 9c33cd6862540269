"""What changes in place, what is replaced, and what somebody changed behind Pulumi's back."""

from __future__ import annotations

from collections.abc import Callable

from lbpatterns.doubles.scaleway_lb import Double

from .client import ZONE, ScalewayAccount
from .cloud import Cloud

Build = Callable[..., Cloud]


def ids(stack: Cloud) -> dict[str, str]:
    """The ids of everything that is not the component."""
    return {name: held["id"] for name, held in stack.resources().items() if "id" in held}


def test_offloading_to_bridging_and_back_is_one_update_of_the_backend(build: Build, account: ScalewayAccount) -> None:
    stack = build("any_mode", mode="offloaded")
    stack.up()
    before = ids(stack)
    stack.writes()
    for mode, tls, port in (("bridged", True, 8443), ("offloaded", False, 8080)):
        stack.set("shop:mode", mode)
        assert stack.preview() == {"shop": "update", "shop-backend-default": "update"}
        stack.up()
        assert {call.split("/")[0] for call in stack.writes()} == {"PUT backends"}
        backend = account.backend("shop-backend-default")
        assert (backend.ssl_bridging, backend.forward_port) == (tls, port)
        assert (backend.health_check.https_config is not None) is tls
        assert (backend.host or "") == ("web.example.com" if tls else "")
        assert stack.refresh() == {"unchanged": len(stack.resources()) + 1}
    assert ids(stack) == before


def test_to_passthrough_and_back_keeps_address_and_port(build: Build, account: ScalewayAccount) -> None:
    stack = build("any_mode", mode="bridged")
    stack.up()
    before = ids(stack)
    stack.set("shop:mode", "passthrough")
    planned = stack.preview()
    assert planned.pop("shop-certificate-0-0") == "delete"
    assert set(planned.values()) == {"update"}
    stack.up()
    assert account.frontend(443).certificate_ids == []
    assert account.backend("shop-backend-default").forward_protocol == "tcp"
    after = ids(stack)
    assert after.items() <= before.items()
    stack.set("shop:mode", "bridged")
    stack.up()
    assert len(account.frontend(443).certificate_ids) == 1
    assert after.items() <= ids(stack).items()


def test_passthrough_closes_what_nobody_declared_and_redirects_plain_http(
    build: Build, account: ScalewayAccount
) -> None:
    """On backends of their own, without servers; declared names are routed to those that have some."""
    stack = build("any_mode", mode="passthrough", unknown="close", redirect=True)
    stack.up()
    ending, redirecting = account.frontend(443), account.frontend(80)
    assert (ending.backend.forward_protocol, ending.backend.pool) == ("tcp", [])
    assert (redirecting.backend.forward_protocol, redirecting.backend.pool) == ("http", [])
    (rule,) = account.acls(80)
    assert (rule.action.redirect.target, rule.match.ip_subnet) == ("https", ["0.0.0.0/0", "::/0"])
    (route,) = account.routes()
    assert (route.match.sni, route.frontend_id) == ("shop.example.test", ending.id)
    assert route.backend_id == account.backend("shop-backend-default").id
    stack.set("shop:unknown", "default-backend")
    stack.up()
    assert account.frontend(443).backend.pool == ["10.0.0.20"]
    assert account.routes() == []
    stack.destroy()
    assert stack.is_gone()


def test_ports_and_servers_change_in_place(build: Build, account: ScalewayAccount) -> None:
    stack = build("any_mode", mode="offloaded")
    stack.up()
    before = ids(stack)
    stack.set("shop:port", "8443")
    stack.set("shop:servers", '["10.0.0.21", "10.0.0.22"]')
    assert set(stack.preview().values()) == {"update"}
    stack.up()
    assert [frontend.inbound_port for frontend in account.frontends()] == [8443]
    assert account.backend("shop-backend-default").pool == ["10.0.0.21", "10.0.0.22"]
    assert ids(stack) == before


def test_a_new_certificate_is_there_before_the_old_one_goes(build: Build, account: ScalewayAccount) -> None:
    """Clients see the old one or the new one, and Scaleway deletes none that is in use."""
    stack = build("any_mode", mode="bridged")
    stack.up()
    (old,) = account.frontend(443).certificate_ids
    stack.writes()
    stack.set("shop:certificate", "other")
    planned = stack.preview()
    assert planned["shop-certificate-0-0"] in {"replace", "create-replacement"}
    stack.up()
    assert stack.writes() == ["POST lbs/certificates", "PUT frontends", "DELETE certificates"]
    (new,) = account.frontend(443).certificate_ids
    assert new != old


def test_a_change_behind_pulumis_back_is_found_and_taken_back(build: Build, account: ScalewayAccount) -> None:
    stack = build("any_mode", mode="bridged")
    stack.up()
    backend = account.backend("shop-backend-default")
    account.api.update_backend(
        zone=ZONE,
        backend_id=backend.id,
        name=backend.name,
        forward_protocol=backend.forward_protocol,
        forward_port=backend.forward_port,
        forward_port_algorithm=backend.forward_port_algorithm,
        sticky_sessions=backend.sticky_sessions,
        sticky_sessions_cookie_name="",
        on_marked_down_action=backend.on_marked_down_action,
        proxy_protocol=backend.proxy_protocol,
        ssl_bridging=True,
        ignore_ssl_server_verify=True,  # what nobody would notice: the servers are not verified any more
        host=backend.host,
    )
    account.api.set_backend_servers(zone=ZONE, backend_id=backend.id, server_ip=["10.0.0.66"])
    assert stack.preview() == {}  # Pulumi compares with what it wrote last
    assert stack.refresh()["updated"] == 1
    assert stack.preview() == {"shop-backend-default": "update"}
    stack.up()
    mended = account.backend("shop-backend-default")
    assert (mended.pool, mended.ignore_ssl_server_verify) == (["10.0.0.20"], False)
    assert mended.host == "web.example.com"
    assert stack.refresh() == {"unchanged": len(stack.resources()) + 1}


def test_a_frontend_that_somebody_deleted_is_built_again(
    build: Build, account: ScalewayAccount, double: Double
) -> None:
    stack = build("any_mode", mode="offloaded")
    stack.up()
    account.api.delete_frontend(zone=ZONE, frontend_id=account.frontend(443).id)
    stack.refresh()
    assert stack.preview()["shop-frontend-0"] == "create"
    stack.up()
    assert len(account.frontend(443).certificate_ids) == 1
    stack.destroy()
    assert not any(double.state().values())
