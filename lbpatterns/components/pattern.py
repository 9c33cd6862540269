"""What the three components share: read the arguments, check, build on the target, say what came of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import pulumi

from lbpatterns.components.chosen_target import chosen_target
from lbpatterns.components.errors import ArgumentsError
from lbpatterns.components.outputs import after, has_outputs, map_outputs, masked, opened
from lbpatterns.components.specs import LBArgs, spec_of
from lbpatterns.components.verdict import Verdict, verdict_on
from lbpatterns.core.legs import LeafFacts, expected_legs
from lbpatterns.core.plain import spec_from_plain, to_plain
from lbpatterns.core.spec import UNKNOWN, LBSpec, Mode, PemCertificate
from lbpatterns.core.target import Target


class PatternLB(pulumi.ComponentResource):
    """A load balancer of one mode, on whatever target is chosen.

    Every violation of a documented rule is reported at once, as a `pulumi.RunError`, before anything is built; what
    is not known yet is checked as soon as it is, and nothing is built from it before that.
    """

    mode: ClassVar[Mode]
    _args_kind: ClassVar[type[Any]]

    endpoint: pulumi.Output[str]
    """`host:port` of the first frontend."""
    decrypts_at: tuple[str, ...]
    """Who decrypts: `load-balancer`, `server`, or both."""
    encrypted_legs: tuple[str, ...]
    """`frontend`, `backend`, or both."""
    legs: pulumi.Output[list[dict[str, Any]]]
    """What a verifier has to find, one dictionary a leg (`lbpatterns.core.legs.ExpectedLeg`)."""
    load_balancer: Any
    """The target's own resource: the way out where a pattern is too narrow."""

    def __init__(self, name: str, args: LBArgs | Mapping[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        who = f"{type(self).__name__} {name!r}"
        model = self._read(who, args)
        spec = spec_of(name, self.mode, model)
        target = chosen_target(model.target)
        verdict = verdict_on(masked(spec), target)
        verdict.refuse(who)
        # An input becomes an attribute of its name.
        super().__init__(_token(self.mode), name, {"spec": _public(spec)}, _as_any_mode(self.mode, opts))
        _warn(self, verdict.warnings)
        ready = self._checked_when_known(who, name, model, spec, target, verdict)
        ordered = _with_secrets(_in_order(ready, model))
        built = target.create(ordered, name=name, options=pulumi.ResourceOptions(parent=self))
        self.load_balancer = built.load_balancer
        self.decrypts_at = tuple(party.value for party in self.mode.decrypts_at)
        self.encrypted_legs = tuple(leg.value for leg in self.mode.encrypted_legs)
        port = ready.frontends[0].port
        self.endpoint = pulumi.Output.all(built.host, port).apply(lambda pair: _endpoint(pair[0], pair[1]))
        self.legs = pulumi.Output.unsecret(
            pulumi.Output.all(host=built.host, spec=to_plain(ready)).apply(
                lambda known: _legs(known["host"], spec_from_plain(known["spec"]))
            )
        )
        self.register_outputs(
            {
                "endpoint": self.endpoint,
                "mode": self.mode.value,
                "decrypts_at": list(self.decrypts_at),
                "encrypted_legs": list(self.encrypted_legs),
                "legs": self.legs,
            }
        )

    @classmethod
    def _read(cls, who: str, args: LBArgs | Mapping[str, Any]) -> Any:
        if isinstance(args, cls._args_kind):
            return args
        wanted = cls._args_kind.__name__
        given = opened(args)
        if not isinstance(given, dict):
            raise ArgumentsError(
                f"{who}: expected {wanted} or a dictionary of its arguments, found {type(args).__name__}"
            )
        try:
            return cls._args_kind(**given)
        except ArgumentsError as error:
            raise ArgumentsError(str(error).replace(wanted, f"{who} is not built", 1)) from None

    def _checked_when_known(
        self, who: str, name: str, model: Any, spec: LBSpec, target: Target, so_far: Verdict
    ) -> LBSpec:
        """The spec with Outputs that yield their value only once all are known and nothing is wrong with them."""
        if not has_outputs(model):
            return spec

        def check(known: dict[str, Any]) -> bool:
            verdict = verdict_on(spec_of(name, self.mode, self._read(who, known)), target)
            verdict.refuse(who)
            _warn(self, [warning for warning in verdict.warnings if warning not in so_far.warnings])
            return True

        given = {field: value for field, value in opened(model).items() if field != "target"}
        # The verdict is no secret, whatever it was formed from.
        right = pulumi.Output.unsecret(pulumi.Output.from_input(given).apply(check))
        if pulumi.runtime.is_dry_run():
            return spec  # nothing is built; values that are known already stay visible beside those that are not
        return map_outputs(spec, lambda output: pulumi.Output.all(output, right).apply(_first))


def _token(mode: Mode) -> str:
    return {
        Mode.OFFLOADED: "lbpatterns:index:OffloadedLB",
        Mode.BRIDGED: "lbpatterns:index:BridgedLB",
        Mode.PASSTHROUGH: "lbpatterns:index:PassthroughLB",
    }[mode]


def _as_any_mode(mode: Mode, opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    """A load balancer that changes its mode stays the same one: it and its parts are updated in place."""
    others = [pulumi.Alias(type_=_token(other)) for other in Mode if other is not mode]
    return pulumi.ResourceOptions.merge(pulumi.ResourceOptions(aliases=[*others]), opts)


def _first(pair: Any) -> Any:
    return pair[0]


def _warn(resource: pulumi.Resource, warnings: Iterable[str]) -> None:
    for warning in warnings:
        pulumi.log.warn(warning, resource=resource)


def _public(spec: LBSpec) -> dict[str, Any]:
    """The declaration as policies see it on the component: everything but private keys."""
    return dict(_without_keys(to_plain(spec)))


def _without_keys(plain: Any) -> Any:
    if isinstance(plain, dict):
        return {key: _without_keys(item) for key, item in plain.items() if key != "private_key_and_chain_pem"}
    return [_without_keys(item) for item in plain] if isinstance(plain, list) else plain


def _in_order(spec: LBSpec, model: Any) -> LBSpec:
    """The spec in which a certificate from Let's Encrypt waits for the DNS records that were given with it."""

    def certificate(held: Any, args: Any) -> Any:
        records = getattr(args, "created_after", ())
        return dataclasses.replace(held, common_name=after(held.common_name, records)) if records else held

    pairs = zip(spec.frontends, model.frontends, strict=True)
    frontends = tuple(
        dataclasses.replace(
            frontend, certificates=tuple(map(certificate, frontend.certificates, getattr(args, "certificates", ())))
        )
        for frontend, args in pairs
    )
    return dataclasses.replace(spec, frontends=frontends)


def _with_secrets(spec: LBSpec) -> LBSpec:
    """The spec with every private key marked secret, also where a program gave it in clear."""

    def certificate(held: Any) -> Any:
        if not isinstance(held, PemCertificate):
            return held
        secret: Any = pulumi.Output.secret(held.private_key_and_chain_pem)
        return dataclasses.replace(held, private_key_and_chain_pem=secret)

    def backend(plain: Any) -> Any:
        held = plain.client_certificate
        return plain if held is None else dataclasses.replace(plain, client_certificate=certificate(held))

    return dataclasses.replace(
        spec,
        frontends=tuple(
            dataclasses.replace(frontend, certificates=tuple(certificate(held) for held in frontend.certificates))
            for frontend in spec.frontends
        ),
        backend=backend(spec.backend),
        routes=tuple(dataclasses.replace(route, backend=backend(route.backend)) for route in spec.routes),
    )


def _endpoint(host: str, port: float) -> str:
    return f"[{host}]:{int(port)}" if ":" in host else f"{host}:{int(port)}"


def _legs(host: str, spec: LBSpec) -> list[dict[str, Any]]:
    from lbpatterns.pem import leaf_facts  # noqa: PLC0415 (loads cryptography)

    def facts(certificate: PemCertificate) -> LeafFacts | None:
        text = certificate.private_key_and_chain_pem
        return None if text is UNKNOWN else leaf_facts(text)

    return [to_plain(leg) for leg in expected_legs(spec, host=host, leaf_facts=facts)]
