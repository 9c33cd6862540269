"""What the provider, or the bridge that makes it Pulumi's, gets wrong; one test or more for each trap.

Each is avoided by how the target declares its resources, or ends in an error that says what to do.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from lbpatterns.doubles.scaleway_lb import Double

from .client import ZONE, ScalewayAccount
from .cloud import Cloud

Build = Callable[..., Cloud]


def assert_settled(shop: Cloud) -> None:
    """Read again from Scaleway, there is nothing left to do."""
    shop.run("preview", "--refresh", "--expect-no-changes")


def urn(shop: Cloud, name: str) -> str:
    return str(shop.resources()[name]["urn"])


def fix_of(said: str) -> list[str]:
    """The command that a message gives, without `pulumi`."""
    (command,) = set(re.findall(r"pulumi (up --replace) '([^']+)'", said))
    return [*command[0].split(), command[1], "--yes", "--skip-preview"]


class TestReplacement:
    """What has to give up a port, an address or a certificate before, or after, its successor has it."""

    def test_a_frontend_frees_its_port_first(self, build: Build, account: ScalewayAccount) -> None:
        shop = build("small", routes=["api"], denied=[["203.0.113.0/24"]])
        shop.up()
        shop.writes()
        shop.change(backend="other")  # another default backend: the provider replaces the frontend
        shop.up()
        writes = shop.writes()
        assert writes.index("POST lbs/backends") < writes.index("DELETE frontends") < writes.index("POST lbs/frontends")
        assert writes.index("POST lbs/frontends") < writes.index("DELETE backends")
        assert len(account.frontends()) == len(account.acls(443)) == len(account.routes()) == 1
        assert_settled(shop)
        shop.destroy()
        assert shop.is_gone()

    def test_a_certificate_in_use_goes_after_its_successor(self, build: Build, account: ScalewayAccount) -> None:
        shop = build("small")
        shop.up()
        shop.writes()
        shop.change(certificates=["second_frontend"])
        shop.up()
        assert shop.writes() == ["POST lbs/certificates", "PUT frontends", "DELETE certificates"]
        assert_settled(shop)

    def test_a_replaced_load_balancer_keeps_its_addresses(self, build: Build, account: ScalewayAccount) -> None:
        shop = build("small", routes=["api"], denied=[["203.0.113.0/24"]], network={"ipv6": True})
        shop.up()
        before = {ip.ip_address for ip in account.load_balancer().ip}
        shop.writes()
        shop.up("--replace", urn(shop, "shop-lb"))
        writes = shop.writes()
        assert writes.index("DELETE lbs") < writes.index("POST lbs")
        assert not {"POST ips", "DELETE ips"} & {*writes}
        assert {ip.ip_address for ip in account.load_balancer().ip} == before
        assert len(account.frontends()) == len(account.acls(443)) == 1
        assert_settled(shop)
        shop.destroy()
        assert shop.is_gone()

    def test_an_address_is_added_and_the_first_one_kept(self, build: Build, account: ScalewayAccount) -> None:
        shop = build("small")
        shop.up()
        endpoint = shop.outputs()["endpoint"]
        shop.change(network={"ipv6": True})
        shop.up()
        assert shop.outputs()["endpoint"] == endpoint
        assert len(account.load_balancer().ip) == 2
        assert_settled(shop)
        shop.change(network=None)
        shop.up()
        assert shop.outputs()["endpoint"] == endpoint
        assert len(account.load_balancer().ip) == 1
        shop.destroy()
        assert shop.is_gone()

    def test_another_zone_is_another_load_balancer(self, build: Build, double: Double) -> None:
        """The provider compares the old address with the new zone, and says so; being told to replace, it does not."""
        shop = build("small", routes=["api"])
        shop.up()
        shop.writes()
        shop.set("lbpatterns:scaleway.zone", "fr-par-2", "--path")
        assert 'has different locality than the resource "fr-par-2"' in shop.failing_up()
        shop.up("--replace", urn(shop, "shop-lb"))
        writes = shop.writes()
        assert writes.index("DELETE lbs") < writes.index("POST lbs")
        there = {kind: count for kind, count in double.state().items() if count}
        assert there == {"ips": 1, "lbs": 1, "certificates": 1, "backends": 2, "frontends": 1, "routes": 1}
        assert {call["path"].split("/")[4] for call in double.log()[-5:]} == {"fr-par-2", "fr-par-1"}
        assert_settled(shop)
        shop.destroy()
        assert shop.is_gone()


class TestOrder:
    def test_a_backend_goes_after_what_refers_to_it(self, build: Build, account: ScalewayAccount) -> None:
        shop = build("small", routes=["api"])
        shop.up()
        shop.writes()
        shop.change(routes=[])
        shop.up()
        assert shop.writes() == ["DELETE routes", "DELETE backends"]
        assert_settled(shop)

    def test_a_backend_goes_after_its_route_has_another(self, build: Build) -> None:
        shop = build("small", routes=["api"])
        shop.up()
        shop.writes()
        shop.change(routes=["static"])
        shop.up()
        assert shop.writes() == ["POST lbs/backends", "PUT routes", "DELETE backends"]
        assert_settled(shop)

    def test_everything_comes_before_what_needs_it_and_goes_after(self, build: Build) -> None:
        shop = build("small", routes=["api"], denied=[["203.0.113.0/24"]], redirect=True)
        shop.up()
        rank = {"ips": 0, "lbs": 1, "lbs/certificates": 2, "lbs/backends": 2, "lbs/frontends": 3, "routes": 4}
        made = [rank[kind] for call, kind in map(str.split, shop.writes()) if call == "POST" and kind in rank]
        assert made == sorted(made)
        assert len(made) == 9
        shop.destroy()
        rank = {"routes": 0, "frontends": 1, "certificates": 2, "backends": 2, "lbs": 3, "ips": 4}
        gone = [rank[kind] for _, kind in map(str.split, shop.writes())]
        assert gone == sorted(gone)
        assert len(gone) == 9

    def test_no_frontend_is_touched_because_a_backend_changed(self, build: Build) -> None:
        shop = build("small", routes=["api"])
        shop.up()
        shop.writes()
        shop.change(servers=["10.0.0.7", "10.0.0.8"], checked="/up")
        shop.up()
        assert {write.split()[1].split("/")[0] for write in shop.writes()} == {"backends"}


class TestAccessRules:
    def test_they_outlive_a_change_of_their_frontend(self, build: Build, account: ScalewayAccount) -> None:
        """ACLs that are resources of their own are deleted by the provider whenever it changes their frontend."""
        shop = build("small", denied=[["203.0.113.0/24"], ["198.51.100.0/24"]], redirect=True)
        shop.up()
        before = {port: [acl.id for acl in account.acls(port)] for port in (443, 80)}
        assert [len(ids) for ids in before.values()] == [2, 3]
        shop.writes()
        shop.change(logs=True)
        shop.up()
        assert shop.writes() == ["PUT frontends"]
        assert {port: [acl.id for acl in account.acls(port)] for port in (443, 80)} == before
        assert_settled(shop)

    def test_they_are_for_both_address_families(self, build: Build, account: ScalewayAccount) -> None:
        shop = build("small", denied=[[]], redirect=True, network={"ipv6": True})
        shop.up()
        for acl in (*account.acls(443), *account.acls(80)):
            assert acl.match.ip_subnet == ["0.0.0.0/0", "::/0"]

    def test_one_that_somebody_removed_is_seen_and_put_back(self, build: Build, account: ScalewayAccount) -> None:
        shop = build("small", denied=[["203.0.113.0/24"], ["198.51.100.0/24"]])
        shop.up()
        account.api.delete_acl(acl_id=account.acls(443)[0].id, zone=ZONE)
        assert shop.refresh()["updated"] == 1
        shop.up()
        subnets = [acl.match.ip_subnet for acl in account.acls(443)]
        assert subnets == [["203.0.113.0/24"], ["198.51.100.0/24"]]
        assert_settled(shop)

    def test_one_that_somebody_added_is_seen_and_taken_out(self, build: Build, account: ScalewayAccount) -> None:
        shop = build("small")
        shop.up()
        frontend = account.frontend(443).id
        rule: dict[str, Any] = {"action": {"type": "deny"}, "match": {"ip_subnet": ["203.0.113.0/24"]}}
        _post(account, f"/frontends/{frontend}/acls", {"name": "by-hand", "index": 1, **rule})
        assert shop.refresh()["updated"] == 1
        shop.up()
        assert account.acls(443) == []
        assert_settled(shop)


class TestTakenAwayBehindPulumisBack:
    """The provider keeps in its state what a frontend has no more of: nobody would ever learn of it."""

    @pytest.mark.parametrize("what", ["certificates", "access rules"])
    def test_all_of_a_frontend(self, build: Build, account: ScalewayAccount, what: str) -> None:
        shop = build("small", denied=[["203.0.113.0/24"]])
        shop.up()
        if what == "certificates":
            _set_certificates(account, [])
        else:
            account.api.delete_acl(acl_id=account.acls(443)[0].id, zone=ZONE)
        assert "updated" not in shop.refresh()  # the trap
        said = shop.failing_up()
        assert f"the frontend has no {what} any more: they were taken away outside of Pulumi" in said
        assert "::shop-frontend-0" in said
        shop.run(*fix_of(said))
        assert len(account.frontend(443).certificate_ids) == len(account.acls(443)) == 1
        assert set(shop.up()) == {"unchanged"}
        assert_settled(shop)

    def test_what_cannot_be_asked_for_is_reported(self, build: Build, double: Double) -> None:
        shop = build("small")
        double.add_fault("forbidden", method="GET", path="/lbs/[^/]*/frontends$", times=1)
        said = shop.failing_up()
        assert "what was built could not be read back from Scaleway" in said
        assert "insufficient permissions" in said
        assert set(shop.up()) == {"unchanged"}

    def test_one_certificate_of_two_is_seen_by_a_refresh(self, build: Build, account: ScalewayAccount) -> None:
        shop = build("small", certificates=["frontend", "second_frontend"])
        shop.up()
        both = account.frontend(443).certificate_ids
        _set_certificates(account, both[:1])
        assert shop.refresh()["updated"] == 1
        shop.up()
        assert account.frontend(443).certificate_ids == both

    def test_a_backend(self, build: Build, account: ScalewayAccount) -> None:
        """A refresh fails on it; taken out of the state, it is built again."""
        shop = build("small", routes=["api"])
        shop.up()
        account.api.delete_route(route_id=account.routes()[0].id, zone=ZONE)
        account.api.delete_backend(backend_id=account.backend("shop-backend-api").id, zone=ZONE)
        ended = shop.try_run("refresh", "--yes", "--skip-preview")
        assert ended.returncode != 0
        assert "backend not Found" in ended.stdout
        assert "::shop-backend-api" in ended.stdout
        shop.run("state", "delete", urn(shop, "shop-backend-api"), "--target-dependents", "--yes")
        assert shop.up()["created"] == 2
        assert_settled(shop)
        shop.destroy()
        assert shop.is_gone()

    def test_the_load_balancer_with_all_it_holds(self, build: Build, account: ScalewayAccount) -> None:
        shop = build("small", denied=[["203.0.113.0/24"]])
        shop.up()
        endpoint = shop.outputs()["endpoint"]
        account.api.delete_lb(lb_id=account.load_balancer().id, release_ip=False, zone=ZONE)
        assert "backend not Found" in shop.try_run("refresh", "--yes", "--skip-preview").stdout
        shop.run("state", "delete", urn(shop, "shop-backend-web"), "--target-dependents", "--yes")
        shop.run("refresh", "--yes", "--skip-preview")
        shop.up()
        assert shop.outputs()["endpoint"] == endpoint
        assert_settled(shop)
        shop.destroy()
        assert shop.is_gone()


@pytest.mark.parametrize(
    ("method", "path", "after"),
    [
        ("GET", "/backends/", 0),
        ("GET", "/certificates/", 0),
        ("POST", "/frontends$", 0),
        ("GET", "/lbs/[^/]*$", 3),  # the first of those that wait for the load balancer on behalf of something on it
    ],
)
def test_what_is_forbidden_is_not_lost_silently(
    build: Build, double: Double, method: str, path: str, after: int
) -> None:
    """The provider takes some 403 for success without a result; the engine does not take that from it."""
    shop = build("small")
    double.add_fault("forbidden", method=method, path=path, times=1, after=after)
    said = shop.failing_up()
    if "insufficient permissions" not in said:
        assert "expected non-nil error with nil state during Create of urn" in said
        assert "could not be created: Scaleway forbids it (403)." in said
        assert "fix:   give the key LoadBalancersFullAccess in this project" in said
    shop.up()
    there = double.state()
    assert there["frontends"] == there["lbs"] == there["ips"] == 1
    assert shop.preview() == {}
    shop.destroy()
    assert shop.is_gone()


class TestNumbersAndSwitches:
    def test_the_transient_delay_is_half_a_second(self, build: Build, account: ScalewayAccount) -> None:
        """The provider sends a second and more as another number."""
        shop = build("small")
        shop.up()
        (backend,) = account.backends()
        assert backend.health_check.transient_check_delay == "0.500s"
        assert backend.timeout_queue == "0s"
        assert_settled(shop)

    def test_what_is_switched_off_is_sent(self, build: Build, account: ScalewayAccount) -> None:
        shop = build("small", http3=True, logs=True)
        shop.up()
        frontend = account.frontend(443)
        assert (frontend.enable_http3, frontend.enable_access_logs) == (True, True)
        shop.change(http3=None, logs=None)
        shop.up()
        frontend = account.frontend(443)
        assert (frontend.enable_http3, frontend.enable_access_logs) == (False, False)
        assert_settled(shop)

    def test_verification_is_switched_on_again(self, build: Build, account: ScalewayAccount) -> None:
        shop = build("bridged", skip=True)
        shop.up()
        assert account.backend("shop-backend-default").ignore_ssl_server_verify is True
        shop.change(skip=None)
        shop.up()
        backend = account.backend("shop-backend-default")
        assert (backend.ignore_ssl_server_verify, backend.ssl_bridging) == (False, True)
        assert_settled(shop)


class TestAddressesAndNetworks:
    def test_no_address_is_left_behind(self, build: Build, double: Double, account: ScalewayAccount) -> None:
        shop = build("small", network={"ipv6": True})
        shop.up()
        assert double.state()["ips"] == len(account.load_balancer().ip) == 2
        shop.destroy()
        assert double.state()["ips"] == 0

    def test_a_private_load_balancer_has_no_address(self, build: Build, double: Double) -> None:
        shop = build("private")
        shop.up()
        assert double.state()["ips"] == 0
        assert shop.outputs()["endpoint"].startswith("172.16.")
        assert_settled(shop)
        shop.destroy()
        assert double.state()["ips"] == double.state()["lbs"] == 0

    def test_a_private_network_that_cannot_be_attached_fails(self, build: Build, double: Double) -> None:
        shop = build("private")
        double.add_fault("attach_error")
        said = shop.failing_up()
        assert re.search("attaching private network with id: .* on error state", said)
        double.clear_faults()
        said = shop.failing_up()  # the provider takes the network for attached, and goes on without it
        assert "could not be attached to the private network fr-par/" in said
        assert "it is not there, and servers in it cannot be reached" in said
        assert "pulumi up --refresh" in said
        shop.up("--refresh")
        assert shop.outputs()["endpoint"].startswith("172.16.")
        assert_settled(shop)
        shop.destroy()
        assert double.state()["ips"] == double.state()["lbs"] == 0


def _set_certificates(account: ScalewayAccount, certificate_ids: list[str]) -> None:
    held = account.frontend(443)
    account.api.update_frontend(
        frontend_id=held.id,
        name=held.name,
        inbound_port=held.inbound_port,
        backend_id=held.backend.id,
        enable_http3=held.enable_http3,
        timeout_client=held.timeout_client,
        certificate_ids=certificate_ids,
        zone=ZONE,
    )


def _post(account: ScalewayAccount, path: str, body: dict[str, Any]) -> None:
    account.api._request("POST", f"/lb/v1/zones/{ZONE}{path}", body=body)
