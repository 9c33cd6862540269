"""The Pulumi side: Scaleway's words as resources of `pulumiverse_scaleway`. Nothing else here knows that package."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final

import pulumi
from pulumi.runtime.proto import resource_pb2
from pulumiverse_scaleway import loadbalancers

from lbpatterns.core.target import Built
from lbpatterns.targets.scaleway.words import BALANCER, Reference, ScalewayConfiguration, Words

# In the order in which they need each other.
_KINDS: Final[Mapping[str, type[pulumi.CustomResource]]] = {
    "certificates": loadbalancers.Certificate,
    "backends": loadbalancers.Backend,
    "frontends": loadbalancers.Frontend,
    "routes": loadbalancers.Route,
}
# A load balancer keeps its address, a frontend its port: the new one cannot have it while the old one lives. The others
# are replaced the other way round: a certificate or a backend that is in use cannot be deleted.
_FREED_FIRST: Final = pulumi.ResourceOptions(delete_before_replace=True)
_READY: Final = "ready"
_NO_STATE: Final = "expected non-nil error with nil state"
_HAS_HOST: Final = "host" in inspect.signature(loadbalancers.BackendArgs).parameters  # since 1.60
_DOCS_OF_CERTIFICATES: Final = "https://www.scaleway.com/en/docs/load-balancer/troubleshooting/certificates/"


def late(value: Any, change: Callable[[Any], Any]) -> Any:
    """What `change` makes of a value, now or once Pulumi knows it."""
    return value.apply(change) if isinstance(value, pulumi.Output) else change(value)


def create(words: ScalewayConfiguration, *, name: str, options: pulumi.ResourceOptions) -> Built:
    """Register everything. Resources are called `<name>-<key>`, and Scaleway's own names follow from that.

    None is ever given a `name`: with one, Pulumi deletes a certificate before it replaces it, and Scaleway refuses
    that while a frontend uses it.
    """
    options = pulumi.ResourceOptions.merge(options, _explaining(name))
    ids: dict[Reference, Any] = {}
    for key, ip in words.ips.items():
        ids[Reference("ips", key)] = loadbalancers.Ip(f"{name}-{key}", **ip, opts=options).id
    freed_first = pulumi.ResourceOptions.merge(options, _FREED_FIRST)
    balancer = loadbalancers.LoadBalancer(f"{name}-lb", **_resolved(words.load_balancer, ids), opts=freed_first)
    ids[BALANCER] = balancer.id
    host = pulumi.Output.all(balancer.ip_address, balancer.private_ips, balancer.private_networks).apply(_host)
    for field, kind in _KINDS.items():
        for key, given in getattr(words, field).items():
            opts = freed_first if field == "frontends" else options
            resource: Any = kind(f"{name}-{key}", **_resolved(given, ids), opts=opts)
            asked = given.get("letsencrypt")
            ids[Reference(field, key)] = resource.id if asked is None else _once_ready(resource, asked, host)
            if field == "frontends":
                _is_as_declared(resource, given, options)
    return Built(host=host, load_balancer=balancer)


def _explaining(name: str) -> pulumi.ResourceOptions:
    """What says in words that Scaleway forbade something, where the provider reports only that it got no state.

    Error hooks need a Pulumi that has them, in Python and on the command line.
    """
    feature = getattr(resource_pb2, "RESOURCE_MONITOR_FEATURE_ERROR_HOOKS", None)
    if feature is None or not pulumi.runtime.settings.monitor_supports_feature(feature):
        return pulumi.ResourceOptions()
    hook = pulumi.ErrorHook(f"{name}-forbidden", _say_forbidden)
    return pulumi.ResourceOptions(hooks=pulumi.ResourceHookBinding(on_error=[hook]))


def _say_forbidden(args: pulumi.ErrorHookArgs) -> bool:
    if any(_NO_STATE in error for error in args.errors):
        pulumi.log.error(
            f"{args.name} could not be created: Scaleway forbids it (403).\n"
            f"  where: {args.urn}\n"
            "  why:   the API key lacks a permission; the provider itself reports only that it got no state\n"
            "  fix:   give the key LoadBalancersFullAccess in this project (and, for private networks, "
            "PrivateNetworksFullAccess and IPAMReadOnly), then run pulumi up again"
        )
    return False  # nothing is tried again


def _resolved(words: Words, ids: Mapping[Reference, Any]) -> Words:
    """The words with ids for references, and without what this version of the package has no argument for."""
    return {name: _with_ids(value, ids) for name, value in words.items() if name != "host" or _HAS_HOST}


def _with_ids(words: Any, ids: Mapping[Reference, Any]) -> Any:
    if isinstance(words, Reference):
        return ids[words]
    if isinstance(words, dict):
        return {key: _with_ids(value, ids) for key, value in words.items()}
    return [_with_ids(item, ids) for item in words] if isinstance(words, list) else words


def _host(known: Any) -> str:
    """Where the load balancer answers. The provider waits for a private network to be attached and hides a failure."""
    address, private_ips, networks = known
    for network in networks or ():
        if network["status"] not in {_READY, None}:
            found = f"its status there is {network['status']!r}" if network["status"] else "it is not there"
            raise pulumi.RunError(
                f"the load balancer could not be attached to the private network {network['private_network_id']}: "
                f"{found}, and servers in it cannot be reached.\n"
                "  fix: pulumi up --refresh\n"
                "       (should that not help: Scaleway's console says more of the load balancer's private networks)"
            )
    return str(address or (private_ips[0]["address"] if private_ips else ""))


def _is_as_declared(frontend: Any, declared: Words, options: pulumi.ResourceOptions) -> None:
    """Fail where somebody took all certificates or all access rules from a frontend.

    The provider does not see that, not even in a refresh: what is gone stays in the state, and nothing would heal.
    """
    if pulumi.runtime.is_dry_run():
        return

    async def check(known: Any) -> bool:
        gone = [what async for what in _taken_away(known[0], known[1], declared, options)]
        if gone:
            raise pulumi.RunError(
                f"the frontend has no {' and no '.join(gone)} any more: they were taken away outside of Pulumi.\n"
                f"  where: {known[2]}\n"
                "  why:   the provider does not see this, and would leave the frontend as it is\n"
                f"  fix:   pulumi up --replace '{known[2]}'"
            )
        return True

    _: pulumi.Output[bool] = pulumi.Output.all(frontend.id, frontend.lb_id, frontend.urn).apply(check)


async def _taken_away(
    identity: str, balancer: str, declared: Words, options: pulumi.ResourceOptions
) -> AsyncIterator[str]:
    """What the frontend should have, and has none of. Mocks answer with nothing, which says nothing."""
    place = {"zone": identity.split("/", maxsplit=1)[0]}
    if declared.get("certificate_ids"):
        told = await _ask("getFrontends", {"lbId": balancer, **place}, options)
        mine = [one for one in told.get("frontends") or () if one["id"] == identity]
        if mine and not mine[0].get("certificateIds"):
            yield "certificates"
    if declared.get("acls"):
        told = await _ask("getAcls", {"frontendId": identity, **place}, options)
        if told.get("acls") == []:
            yield "access rules"


async def _ask(function: str, arguments: dict[str, Any], options: pulumi.ResourceOptions) -> dict[str, Any]:
    """What Scaleway has right now: the functions that take a zone, as `getFrontend` knows the provider's own alone."""
    token = f"scaleway:loadbalancers/{function}:{function}"
    try:
        told: Any = await pulumi.runtime.invoke_async(token, arguments, pulumi.InvokeOptions(parent=options.parent))
    except Exception as error:  # Pulumi has no class of its own for it
        raise pulumi.RunError(f"what was built could not be read back from Scaleway: {error}") from None
    return told or {}


def _once_ready(certificate: Any, asked: Words, host: pulumi.Output[str]) -> pulumi.Output[str]:
    """The certificate's id. The provider only warns when Let's Encrypt issued none, and goes on without it."""

    def check(known: Any) -> str:
        identity, status, names, address, urn = known
        if status == _READY:
            return str(identity)
        wanted = ", ".join(names)
        raise pulumi.RunError(
            f"the certificate for {wanted} is not issued: its status is {status!r}.\n"
            f"  where: {urn}\n"
            f"  why:   Let's Encrypt asks each name over HTTP; {wanted} has to resolve to {address} before the "
            "certificate is created, and port 80 must not be a TCP frontend\n"
            f"  fix:   let the DNS records point to {address} (and give them as `created_after`), then run "
            f"`pulumi up --replace '{urn}'`\n"
            f"  source: {_DOCS_OF_CERTIFICATES}"
        )

    names = pulumi.Output.all(asked["common_name"], *asked.get("subject_alternative_names", ()))
    return pulumi.Output.all(certificate.id, certificate.status, names, host, certificate.urn).apply(check)
