"""The three components: what they register, what they refuse, and in which words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pulumi
import pytest

from lbpatterns import (
    BridgedBackendArgs,
    BridgedLB,
    BridgedLBArgs,
    CookieStickinessArgs,
    FrontendArgs,
    HTTPRouteArgs,
    OffloadedBackendArgs,
    OffloadedLB,
    OffloadedLBArgs,
    PassthroughBackendArgs,
    PassthroughFrontendArgs,
    PassthroughLB,
    PassthroughLBArgs,
    PemCertificateArgs,
    ServerCertificateArgs,
    SNIRouteArgs,
)
from lbpatterns.core.spec import (
    Backend,
    Frontend,
    HealthCheck,
    HealthProtocol,
    LBSpec,
    Mode,
    Protocol,
    Server,
    ServerCertificate,
)
from lbpatterns.core.target import Feature
from lbpatterns.pki import Authority, Issued, faulty_server_certificates

from .conftest import Engine, RecordingTarget

AHEAD = date.today() + timedelta(days=30)


def pem(issued: Issued) -> list[dict[str, Any]]:
    return [{"private_key_and_chain_pem": issued.private_key_and_chain_pem}]


def offloaded(issued: Issued, target: Any, **changes: Any) -> dict[str, Any]:
    backend = {"servers": ["10.0.0.20"], "port": 8080}
    return {"target": target, "frontends": [{"certificates": pem(issued)}], "backend": backend} | changes


def bridged(issued: Issued, target: RecordingTarget, **changes: Any) -> dict[str, Any]:
    backend = {"servers": ["10.0.0.20"], "port": 8443, "server_name": "backend.internal"}
    return {"target": target, "frontends": [{"certificates": pem(issued)}], "backend": backend} | changes


def passthrough(target: RecordingTarget, **changes: Any) -> dict[str, Any]:
    backend = {"servers": ["10.0.0.20"], "port": 8443, "certificate": {"names": ["secure.example.test"]}}
    return {"target": target, "frontends": [{}], "backend": backend} | changes


def refusal(build: Callable[[], object]) -> str:
    """The words of the `pulumi.RunError` that a declaration meets."""
    with pytest.raises(pulumi.RunError) as caught:
        build()
    return str(caught.value)


class TestShape:
    def test_the_example_of_the_design(self, engine: Engine, target: RecordingTarget, issued: Issued) -> None:
        """Models all the way: token, child, spec and outputs of a bridged load balancer."""

        def program() -> dict[str, Any]:
            shop = BridgedLB(
                "shop",
                BridgedLBArgs(
                    target=target,
                    frontends=[
                        FrontendArgs(
                            certificates=[
                                PemCertificateArgs(private_key_and_chain_pem=issued.private_key_and_chain_pem)
                            ],
                            redirect_http=True,
                        )
                    ],
                    backend=BridgedBackendArgs(
                        servers=["10.0.0.20", "10.0.0.21"], port=8443, server_name="backend.internal"
                    ),
                ),
            )
            return {"endpoint": shop.endpoint, "legs": shop.legs, "decrypts_at": shop.decrypts_at, "mode": shop.mode}

        seen = engine.run(program)
        types = [registered.typ for registered in engine.mocks.registered]
        assert types == ["lbpatterns:index:BridgedLB", "recorded:index:LoadBalancer"]
        assert [registered.name for registered in engine.mocks.registered] == ["shop", "shop-recorded"]
        assert seen["endpoint"] == "192.0.2.1:443"
        assert seen["decrypts_at"] == ("load-balancer", "server")
        assert [leg["name"] for leg in seen["legs"]] == [
            "frontend :443 shop.example.test",
            "frontend :80 redirect",
            "backend 10.0.0.20:8443",
            "backend 10.0.0.21:8443",
        ]
        assert seen["legs"][0]["leaf_sha256"] == issued.leaf_sha256

    def test_offloaded_spec(self, engine: Engine, target: RecordingTarget, issued: Issued) -> None:
        engine.run(lambda: {"x": OffloadedLB("shop", offloaded(issued, target)).endpoint})
        (spec,) = target.built
        assert (spec.mode, spec.backend.protocol, spec.backend.tls) == (Mode.OFFLOADED, Protocol.HTTP, False)
        assert spec.backend.health_check == HealthCheck(protocol=HealthProtocol.HTTP)

    def test_bridged_spec_derives_the_health_check(
        self, engine: Engine, target: RecordingTarget, issued: Issued
    ) -> None:
        """HTTPS, with the server name as Host, so that checks and traffic reach the same site."""
        engine.run(lambda: {"x": BridgedLB("shop", bridged(issued, target)).endpoint})
        (spec,) = target.built
        assert spec.backend.tls is True
        assert spec.backend.health_check == HealthCheck(protocol=HealthProtocol.HTTPS, host="backend.internal")

    def test_passthrough_spec(self, engine: Engine, target: RecordingTarget) -> None:
        engine.run(lambda: {"x": PassthroughLB("secure", passthrough(target)).endpoint})
        assert target.built == [
            LBSpec(
                name="secure",
                mode=Mode.PASSTHROUGH,
                frontends=(Frontend(port=443),),
                backend=Backend(
                    servers=(Server(address="10.0.0.20"),),
                    port=8443,
                    protocol=Protocol.TCP,
                    server_certificate=ServerCertificate(names=("secure.example.test",)),
                    health_check=HealthCheck(protocol=HealthProtocol.TCP),
                ),
            )
        ]

    def test_defaults_of_the_load_balancer_reach_every_backend(
        self, engine: Engine, target: RecordingTarget, issued: Issued
    ) -> None:
        other = OffloadedBackendArgs(servers=["10.0.1.1"], port=8081, balancing="round-robin")
        args = OffloadedLBArgs(
            target=target,
            frontends=[
                FrontendArgs(
                    certificates=[PemCertificateArgs(private_key_and_chain_pem=issued.private_key_and_chain_pem)]
                )
            ],
            backend=OffloadedBackendArgs(servers=["10.0.0.20"], port=8080),
            routes=[HTTPRouteArgs(host="blog.example.test", path_prefix="/new", backend=other)],
            balancing="least-connections",
            stickiness=CookieStickinessArgs(cookie_name="id"),
        )
        engine.run(lambda: {"x": OffloadedLB("shop", args).endpoint})
        (spec,) = target.built
        assert [str(backend.balancing) for backend in spec.backends] == ["least-connections", "round-robin"]
        assert [backend.stickiness and backend.stickiness.cookie_name for backend in spec.backends] == ["id", "id"]
        assert [backend.name for backend in spec.backends] == ["default", "route-0"]
        assert (spec.routes[0].host, spec.routes[0].path_prefix) == ("blog.example.test", "/new")

    def test_models_and_dictionaries_build_the_same(self, engine: Engine, target: RecordingTarget) -> None:
        models = PassthroughLBArgs(
            target=target,
            frontends=[PassthroughFrontendArgs()],
            backend=PassthroughBackendArgs(
                servers=["10.0.0.20"], port=8443, certificate=ServerCertificateArgs(names=["secure.example.test"])
            ),
            routes=[
                SNIRouteArgs(
                    server_names=["*.api.example.test"],
                    backend=PassthroughBackendArgs(
                        servers=["10.0.0.30"],
                        port=9443,
                        certificate=ServerCertificateArgs(names=["*.api.example.test"]),
                    ),
                )
            ],
        )
        plain = passthrough(
            target,
            routes=[
                {
                    "server_names": ["*.api.example.test"],
                    "backend": {
                        "servers": ["10.0.0.30"],
                        "port": 9443,
                        "certificate": {"names": ["*.api.example.test"]},
                    },
                }
            ],
        )
        engine.run(lambda: {"a": PassthroughLB("secure", models).endpoint})
        engine.run(lambda: {"b": PassthroughLB("secure", plain).endpoint})
        assert target.built[0] == target.built[1]

    def test_policies_see_the_declaration_without_keys(
        self, engine: Engine, target: RecordingTarget, issued: Issued
    ) -> None:
        engine.run(lambda: {"x": BridgedLB("shop", bridged(issued, target)).endpoint})
        component = engine.mocks.registered[0].inputs["spec"]
        assert component["mode"] == "bridged"
        assert component["backend"]["server_name"] == "backend.internal"
        assert "PRIVATE KEY" not in repr(component)


class TestOutputs:
    def test_every_data_field_takes_an_output(self, engine: Engine, target: RecordingTarget, issued: Issued) -> None:
        def later(value: Any) -> Any:
            return pulumi.Output.from_input(value)

        args = {
            "target": target,
            "frontends": [
                {
                    "port": later(8443),
                    "certificates": [{"private_key_and_chain_pem": later(issued.private_key_and_chain_pem)}],
                }
            ],
            "backend": {
                "servers": [later("10.0.0.20"), {"address": later("10.0.0.21")}],
                "port": later(9443),
                "server_name": later("backend.internal"),
                "timeouts": {"connect": later(1.5)},
                "health_check": {"path": later("/healthz")},
            },
        }
        seen = engine.run(lambda: {"endpoint": BridgedLB("shop", args).endpoint})
        assert seen["endpoint"] == "192.0.2.1:8443"
        spec = engine.mocks.registered[1].inputs["spec"]["value"]  # the mocks mark all of it secret for the key in it
        assert [server["address"] for server in spec["backend"]["servers"]] == ["10.0.0.20", "10.0.0.21"]
        assert spec["backend"]["health_check"]["path"] == "/healthz"

    def test_what_turns_out_wrong_is_refused_before_it_is_built(
        self, engine: Engine, target: RecordingTarget, issued: Issued
    ) -> None:
        """An address that was not known when the program ran, and is public."""
        args = offloaded(issued, target, backend={"servers": [pulumi.Output.from_input("203.0.113.7")], "port": 8080})
        with pytest.raises(pulumi.RunError, match="offloaded-only-on-a-trusted-network"):
            engine.run(lambda: {"x": OffloadedLB("shop", args).endpoint})
        assert [registered.typ for registered in engine.mocks.registered] == ["lbpatterns:index:OffloadedLB"]

    def test_what_turns_out_misshapen_is_refused_in_the_same_words(
        self, engine: Engine, target: RecordingTarget, issued: Issued
    ) -> None:
        backend = {"servers": ["10.0.0.20"], "port": pulumi.Output.from_input(70000)}
        with pytest.raises(pulumi.RunError, match=r"backend.port: expected less than or equal to 65535, found 70000"):
            engine.run(lambda: {"x": OffloadedLB("shop", offloaded(issued, target, backend=backend)).endpoint})

    def test_a_preview_with_unknown_values_is_no_error(
        self, engine: Engine, target: RecordingTarget, issued: Issued
    ) -> None:
        from pulumi.runtime.rpc import UNKNOWN

        unknown = pulumi.Output.from_input(UNKNOWN)
        args = offloaded(issued, target, backend={"servers": [unknown], "port": 8080})
        engine.run(lambda: {"x": OffloadedLB("shop", args).endpoint}, preview=True)
        assert len(engine.mocks.registered) == 2

    def test_a_list_that_is_an_output_is_refused_with_the_way_out(
        self, target: RecordingTarget, issued: Issued
    ) -> None:
        args = offloaded(issued, target, backend={"servers": pulumi.Output.from_input(["10.0.0.1"]), "port": 8080})
        words = refusal(lambda: OffloadedLB("shop", args))
        assert "backend.servers: a list is needed here; its items may be Outputs, the list itself may not" in words


class TestRefusals:
    def test_all_violations_at_once(self, target: RecordingTarget, issued: Issued) -> None:
        backend = {"servers": ["203.0.113.7", "198.51.100.1"], "port": 8080}
        words = refusal(lambda: OffloadedLB("shop", offloaded(issued, target, frontends=[{}], backend=backend)))
        assert words.startswith("OffloadedLB 'shop' is not built: 3 problems\n")
        assert "offloaded-frontend-holds-a-certificate" in words
        assert "backend.servers[0].address: 203.0.113.7 is in none of the trusted networks" in words
        assert "backend.servers[1].address: 198.51.100.1 is in none of the trusted networks" in words
        assert target.built == []

    def test_an_argument_of_another_mode_is_answered_with_its_rule(
        self, target: RecordingTarget, issued: Issued
    ) -> None:
        backend = {
            "servers": ["10.0.0.20"],
            "port": 8443,
            "certificate": {"names": ["secure.example.test"]},
            "server_name": "backend.internal",
            "client_certificate": pem(issued)[0],
            "stickiness": {"kind": "cookie", "cookie_name": "id"},
        }
        words = refusal(
            lambda: PassthroughLB(
                "secure", passthrough(target, backend=backend, frontends=[{"certificates": pem(issued)}])
            )
        )
        assert words.startswith("PassthroughLB 'secure' is not built:\n")
        for rule in (
            "passthrough-frontend-holds-no-certificate",
            "passthrough-backend-has-tls-off",
            "passthrough-load-balancer-holds-no-private-key",
            "passthrough-has-no-cookie-stickiness",
        ):
            assert words.count(rule) == 1
        assert "extra" not in words.lower()
        assert "PRIVATE KEY" not in words

    def test_models_of_another_mode_are_answered_the_same(self, issued: Issued) -> None:
        held = PemCertificateArgs(private_key_and_chain_pem=issued.private_key_and_chain_pem)
        frontend: Any = FrontendArgs(certificates=[held])
        words = refusal(
            lambda: PassthroughLBArgs(
                frontends=[frontend], backend=PassthroughBackendArgs(servers=["10.0.0.20"], port=8443)
            )
        )
        assert "passthrough-frontend-holds-no-certificate" in words

    def test_a_misspelt_argument_is_named(self, target: RecordingTarget, issued: Issued) -> None:
        words = refusal(lambda: OffloadedLB("shop", offloaded(issued, target, rotes=[])))
        assert "rotes: there is no such argument here; is it misspelt, or meant for another mode?" in words

    def test_a_wrong_value_is_named_and_a_key_is_not(self, target: RecordingTarget, issued: Issued) -> None:
        frontends = [{"port": "https", "certificates": [{"private_key_and_chain_pem": [issued.private_key_pem]}]}]
        words = refusal(lambda: OffloadedLB("shop", offloaded(issued, target, frontends=frontends)))
        assert "frontends[0].port: expected a valid integer, found 'https'" in words
        assert "private_key_and_chain_pem: expected a valid string, found list" in words
        assert "PRIVATE KEY" not in words

    @pytest.mark.parametrize("fault", ["expired", "not yet valid"])
    def test_a_certificate_that_no_client_accepts(
        self, target: RecordingTarget, authority: Authority, fault: str
    ) -> None:
        broken = faulty_server_certificates(authority, "shop.example.test")[fault]
        words = refusal(lambda: OffloadedLB("shop", offloaded(broken, target)))
        assert "frontends[0].certificates[0].private_key_and_chain_pem" in words
        assert "PRIVATE KEY" not in words

    def test_a_key_that_belongs_to_another_certificate(
        self, target: RecordingTarget, authority: Authority, issued: Issued
    ) -> None:
        mixed = authority.issue(["shop.example.test"]).private_key_pem + issued.chain_pem
        frontends = [{"certificates": [{"private_key_and_chain_pem": mixed}]}]
        words = refusal(lambda: OffloadedLB("shop", offloaded(issued, target, frontends=frontends)))
        assert "frontends[0].certificates[0].private_key_and_chain_pem" in words
        assert "PRIVATE KEY" not in words

    def test_what_the_target_cannot_do_is_an_error_with_the_way_out(self, issued: Issued, authority: Authority) -> None:
        lesser = RecordingTarget(supports=frozenset(Feature) - {Feature.CUSTOM_CA})
        backend = {
            "servers": ["10.0.0.20"],
            "port": 8443,
            "server_name": "backend.internal",
            "ca_bundle_pem": authority.certificate_pem,
        }
        words = refusal(lambda: BridgedLB("shop", bridged(issued, lesser, backend=backend)))
        assert "backend: target `recording` cannot do a trust anchor of your own on the backend leg." in words
        assert "Use a publicly trusted certificate." in words
        assert lesser.built == []

    def test_neither_model_nor_dictionary(self) -> None:
        args: Any = 3
        words = refusal(lambda: OffloadedLB("shop", args))
        assert words == "OffloadedLB 'shop': expected OffloadedLBArgs or a dictionary of its arguments, found int"

    def test_an_empty_list_of_frontends(self, target: RecordingTarget, issued: Issued) -> None:
        words = refusal(lambda: OffloadedLB("shop", offloaded(issued, target, frontends=[])))
        assert "frontends: at least one is required" in words


class TestExceptions:
    def test_a_waived_rule_is_built_and_said(
        self, engine: Engine, target: RecordingTarget, issued: Issued, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        said: list[str] = []
        monkeypatch.setattr(pulumi.log, "warn", lambda words, resource=None: said.append(words))
        args = offloaded(
            issued,
            target,
            backend={"servers": ["203.0.113.7"], "port": 8080},
            exceptions=[
                {"rule": "offloaded-only-on-a-trusted-network", "reason": "a lab", "expires": AHEAD.isoformat()}
            ],
        )
        engine.run(lambda: {"x": OffloadedLB("shop", args).endpoint})
        assert len(target.built) == 1
        assert [words.split(", because: ")[1] for words in said] == ["a lab"]
        assert said[0].startswith(f"waived until {AHEAD}: offloaded-only-on-a-trusted-network at backend.servers[0]")

    def test_skipped_verification_is_said_in_words(
        self, engine: Engine, target: RecordingTarget, issued: Issued, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        said: list[str] = []
        monkeypatch.setattr(pulumi.log, "warn", lambda words, resource=None: said.append(words))
        backend = {
            "servers": ["10.0.0.20"],
            "port": 8443,
            "server_name": "backend.internal",
            "insecure_skip_verify": {"reason": "the appliance is replaced in June", "until": AHEAD},
        }
        engine.run(lambda: {"x": BridgedLB("shop", bridged(issued, target, backend=backend)).endpoint})
        assert target.built[0].backend.verify_server_certificate is False
        assert said == [
            f"backend: its servers are NOT VERIFIED until {AHEAD}, because: the appliance is replaced in June"
        ]

    def test_advice_is_said_and_does_not_stop_anything(
        self, engine: Engine, target: RecordingTarget, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        said: list[str] = []
        monkeypatch.setattr(pulumi.log, "warn", lambda words, resource=None: said.append(words))
        backend = {
            "servers": ["10.0.0.20", "10.0.0.21"],
            "port": 8443,
            "certificate": {"names": ["secure.example.test"]},
        }
        engine.run(lambda: {"x": PassthroughLB("secure", passthrough(target, backend=backend)).endpoint})
        assert len(target.built) == 1
        assert [words.splitlines()[0] for words in said] == ["advised: passthrough-sessions-are-kept-or-shared"]

    def test_what_was_said_is_not_said_again_when_all_is_known(
        self, engine: Engine, target: RecordingTarget, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        said: list[str] = []
        monkeypatch.setattr(pulumi.log, "warn", lambda words, resource=None: said.append(words))
        servers = ["10.0.0.20", pulumi.Output.from_input("10.0.0.21")]
        backend = {"servers": servers, "port": 8443, "certificate": {"names": ["secure.example.test"]}}
        engine.run(lambda: {"x": PassthroughLB("secure", passthrough(target, backend=backend)).endpoint})
        assert [words.splitlines()[0] for words in said] == ["advised: passthrough-sessions-are-kept-or-shared"]


class TestTarget:
    def test_an_unknown_name_lists_those_installed(self, issued: Issued) -> None:
        words = refusal(lambda: OffloadedLB("shop", offloaded(issued, "envoi")))
        assert words.startswith("there is no target 'envoi'. Installed: envoy")

    def test_none_chosen_says_how_to_choose(self, issued: Issued) -> None:
        words = refusal(lambda: OffloadedLB("shop", offloaded(issued, None)))
        assert "pulumi config set lbpatterns:target NAME" in words
        assert "Installed: envoy" in words

    def test_the_configuration_chooses(self, issued: Issued) -> None:
        pulumi.runtime.set_all_config({"lbpatterns:target": "nothing-of-that-name"})
        try:
            words = refusal(lambda: OffloadedLB("shop", offloaded(issued, None)))
        finally:
            pulumi.runtime.set_all_config({})
        assert "there is no target 'nothing-of-that-name'" in words

    def test_something_that_is_no_target(self, issued: Issued) -> None:
        words = refusal(lambda: OffloadedLB("shop", offloaded(issued, 3)))
        assert "target: expected a name or a target" in words


def test_keys_are_secret_also_when_given_in_clear(engine: Engine, target: RecordingTarget, issued: Issued) -> None:
    secret: list[bool] = []

    def program() -> dict[str, Any]:
        shop = OffloadedLB("shop", offloaded(issued, target))
        key: Any = target.built[0].frontends[0].pem_certificates[0].private_key_and_chain_pem

        async def ask() -> None:
            secret.append(await key.is_secret())

        return {"x": shop.endpoint, "asked": pulumi.Output.from_input(ask())}

    engine.run(program)
    assert secret == [True]


def test_arguments_print_no_key(issued: Issued) -> None:
    args = PemCertificateArgs(private_key_and_chain_pem=issued.private_key_and_chain_pem)
    assert "PRIVATE KEY" not in repr(args)
    assert "PRIVATE KEY" not in str(args)
