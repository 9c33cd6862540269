"""The component `BridgedLB`."""

from __future__ import annotations

from typing import ClassVar

from lbpatterns.components.args import BridgedLBArgs
from lbpatterns.components.pattern import PatternLB
from lbpatterns.core.spec import Mode


class BridgedLB(PatternLB):
    """The frontend holds a certificate, and the servers are spoken to in a new, verified TLS connection.

    Routes by host and path work; traffic is encrypted on both legs.
    """

    mode: ClassVar[Mode] = Mode.BRIDGED
    _args_kind: ClassVar[type[BridgedLBArgs]] = BridgedLBArgs
