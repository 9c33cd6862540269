"""Offloading, bridging and passthrough load balancers for Pulumi.

`OffloadedLB`, `BridgedLB` and `PassthroughLB`, and their arguments; nothing else is public. They are loaded when they
are first asked for, so that the command line and the plugin start without Pulumi's SDK.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lbpatterns.components.access_args import AccessRuleArgs as AccessRuleArgs
    from lbpatterns.components.access_args import NetworkAccessRuleArgs as NetworkAccessRuleArgs
    from lbpatterns.components.access_args import RedirectArgs as RedirectArgs
    from lbpatterns.components.access_args import RequestMatchArgs as RequestMatchArgs
    from lbpatterns.components.args import BridgedLBArgs as BridgedLBArgs
    from lbpatterns.components.args import FrontendArgs as FrontendArgs
    from lbpatterns.components.args import HTTPRouteArgs as HTTPRouteArgs
    from lbpatterns.components.args import NetworkArgs as NetworkArgs
    from lbpatterns.components.args import OffloadedLBArgs as OffloadedLBArgs
    from lbpatterns.components.args import PassthroughFrontendArgs as PassthroughFrontendArgs
    from lbpatterns.components.args import PassthroughLBArgs as PassthroughLBArgs
    from lbpatterns.components.args import RuleExceptionArgs as RuleExceptionArgs
    from lbpatterns.components.args import SNIRouteArgs as SNIRouteArgs
    from lbpatterns.components.backend_args import BridgedBackendArgs as BridgedBackendArgs
    from lbpatterns.components.backend_args import CookieStickinessArgs as CookieStickinessArgs
    from lbpatterns.components.backend_args import HealthCheckArgs as HealthCheckArgs
    from lbpatterns.components.backend_args import InsecureSkip as InsecureSkip
    from lbpatterns.components.backend_args import LetsEncryptCertificateArgs as LetsEncryptCertificateArgs
    from lbpatterns.components.backend_args import OffloadedBackendArgs as OffloadedBackendArgs
    from lbpatterns.components.backend_args import PassthroughBackendArgs as PassthroughBackendArgs
    from lbpatterns.components.backend_args import PassthroughServerArgs as PassthroughServerArgs
    from lbpatterns.components.backend_args import PemCertificateArgs as PemCertificateArgs
    from lbpatterns.components.backend_args import ServerArgs as ServerArgs
    from lbpatterns.components.backend_args import ServerCertificateArgs as ServerCertificateArgs
    from lbpatterns.components.backend_args import SourceAddressStickinessArgs as SourceAddressStickinessArgs
    from lbpatterns.components.backend_args import TimeoutsArgs as TimeoutsArgs
    from lbpatterns.components.bridged import BridgedLB as BridgedLB
    from lbpatterns.components.offloaded import OffloadedLB as OffloadedLB
    from lbpatterns.components.passthrough import PassthroughLB as PassthroughLB

_ARGS = "lbpatterns.components.args"
_ACCESS_ARGS = "lbpatterns.components.access_args"
_BACKEND_ARGS = "lbpatterns.components.backend_args"
_HOME = {
    "BridgedLB": "lbpatterns.components.bridged",
    "OffloadedLB": "lbpatterns.components.offloaded",
    "PassthroughLB": "lbpatterns.components.passthrough",
    "BridgedBackendArgs": _BACKEND_ARGS,
    "BridgedLBArgs": _ARGS,
    "CookieStickinessArgs": _BACKEND_ARGS,
    "FrontendArgs": _ARGS,
    "HTTPRouteArgs": _ARGS,
    "HealthCheckArgs": _BACKEND_ARGS,
    "InsecureSkip": _BACKEND_ARGS,
    "NetworkArgs": _ARGS,
    "OffloadedBackendArgs": _BACKEND_ARGS,
    "OffloadedLBArgs": _ARGS,
    "PassthroughBackendArgs": _BACKEND_ARGS,
    "PassthroughFrontendArgs": _ARGS,
    "PassthroughLBArgs": _ARGS,
    "PassthroughServerArgs": _BACKEND_ARGS,
    "PemCertificateArgs": _BACKEND_ARGS,
    "RuleExceptionArgs": _ARGS,
    "SNIRouteArgs": _ARGS,
    "ServerArgs": _BACKEND_ARGS,
    "ServerCertificateArgs": _BACKEND_ARGS,
    "SourceAddressStickinessArgs": _BACKEND_ARGS,
    "AccessRuleArgs": _ACCESS_ARGS,
    "NetworkAccessRuleArgs": _ACCESS_ARGS,
    "RedirectArgs": _ACCESS_ARGS,
    "RequestMatchArgs": _ACCESS_ARGS,
    "LetsEncryptCertificateArgs": _BACKEND_ARGS,
    "TimeoutsArgs": _BACKEND_ARGS,
}

__all__ = [  # noqa: PLE0604 (the names are those of the table)
    *sorted(_HOME),
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'lbpatterns' has no attribute {name!r}; it has {', '.join(sorted(_HOME))}")
    return getattr(importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
