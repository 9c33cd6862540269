"""The component `PassthroughLB`."""

from __future__ import annotations

from typing import ClassVar

from lbpatterns.components.args import PassthroughLBArgs
from lbpatterns.components.pattern import PatternLB
from lbpatterns.core.spec import Mode


class PassthroughLB(PatternLB):
    """Connections are handed on untouched, chosen by server name; the servers hold the certificates.

    No layer 7 and no cookies, and no key on the load balancer; client certificates reach the servers.
    """

    mode: ClassVar[Mode] = Mode.PASSTHROUGH
    _args_kind: ClassVar[type[PassthroughLBArgs]] = PassthroughLBArgs
