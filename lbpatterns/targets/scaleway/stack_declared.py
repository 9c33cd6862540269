"""What a component of ours declares, completed by what its resources show."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Final

from lbpatterns.core.plain import spec_from_plain, to_plain
from lbpatterns.core.resource import Resource
from lbpatterns.core.spec import UNKNOWN, Backend, Frontend, LBSpec, PemCertificate, Protocol
from lbpatterns.targets.scaleway.defaults import flag, items, part
from lbpatterns.targets.scaleway.modes import LooseConfiguration, protocol_of
from lbpatterns.targets.scaleway.render import render
from lbpatterns.targets.scaleway.stack_index import COMPONENTS
from lbpatterns.targets.scaleway.stack_places import Entry, Places
from lbpatterns.targets.scaleway.stack_readable import whole
from lbpatterns.targets.scaleway.stack_readings import Reading, Subject, worlds
from lbpatterns.targets.scaleway.words import Reference, Words

_KEY: Final = "private_key_and_chain_pem"


def declaration(component: Resource) -> LBSpec | None:
    """What the component declares; None where that cannot be read (it is of another version, or not known at all).

    Private keys are not in it: `UNKNOWN` stands for them, and says that there is one.
    """
    plain = component.props.get("spec")
    if not isinstance(plain, Mapping):
        return None
    try:
        spec = spec_from_plain(_with_keys(plain))
    except (ValueError, TypeError, KeyError):
        return None
    return spec if spec.mode is COMPONENTS[component.type] and _is_known(spec) else None


def declared_words(component: Resource | None, spec: LBSpec | None) -> Words:
    """What Scaleway has no word for, as `render` says it; for what cannot be read, the mode at least."""
    if component is None:
        return {}
    if spec is None:
        return {"name": component.name, "mode": COMPONENTS[component.type].value}
    try:
        return dict(render(spec).declared)
    except (ValueError, TypeError, KeyError, AttributeError):
        given: Words = {"name": spec.name, "mode": spec.mode.value, "default_backend": spec.backend.name}
        return given | ({"exceptions": to_plain(spec.exceptions)} if spec.exceptions else {})


def subject_of(component: Resource, spec: LBSpec | None, configuration: LooseConfiguration | None) -> Subject:
    """What is put to the rules about declarations; not complete where the declaration cannot be read."""
    where: dict[str, Any] = {"urn": component.urn, "declared": True}
    if spec is None:
        return Subject(**where, worlds=(), complete=False)
    shown, complete = ([spec], True) if configuration is None else _as_shown(spec, configuration)
    places = Places({"": Entry(component.urn, as_is=True)})
    return Subject(**where, worlds=tuple((Reading(spec=each, places=places),) for each in shown), complete=complete)


def _with_keys(plain: Any) -> Any:
    """The declaration with something in each place where a private key was taken out."""
    if isinstance(plain, list | tuple):
        return [_with_keys(item) for item in plain]
    if not isinstance(plain, Mapping):
        return plain
    words = {name: _with_keys(item) for name, item in plain.items()}
    if isinstance(words.get("certificates"), list):
        words["certificates"] = [_with_key(held) for held in words["certificates"]]
    if "client_certificate" in words:
        words["client_certificate"] = _with_key(words["client_certificate"])
    return words


def _with_key(held: Any) -> Any:
    return {_KEY: UNKNOWN, **held} if isinstance(held, dict) and "common_name" not in held else held


def _is_known(value: Any) -> bool:
    """Whether what makes the shape of a declaration is there: lists, modes, switches. Data may be unknown."""
    if isinstance(value, tuple):
        return all(map(_is_known, value))
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return True
    fields = [(getattr(value, field.name), str(field.type)) for field in dataclasses.fields(value)]
    return all(
        _is_known(held)
        if held is not UNKNOWN and ("Maybe" in kind or not _holds_unknown(held))
        else kind.startswith("Maybe")
        for held, kind in fields
    )


def _holds_unknown(value: Any) -> bool:
    return value is UNKNOWN or (isinstance(value, tuple) and any(map(_holds_unknown, value)))


def _as_shown(spec: LBSpec, configuration: LooseConfiguration) -> tuple[list[LBSpec], bool]:
    """The declaration with what its resources are, where that is another thing: somebody changed them afterwards.

    One for each way that a toggle of theirs may turn out, and whether those are all.
    """
    objects: dict[Reference, list[Any]] = {
        Reference("backends", each.name): _backends(each, configuration) for each in spec.backends
    }
    for number, each in enumerate(spec.frontends):
        objects[Reference("frontends", str(number))] = _frontends(number, each, configuration)
    possible, complete = worlds(objects)
    return [_in_world(spec, world) for world in possible], complete


def _in_world(spec: LBSpec, world: Mapping[Reference, Any]) -> LBSpec:
    backends = {each.name: world[Reference("backends", each.name)] for each in spec.backends}
    return dataclasses.replace(
        spec,
        frontends=tuple(world[Reference("frontends", str(number))] for number in range(len(spec.frontends))),
        backend=backends[spec.backend.name],
        routes=tuple(dataclasses.replace(route, backend=backends[route.backend.name]) for route in spec.routes),
    )


def _backends(spec: Backend, configuration: LooseConfiguration) -> list[Backend]:
    words = configuration.backends.get(f"backend-{spec.name}")
    if words is None:
        return [spec]
    protocol, unverified = protocol_of(words), flag("backends", words, "ignore_ssl_server_verify")
    return [
        dataclasses.replace(
            spec,
            protocol=spoken,
            tls=flag("backends", words, "ssl_bridging"),
            verify_server_certificate=verified,
            port=whole("backends", words, "forward_port", UNKNOWN),
        )
        for spoken in (Protocol if protocol is UNKNOWN else [Protocol(protocol)])
        for verified in ((True, False) if unverified is UNKNOWN else [not unverified])
    ]


def _frontends(number: int, spec: Frontend, configuration: LooseConfiguration) -> list[Frontend]:
    words = configuration.frontends.get(f"frontend-{number}")
    if words is None:
        return [spec]
    port = whole("frontends", words, "inbound_port", UNKNOWN)
    return [
        dataclasses.replace(spec, certificates=certificates, port=port)
        for certificates in _held(number, spec, configuration, items(words, "certificate_ids"))
    ]


def _held(number: int, spec: Frontend, configuration: LooseConfiguration, held: Any) -> list[tuple[Any, ...]]:
    """The certificates that are declared, as long as there are some; else those of which the resource tells."""
    some = tuple(
        _with_text(each, configuration, f"certificate-{number}-{index}") for index, each in enumerate(spec.certificates)
    ) or (PemCertificate(private_key_and_chain_pem=UNKNOWN),)
    return [(), some] if held is UNKNOWN else [some if held else ()]


def _with_text(held: Any, configuration: LooseConfiguration, key: str) -> Any:
    """The certificate with its text, where the resource shows it."""
    given = part(configuration.certificates.get(key, {}), "custom_certificate")
    chain = given.get("certificate_chain") if isinstance(given, dict) else None
    if isinstance(held, PemCertificate) and isinstance(chain, str):
        return dataclasses.replace(held, private_key_and_chain_pem=chain)
    return held
