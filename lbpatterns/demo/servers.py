"""Demo servers that answer every request with a report of what they received: in process, or as a process.

As a process: `python -m lbpatterns.demo.servers --http 8080 --tls 8443 --certificate server.pem`. It prints one line
of JSON with the ports when it is ready, and ends on SIGTERM or SIGINT.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import ssl
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lbpatterns.demo.service import HasPrivateKeyAndChain, ReportingService, ServerTLS

__all__ = ["DemoServer", "HasPrivateKeyAndChain", "main"]

_START_LIMIT = 10.0


class DemoServer:
    """A demo server in a thread of its own, for as long as the `with` block lasts.

    `certificate` None serves plaintext; else PEM text (private key and chain) or anything that has it as
    `private_key_and_chain_pem`. With `client_ca_pem` clients are asked for a certificate, and must present one where
    `client_certificate_required`. With `proxy_protocol` every connection must begin with a PROXY header, version 1
    or 2. Entering raises OSError when the port cannot be bound, ssl.SSLError when the certificate does not load.
    """

    def __init__(
        self,
        name: str = "server",
        *,
        certificate: HasPrivateKeyAndChain | str | None = None,
        client_ca_pem: str | None = None,
        client_certificate_required: bool = False,
        proxy_protocol: bool = False,
        address: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.name = name
        self.address = address
        self.port = port
        self._client_ca_pem = client_ca_pem
        self._client_certificate_required = client_certificate_required
        self._service = ReportingService(name, proxy_protocol=proxy_protocol)
        if certificate is not None:
            self.set_certificate(certificate)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending: asyncio.Event | None = None
        self._ready = threading.Event()
        self._error: BaseException | None = None

    @property
    def reports(self) -> list[dict[str, Any]]:
        """Every report answered so far, oldest first (the last 10,000): a copy."""
        return list(self._service.reports)

    @property
    def failures(self) -> list[str]:
        """What came instead of requests, in words, oldest first: failed handshakes, garbage. A copy."""
        return list(self._service.failures)

    def set_certificate(self, certificate: HasPrivateKeyAndChain | str) -> None:
        """Present another certificate from the next connection on."""
        self._service.tls = ServerTLS(
            certificate, self._client_ca_pem, client_certificate_required=self._client_certificate_required
        )

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, name=f"demo-server-{self.name}", daemon=True)
        self._thread.start()
        if not self._ready.wait(_START_LIMIT):
            raise TimeoutError(f"the demo server {self.name} has not started within {_START_LIMIT} seconds")
        if self._error is not None:
            self._thread.join()
            raise self._error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is not None and self._ending is not None:
            self._loop.call_soon_threadsafe(self._ending.set)
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:
            self._error = error  # raised in the thread that entered
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._ending = asyncio.get_running_loop(), asyncio.Event()
        self.port = await self._service.start(self.address, self.port)
        self._ready.set()
        try:
            await self._ending.wait()
        finally:
            await self._service.stop()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. Answers the exit status: 0 after a signal, 1 when a port or a file is not usable."""
    options = _parser().parse_args(arguments)
    if options.http is None and options.tls is None:
        return _complain("nothing to serve: give --http PORT, --tls PORT, or both")
    if options.tls is not None and options.certificate is None:
        return _complain("--tls needs --certificate FILE, with the private key and the chain")
    try:
        asyncio.run(_serve_until_signalled(options))
    except (OSError, ValueError, ssl.SSLError) as error:
        return _complain(str(error))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lbpatterns.demo.servers", description=__doc__)
    parser.add_argument("--http", type=int, metavar="PORT", help="serve plaintext here; 0 takes a free port")
    parser.add_argument("--tls", type=int, metavar="PORT", help="serve TLS here; 0 takes a free port")
    parser.add_argument("--certificate", type=Path, metavar="FILE", help="PEM: private key, leaf, intermediates")
    parser.add_argument("--client-ca", type=Path, metavar="FILE", help="ask clients for a certificate of this CA")
    parser.add_argument("--client-certificate-required", action="store_true", help="refuse clients without one")
    parser.add_argument("--proxy-protocol", action="store_true", help="every connection begins with a PROXY header")
    parser.add_argument("--name", default="server", help="what reports call this server")
    parser.add_argument("--address", default="127.0.0.1", help="where to listen")
    parser.add_argument("--ready-file", type=Path, metavar="PATH", help="write the ready line here too")
    return parser


async def _serve_until_signalled(options: argparse.Namespace) -> None:
    ending, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.set)
    services: list[ReportingService] = []
    ready: dict[str, Any] = {"name": options.name, "address": options.address, "pid": os.getpid()}
    try:
        for kind, port in (("http", options.http), ("tls", options.tls)):
            if port is not None:
                tls = _tls_from(options) if kind == "tls" else None
                services.append(ReportingService(options.name, tls=tls, proxy_protocol=options.proxy_protocol))
                ready[kind] = await services[-1].start(options.address, port)
        _announce(json.dumps(ready), options.ready_file)
        await ending.wait()
    finally:
        for service in services:
            await service.stop()


def _tls_from(options: argparse.Namespace) -> ServerTLS:
    client_ca = options.client_ca.read_text(encoding="ascii") if options.client_ca else None
    return ServerTLS(
        options.certificate.read_text(encoding="ascii"),
        client_ca,
        client_certificate_required=options.client_certificate_required,
    )


def _announce(line: str, ready_file: Path | None) -> None:
    if ready_file is not None:
        draft = ready_file.with_name(f".{ready_file.name}.{os.getpid()}")
        draft.write_text(line + "\n", encoding="utf-8")
        draft.replace(ready_file)
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def _complain(message: str) -> int:
    sys.stderr.write(f"demo server: {message}\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
