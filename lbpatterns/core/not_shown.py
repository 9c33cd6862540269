"""The facts that no rule enforces, because neither a declaration nor a resource shows whether they are kept.

Each has its reason, and where it is seen to instead.

What the rule book rests on was collected once, and every fact has a number that stays. Rules name those that they
enforce in `covers`; the others stand here.

- `A1` to `A27`: what Scaleway's page on bridging, offloading and passthrough says, in its order.
- `B1` to `B33`: what CertControl's comparison of the three modes says, in its order.
- `C58` to `C80`: what the rest of Scaleway's documentation adds, and the documentation of its provider.
- `LB001` to `LB094`: what goes wrong with Scaleway's resources, by part: `LB00x` modes, `LB02x` and `LB03x` layer 7,
  `LB04x` certificates, `LB06x` health checks and numbers, `LB07x` networks, `LB08x` replacements, `LB09x` drift.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class NotShown:
    """A fact without a rule: its number, what it says, and why no rule can.

    `same_as` is the number of the fact that says the same, and has a rule or its reason here.
    """

    number: str
    fact: str
    why: str
    same_as: str | None = None


_TRAFFIC: Final = "Only traffic shows it: `lbpatterns.verify` looks at each leg."
_WORDS: Final = "A matter of words: the names of modes and arguments follow it."
_CHOICE: Final = "Helps to choose a mode, and keeps none: see the README."
_ELSEWHERE: Final = "Of another load balancer than those that are built here."
_CLUSTER: Final = "Who else manages a load balancer is written in the cluster, not in the stack."
_PROVIDER: Final = "Happens inside the provider while it runs; no argument makes it better or worse."
_AGAIN: Final = "The same fact, said twice."

NOT_SHOWN: Final = (
    NotShown("A6", "A bridging load balancer opens a connection of its own to the server.", _TRAFFIC),
    NotShown("A12", "An offloading load balancer adds X-Forwarded-Proto.", _TRAFFIC),
    NotShown("A17", "Certificates of load balancers that Kubernetes manages are set there.", _CLUSTER),
    NotShown("A18", "Passthrough costs the load balancer least.", "Only a measurement shows it."),
    NotShown("A27", "Several systems and words for one thing: toggle, TLS, SSL.", _WORDS),
    NotShown("B1", "Offloading is termination, bridging is re-encryption.", _WORDS),
    NotShown(
        "B2", "Who decrypts: the load balancer, the server, or both.", "It follows from the mode: `Mode.decrypts_at`."
    ),
    NotShown("B7", "What offloading is good for.", _CHOICE),
    NotShown("B9", "nginx and HAProxy offload.", _ELSEWHERE),
    NotShown("B17", "Bridging is the usual choice where rules demand encryption and inspection.", _CHOICE),
    NotShown("B18", "With offloading, one public certificate is renewed.", _CHOICE),
    NotShown("B21", "F5 BIG-IP has a profile for each leg.", _ELSEWHERE),
    NotShown("B22", "Azure's gateways offload and bridge.", _ELSEWHERE),
    NotShown("B23", "Each leg is verified for itself.", _TRAFFIC),
    NotShown("B24", "The frontend is looked at by name from outside.", _TRAFFIC),
    NotShown("B25", "A server is looked at by its address, under its internal name.", _TRAFFIC),
    NotShown("B26", "Certificates of internal authorities appear in no public log.", _TRAFFIC),
    NotShown("B27", "Servers inside a network are looked at from inside.", _TRAFFIC),
    NotShown(
        "B28",
        "ACME renews certificates by itself.",
        "Whether it did, the certificate that is presented shows: `lbpatterns.verify` says how many days are left.",
    ),
    NotShown("B29", "What offloading is, in one sentence.", _WORDS),
    NotShown("B30", "What passthrough is, in one sentence.", _WORDS),
    NotShown("C60", "No Let's Encrypt beside a port 80 that is forwarded as TCP.", _AGAIN, "LB041"),
    NotShown("C62", "A certificate in use cannot be deleted first.", _AGAIN, "LB081"),
    NotShown("C63", "A certificate that was not issued is only a warning.", _AGAIN, "LB046"),
    NotShown("C72", "A frontend is replaced when its backend changes.", _AGAIN, "LB080"),
    NotShown("C74", "Servers outside Scaleway need a type of load balancer that allows them.", _AGAIN, "LB06B"),
    NotShown(
        "C77",
        "The provider's health checks are slower than the console's.",
        "The target `scaleway` writes every "
        "duration and count; of a stack written by hand, nobody can say which were meant.",
    ),
    NotShown(
        "C78",
        "Health checks of databases are in the API alone.",
        "Neither a declaration nor the provider's resources have words for them.",
    ),
    NotShown("C79", "A load balancer of a Kubernetes cluster is changed there only.", _CLUSTER),
    NotShown("C80", "An older page allowed bridging on 443 over TCP only.", "It holds no longer."),
    NotShown(
        "LB043",
        "A name for Let's Encrypt resolves to the address of the load balancer before.",
        "Whether it does, the DNS says; `created_after` lets a certificate wait for its record.",
    ),
    NotShown(
        "LB046",
        "A certificate ends in the state `error`, and the provider only warns.",
        "It is known when the stack is built; `lbpatterns.verify` finds a frontend that presents nothing.",
    ),
    NotShown(
        "LB066",
        "A health check keeps the old port when the backend's changes.",
        "A port of its own may be meant: nothing tells the one from the other.",
    ),
    NotShown(
        "LB06B",
        "Servers outside Scaleway need a type of load balancer that allows them.",
        "An address does not say whose it is.",
    ),
    NotShown(
        "LB083",
        "A backend cannot be deleted while a frontend uses it.",
        "The engine deletes in the order of references, and there is always one.",
    ),
    NotShown(
        "LB084",
        "A certificate is there before the frontend that presents it.",
        "The frontend names its id, and so comes after it.",
    ),
    NotShown("LB090", "Certificates that somebody takes off a frontend are not seen by a refresh.", _PROVIDER),
    NotShown("LB092", "A refresh fails where somebody deleted a backend.", _PROVIDER),
    NotShown("LB093", "A lack of permission while a resource is created loses it silently.", _PROVIDER),
    NotShown("LB094", "Nothing waits for the machines of a load balancer.", _PROVIDER),
)
