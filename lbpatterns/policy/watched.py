"""A load balancer of a stack, as the rules of this room see it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from lbpatterns.core.spec import UNKNOWN, Maybe, Mode
from lbpatterns.policy.rules import Held, Routed, ToServers, Watched
from lbpatterns.policy.settings import Settings
from lbpatterns.targets.scaleway.defaults import all_of, any_of, items, opposite, part, place, text
from lbpatterns.targets.scaleway.modes import (
    LooseConfiguration,
    Pair,
    find,
    has_tls,
    holds_certificate,
    lets_nobody_in,
    pairs,
    protocol_of,
)
from lbpatterns.targets.scaleway.stack import StackBalancer
from lbpatterns.targets.scaleway.stack_index import COMPONENTS
from lbpatterns.targets.scaleway.words import Words


def watched(balancer: StackBalancer, settings: Settings) -> Watched:
    """What is asked of it, and what its certificates say."""
    asked = _asked(balancer.configuration, settings)
    common: dict[str, Any] = {
        "to_servers": () if asked is False else tuple(_to_servers(balancer)),
        "encrypted_to_the_server": asked,
        "days_before_expiry": settings.days_before_expiry,
    }
    if balancer.configuration is None:
        return Watched(**common)
    held = _held(balancer.configuration)
    presented = {key: _presented(words, held) for key, words in balancer.configuration.frontends.items()}
    return Watched(
        held=tuple(_in_use(held, balancer.configuration, presented.values())),
        routed=tuple(_routed(balancer.configuration, presented)),
        **common,
    )


def _asked(configuration: LooseConfiguration | None, settings: Settings) -> Maybe[bool]:
    if settings.require_encrypted_to_the_server or not settings.encrypted_tags:
        return settings.require_encrypted_to_the_server
    tags = [] if configuration is None else items(configuration.load_balancer, "tags")
    if tags is UNKNOWN:
        return UNKNOWN
    if any(isinstance(tag, str) and tag in settings.encrypted_tags for tag in tags):
        return True
    return UNKNOWN if UNKNOWN in tags else False


def _to_servers(balancer: StackBalancer) -> Iterator[ToServers]:
    """Where cleartext goes to servers: the mode that is declared, or each backend that a frontend sends to."""
    if balancer.component is not None:
        offloads = COMPONENTS[balancer.component.type] is Mode.OFFLOADED
        yield ToServers(place="declared.mode", cleartext=offloads)
        return
    if balancer.configuration is None:
        return
    found: dict[str, list[Maybe[bool]]] = {}
    for pair in pairs(balancer.configuration):
        where = pair.place if pair.backend is None else place("backends", pair.backend, "ssl_bridging")
        found.setdefault(where, []).append(_is_cleartext(balancer.configuration, pair))
    yield from (ToServers(place=where, cleartext=any_of(answers)) for where, answers in found.items())


def _is_cleartext(configuration: LooseConfiguration, pair: Pair) -> Maybe[bool]:
    """Without TLS of its own, what goes to the servers is what the load balancer decrypted, or was never encrypted.

    A TCP frontend without a certificate decrypts nothing; plain HTTP that is only redirected gets to no server.
    """
    if pair.backend_words is None:
        return UNKNOWN
    certificate = UNKNOWN if pair.frontend_words is None else holds_certificate(pair.frontend_words)
    protocol = protocol_of(pair.backend_words)
    plain = UNKNOWN if protocol is UNKNOWN else protocol == "http"
    if plain is not False and certificate is not True and pair.frontend is not None:
        plain = all_of([plain, opposite(lets_nobody_in(configuration, pair.frontend))])
    return all_of([opposite(has_tls(pair.backend_words)), any_of([certificate, plain])])


def _held(configuration: LooseConfiguration) -> dict[str, Held]:
    return {key: _certificate(key, words) for key, words in configuration.certificates.items()}


def _certificate(key: str, words: Words) -> Held:
    asked = part(words, "letsencrypt")
    if asked is not None:
        return Held(place=place("certificates", key), names=_names(asked) if isinstance(asked, dict) else UNKNOWN)
    custom = part(words, "custom_certificate")
    chain = text("certificates", custom, "certificate_chain") if isinstance(custom, dict) else UNKNOWN
    return Held(
        place=place("certificates", key, "custom_certificate"),
        text="" if chain is None else chain,
        ends=_instant(words.get("not_valid_after")),
        accepted=words.get("status") == "ready",
        names=_names(words) if isinstance(words.get("common_name"), str) else UNKNOWN,
    )


def _names(words: Words) -> Maybe[tuple[Maybe[str], ...]]:
    more = items(words, "subject_alternative_names")
    names = [words.get("common_name", UNKNOWN), *([UNKNOWN] if more is UNKNOWN else more)]
    return tuple(name if isinstance(name, str) else UNKNOWN for name in names)


def _instant(value: Any) -> Maybe[datetime]:
    """A time of RFC 3339; the year 1 is that of a certificate that is not issued yet."""
    if not isinstance(value, str):
        return UNKNOWN
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return UNKNOWN
    aware = instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
    return UNKNOWN if aware.year == 1 else aware


def _presented(words: Words, held: dict[str, Held]) -> tuple[Held, ...] | None:
    """What a frontend presents; None where that is not known. One from elsewhere is there, and says nothing."""
    references = items(words, "certificate_ids")
    if references is UNKNOWN:
        return None
    keys = [getattr(each, "key", None) for each in references]
    return tuple(held[key] if key in held else Held(place="", text=UNKNOWN) for key in keys)


def _in_use(
    held: dict[str, Held], configuration: LooseConfiguration, presented: Iterable[tuple[Held, ...] | None]
) -> Iterator[Held]:
    """What frontends of this stack present. While it is not known what one does, each certificate may be it."""
    shown = {each.place: each for one in presented for each in one or () if each.place}
    yield from shown.values()
    lists = [items(words, "certificate_ids") for words in configuration.frontends.values()]
    if any(each is UNKNOWN or UNKNOWN in each for each in lists):
        yield from (Held(place=each.place, text=UNKNOWN) for each in held.values() if each.place not in shown)


def _routed(configuration: LooseConfiguration, presented: dict[str, tuple[Held, ...] | None]) -> Iterator[Routed]:
    for key, words in configuration.routes.items():
        name = text("routes", words, "match_host_header")
        frontend = find(configuration, "frontends", words.get("frontend_id"))
        if name is None:
            continue
        if isinstance(name, str) and words.get("match_subdomains") is True:
            name = f"*.{name}"
        shown = None if frontend is None else presented[frontend]
        yield Routed(
            place=place("routes", key, "match_host_header"), name=name, certificates=UNKNOWN if shown is None else shown
        )
