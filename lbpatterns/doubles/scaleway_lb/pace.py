"""How long things take: as recorded, or no time at all."""

from dataclasses import dataclass
from typing import Literal

from lbpatterns.doubles.scaleway_lb.instants import SECOND, Instant

Mode = Literal["realistic", "fast"]


@dataclass(frozen=True)
class Pace:
    """Durations in nanoseconds from a call to the state that follows it.

    With zeros everywhere the first GET after a write answers the final state. The answer to the write itself is the
    same at every pace: it still says `to_create`, `migrating` or `pending`.
    """

    lb_creating: Instant = 0
    lb_ready: Instant = 0
    lb_migrated: Instant = 0
    lb_gone: Instant = 0
    instance_configured: Instant = 0
    certificate_issued: Instant = 0
    network_attached: Instant = 0
    network_detached: Instant = 0


FAST = Pace()

# The shortest time that was recorded. Where the recordings hold only bounds (an object was there after 1 s, and gone
# when it was asked for again), a value between them.
REALISTIC = Pace(
    lb_creating=SECOND // 5,  # CAS:ip-basic: updated_at of the first GET
    lb_ready=2 * SECOND,  # 2.0 to 5.8 s, most of them 2.9 s
    lb_migrated=2 * SECOND,  # CAS:lb-migrate: 2.0 and 3.0 s
    lb_gone=2 * SECOND,  # bounds: there in the same second, gone after 2 s
    instance_configured=3 * SECOND // 10,  # CAS:lb-basic: updated_at of the instance after the PUT
    certificate_issued=7_500_000_000,  # CAS:data-source-certificate-basic: 7.5 s, CAS:frontend-certificate: 7.9 s
    network_attached=2 * SECOND,  # CAS:lb-private-network-basic: 1.9 s, others 2.7 s; pending 1 s after the call
    network_detached=2 * SECOND,  # bounds: there after 1 s, gone after 30 s
)

PACES: dict[Mode, Pace] = {"realistic": REALISTIC, "fast": FAST}
