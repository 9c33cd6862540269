"""What frontends that no component made declare: each with the backends that it sends to, if that is one of the modes.

A pair that makes none of the three modes declares nothing; that is a mistake of its own, with a rule of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lbpatterns.core.spec import UNKNOWN, Mode
from lbpatterns.targets.scaleway import stack_readable as readable
from lbpatterns.targets.scaleway.defaults import flag, items
from lbpatterns.targets.scaleway.modes import LooseConfiguration, find
from lbpatterns.targets.scaleway.stack_lifted import ORDER, held, inline_acls, readings
from lbpatterns.targets.scaleway.stack_places import Places
from lbpatterns.targets.scaleway.stack_readings import (
    ACL,
    ACTION,
    CERTIFICATE,
    FRONTEND,
    MATCH,
    Subject,
    variants,
    worlds,
)
from lbpatterns.targets.scaleway.stack_whole import Whole
from lbpatterns.targets.scaleway.words import BALANCER, Reference, Words


def subjects(
    configuration: LooseConfiguration, places: Places, frontends: Iterable[tuple[str, Mode | None]]
) -> Iterator[Subject]:
    """One for each of these frontends; with the mode that is declared, or else None."""
    whole = Whole.of(configuration, places)
    for key, declared in frontends:
        yield _subject(whole, key, declared)


def _subject(whole: Whole, key: str, declared: Mode | None) -> Subject:
    possible, complete = worlds(dict(_objects(whole, key)))
    found = tuple(tuple(readings(whole, key, world, declared)) for world in possible)
    entry = whole.places.entries.get(f"frontends[{key}]")
    return Subject(
        urn="" if entry is None else entry.urn,
        declared=False,
        worlds=found,
        complete=complete,
    )


def _objects(whole: Whole, key: str) -> Iterator[tuple[Reference, list[Any]]]:
    """Everything that a frontend's declaration is made of, in every way that it may turn out."""
    configuration = whole.configuration
    yield BALANCER, whole.balancer
    frontends = _with_backend(whole, variants(_frontend_words(whole, key), _frontend_choices(whole)))
    yield Reference("frontends", key), frontends
    for certificate in _certificates(whole, key):
        yield certificate, _certificate_variants(configuration, certificate)
    leads_to = {each["backend_id"] for each in frontends}
    for name, route in whole.routes_of(key):
        options = _with_backend(whole, [route])
        leads_to |= {each["backend_id"] for each in options}
        yield Reference("routes", name), [*options, *([None] if name in whole.routes.get(None, ()) else [])]
    for name in whole.acls_of(key):
        unsure = name in whole.acls.get(None, ())
        yield Reference("acls", name), [*_acl_variants(configuration.acls[name]), *([None] if unsure else [])]
    indexes = [configuration.acls[name].get("index") for name in whole.acls_of(key)]
    yield ORDER, [False, True] if len(indexes) > 1 and UNKNOWN in indexes else [False]
    for at, acl in enumerate(inline_acls(configuration.frontends[key])):
        yield Reference("inline", str(at)), _acl_variants(acl)
    for reference in leads_to:
        if reference is not None:
            yield reference, whole.backends[reference.key]


def _frontend_words(whole: Whole, key: str) -> Words:
    words = whole.configuration.frontends[key]
    return {
        "backend_id": words.get("backend_id"),
        "inbound_port": readable.whole("frontends", words, "inbound_port", UNKNOWN),
        "certificate_ids": items(words, "certificate_ids"),
        "enable_http3": flag("frontends", words, "enable_http3"),
        "enable_access_logs": flag("frontends", words, "enable_access_logs"),
        "connection_rate_limit": readable.whole("frontends", words, "connection_rate_limit"),
        "acls": UNKNOWN if items(words, "acls") is UNKNOWN else [],
    }


def _with_backend(whole: Whole, options: list[Words]) -> list[Words]:
    """The words with the backend that is meant: the one that is said, or any where that is not known yet."""
    return [{**words, "backend_id": each} for words in options for each in _possible_backends(whole, words)]


def _possible_backends(whole: Whole, words: Words) -> list[Reference | None]:
    said = words.get("backend_id")
    backend = find(whole.configuration, "backends", said)
    if backend is not None:
        return [Reference("backends", backend)]
    if said is not UNKNOWN or not whole.backends:
        return [None]
    return [Reference("backends", key) for key in whole.backends]


def _frontend_choices(whole: Whole) -> Mapping[str, Sequence[Any]]:
    """A list of certificates that is not known may be all that the load balancer has."""
    every = _every_certificate(whole)
    return {**FRONTEND, "certificate_ids": ([], [UNKNOWN], *([every] if every else []))}


def _every_certificate(whole: Whole) -> list[Reference]:
    return [Reference("certificates", key) for key in whole.configuration.certificates]


def _certificates(whole: Whole, key: str) -> list[Reference]:
    """What the frontend's certificates are called here, those included that are not in the stack."""
    given = items(whole.configuration.frontends[key], "certificate_ids")
    return _every_certificate(whole) if given is UNKNOWN else [held(at, each) for at, each in enumerate(given)]


def _certificate_variants(configuration: LooseConfiguration, certificate: Reference) -> list[Words]:
    """One from elsewhere is there, and judged there; of one that is not known it is open who issues it."""
    key = find(configuration, "certificates", certificate)
    words = {} if key is None else configuration.certificates[key]
    if certificate.kind == "unknown" or words.get("letsencrypt") is UNKNOWN:
        return [each["kind"] for each in variants({"kind": UNKNOWN}, CERTIFICATE)]
    return [readable.certificate(words)]


def _acl_variants(words: Words) -> list[Words | None]:
    read = readable.acl(words)
    if read is None:
        return [None]
    return [
        {"action": action, "match": match}
        for whole in variants(read, ACL)
        for action in variants(whole["action"], ACTION)
        for match in variants(whole["match"], MATCH)
    ]
