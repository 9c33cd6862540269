"""Inputs are put into one form, and everything wrong with them is said before anything is built."""

from collections.abc import Callable

from lbpatterns.core.spec import UNKNOWN
from lbpatterns.pki.authority import Issued
from lbpatterns.targets.envoy.engine import Engine

from .conftest import Plain

Checked = Callable[..., Plain]
Spec = Callable[..., Plain]
FreePort = Callable[[], int]


class TestCheck:
    def problems(self, engine: Engine, **given: object) -> dict[str, str]:
        return dict(engine.check({}, given, resource_name="shop", random_seed=b"seed").problems)

    def test_defaults_and_a_name_are_filled_in_and_the_name_is_kept(self, engine: Engine, offloaded: Spec) -> None:
        first = engine.check({}, {"spec": offloaded(443)}, resource_name="my shop/é", random_seed=b"\x12\x34\x56\x78")
        assert {**first.inputs, "spec": None} == {
            "name": "my-shop-1234567", "spec": None, "bind_address": "127.0.0.1", "concurrency": 2
        }  # fmt: skip
        later = engine.check(first.inputs, {"spec": offloaded(443)}, resource_name="my shop/é", random_seed=b"other")
        assert later.inputs["name"] == first.inputs["name"]

    def test_a_spec_that_says_a_default_is_the_same_as_one_that_does_not(self, engine: Engine, offloaded: Spec) -> None:
        spec = offloaded(443)
        spec["backend"]["balancing"] = "round-robin"
        answer = engine.check({}, {"spec": spec, "name": "x"}, resource_name="x", random_seed=b"")
        assert answer.inputs["spec"] == offloaded(443)

    def test_every_wrong_input_is_named(self, engine: Engine, offloaded: Spec) -> None:
        spec = offloaded(443)
        spec["backend"]["prot"] = 1
        found = self.problems(engine, spec=spec, name="../x", bind_address="localhost", concurrency=0.5, colour="red")
        assert set(found) == {"name", "bind_address", "concurrency", "colour", "spec.backend.prot"}
        assert set(self.problems(engine)) == {"spec"}

    def test_a_broken_rule_is_named_with_its_place(self, engine: Engine, offloaded: Spec) -> None:
        spec = offloaded(443, servers=("192.0.2.1",))
        spec["trusted_networks"] = ["10.0.0.0/8"]
        found = self.problems(engine, spec=spec)
        assert any(place.startswith("spec.backend.servers[0]") and "why:" in said for place, said in found.items()), (
            found
        )

    def test_a_broken_certificate_is_named_and_never_quoted(
        self, engine: Engine, leaf: Issued, offloaded: Spec
    ) -> None:
        place = "spec.frontends[0].certificates[0].private_key_and_chain_pem"
        found = self.problems(engine, spec=offloaded(443, certificate=leaf.private_key_pem))
        assert set(found) == {place}
        assert leaf.private_key_pem.splitlines()[1] not in found[place]

    def test_what_is_not_known_yet_is_no_problem_and_the_rest_is_checked(self, engine: Engine, offloaded: Spec) -> None:
        spec = offloaded(443)
        assert self.problems(engine, spec=UNKNOWN, bind_address=UNKNOWN, name=UNKNOWN, concurrency=UNKNOWN) == {}
        assert self.problems(engine, spec={**spec, "frontends": UNKNOWN}) == {}
        spec["backend"]["servers"] = [UNKNOWN, {"address": UNKNOWN}]
        assert self.problems(engine, spec=spec) == {}
        spec["frontends"][0]["certificates"][0]["private_key_and_chain_pem"] = "nonsense"
        assert len(self.problems(engine, spec=spec)) == 1
        foreseen = engine.create({"name": "n", "spec": spec, "bind_address": "0.0.0.0", "concurrency": 1}, preview=True)
        assert (foreseen["host"], foreseen["ports"]) == ("127.0.0.1", UNKNOWN)
