"""Certificates of Let's Encrypt: after the DNS record, and never a frontend with one that was not issued."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable

from lbpatterns.doubles.scaleway_lb import Double

from .client import ZONE, ScalewayAccount
from .cloud import Cloud

Build = Callable[..., Cloud]

NAME = "shop.example.test"


def certificates(account: ScalewayAccount) -> list[tuple[str, str]]:
    found = account.api.list_certificates_all(lb_id=account.load_balancer().id, zone=ZONE)
    return [(one.common_name, str(one.status)) for one in found]


def address(shop: Cloud) -> str:
    return str(shop.resources()["ip"]["outputs"]["ipAddress"])


def test_the_name_of_the_address_itself(build: Build, account: ScalewayAccount, double: Double) -> None:
    shop = build("lets_encrypt")
    shop.up()
    assert certificates(account) == [(address(shop).replace(".", "-") + ".lb.fr-par.scw.cloud", "ready")]
    assert len(account.frontend(443).certificate_ids) == 1
    assert account.frontend(80).certificate_ids == []
    assert account.frontend(80).backend.forward_protocol == "http"  # a TCP frontend on 80 would forbid the certificate
    assert shop.preview() == {}
    shop.destroy()
    assert shop.is_gone()


def test_it_is_ordered_after_the_record_and_delivered_before_the_frontend(build: Build, double: Double) -> None:
    """The record takes its time; the load balancer and its backends do not wait for it, the certificate does."""
    shop = build("lets_encrypt")
    double.add_fault("slow", method="POST", path="/vpcs$", seconds=1.5)
    shop.up()
    calls = [f"{call['method']} {call['path'].rsplit('/', 1)[1]}" for call in double.log()]
    record, certificate = calls.index("POST vpcs"), calls.index("POST certificates")
    assert calls.index("POST backends") < record < certificate
    frontends = [index for index, call in enumerate(calls) if call == "POST frontends"]
    assert frontends[0] < record  # the redirect needs no certificate, and port 80 answers Let's Encrypt
    assert certificate < frontends[1]


def test_a_name_that_does_not_resolve_is_reported_and_the_next_run_heals(
    build: Build, account: ScalewayAccount, double: Double
) -> None:
    shop = build("lets_encrypt", name=NAME, more=["www." + NAME])
    said = shop.failing_up()
    assert f"{NAME} does not resolve to your Load Balancer IP" in said
    assert [frontend.inbound_port for frontend in account.frontends()] in ([80], [])
    for name in (NAME, "www." + NAME):
        double.register_name(name, address(shop))
    shop.up()
    assert certificates(account) == [(NAME, "ready")]
    assert shop.preview() == {}
    shop.destroy()
    assert shop.is_gone()


def test_one_that_was_not_issued_fails_with_the_way_out(build: Build, account: ScalewayAccount, double: Double) -> None:
    """The provider warns, and goes on."""
    shop = build("lets_encrypt", name=NAME)
    shop.failing_up()
    double.register_name(NAME, address(shop))
    double.add_fault("letsencrypt_error", times=1)
    said = shop.failing_up()
    assert f"the certificate for {NAME} is not issued: its status is 'error'" in said
    assert f"{NAME} has to resolve to {address(shop)} before the certificate is created" in said
    assert [frontend.inbound_port for frontend in account.frontends()] in ([80], [])
    assert certificates(account) == [(NAME, "error")]
    assert "is not issued" in shop.failing_up()  # it stays an error: nothing goes on without the certificate
    (command,) = set(re.findall(r"`pulumi (up --replace '[^']+')`", said))
    shop.run(*shlex.split(command), "--yes", "--skip-preview")
    assert certificates(account) == [(NAME, "ready")]
    assert len(account.frontend(443).certificate_ids) == 1
    assert shop.preview() == {}
    shop.destroy()
    assert shop.is_gone()
