"""The component `OffloadedLB`."""

from __future__ import annotations

from typing import ClassVar

from lbpatterns.components.args import OffloadedLBArgs
from lbpatterns.components.pattern import PatternLB
from lbpatterns.core.spec import Mode


class OffloadedLB(PatternLB):
    """The frontend holds the certificate, the servers are spoken to in plain HTTP.

    They learn of HTTPS from `X-Forwarded-Proto`. Only for servers in a trusted, isolated network.
    """

    mode: ClassVar[Mode] = Mode.OFFLOADED
    _args_kind: ClassVar[type[OffloadedLBArgs]] = OffloadedLBArgs
