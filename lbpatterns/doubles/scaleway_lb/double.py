"""The double in the process of a test: start it, tell it what to do, ask what happened."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lbpatterns.doubles.scaleway_lb.api import Api
from lbpatterns.doubles.scaleway_lb.faults import Fault, Kind
from lbpatterns.doubles.scaleway_lb.pace import Mode

ACCESS_KEY = "SCWDOUBLE00000000000"
SECRET_KEY = "d0b1e000-0000-4000-8000-00000000c0de"  # noqa: S105 - it opens nothing but the double
PROJECT_ID = "d0b1e000-0000-4000-8000-000000000001"


class Double:
    """A running double. Everything here has a door of the same meaning under `/_double/`."""

    def __init__(self, api: Api, url: str) -> None:
        self._api = api
        self.url = url
        """Without a slash at the end, as the SDKs want it."""
        self.mode: Mode = api.mode

    def environment(self, zone: str = "fr-par-1") -> dict[str, str]:
        """The variables that point the Terraform and Pulumi providers, the CLI and the SDKs here."""
        return {
            "SCW_API_URL": self.url,
            "SCW_ACCESS_KEY": ACCESS_KEY,
            "SCW_SECRET_KEY": SECRET_KEY,
            "SCW_DEFAULT_PROJECT_ID": PROJECT_ID,
            "SCW_DEFAULT_ORGANIZATION_ID": PROJECT_ID,
            "SCW_DEFAULT_ZONE": zone,
            "SCW_DEFAULT_REGION": zone.rsplit("-", 1)[0],
        }

    def reset(self) -> None:
        """Start from nothing."""
        self._api.reset()

    def advance(self, seconds: float) -> None:
        """Move the virtual clock forward."""
        self._api.clock.advance(seconds)

    def state(self) -> dict[str, int]:
        """How many objects of each kind there are; all zero after a complete `destroy`."""
        return self._api.counts()

    def log(self) -> list[dict[str, Any]]:
        """The calls so far: method, path and status."""
        return self._api.log()

    def add_fault(self, kind: Kind, **options: Any) -> None:
        """Switch a fault on; the options are those of `Fault`."""
        self._api.faults.add(Fault(kind=kind, **options))

    def faults(self) -> list[dict[str, Any]]:
        """The faults that are on, and how often each fired."""
        return self._api.faults.report()

    def clear_faults(self) -> None:
        """Switch all faults off."""
        self._api.faults.clear()

    def register_name(self, name: str, address: str) -> None:
        """Have a name resolve to an address, for Let's Encrypt."""
        self._api.register_name(name, address)

    def forget_name(self, name: str | None = None) -> None:
        """Drop a registered name, or all."""
        self._api.forget_name(name)


@contextmanager
def running(
    mode: Mode = "fast",
    port: int = 0,
    host: str = "127.0.0.1",
    secret_key: str | None = None,
    *,
    clock_runs: bool = True,
) -> Iterator[Double]:
    """A double on `port` (0: a free one), until the block ends. Raises `CannotListenError` when the port is taken.

    With a `secret_key` it accepts no other; without one, any. With `clock_runs=False` time passes only by `advance`.
    """
    # The server library is loaded where a server is wanted, and only there.
    from lbpatterns.doubles.scaleway_lb.server import HttpServer  # noqa: PLC0415

    api = Api(mode, secret_key, clock_runs=clock_runs)
    server = HttpServer(api, host, port)
    try:
        yield Double(api, server.url)
    finally:
        server.stop()
