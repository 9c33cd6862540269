"""The HTTP server: werkzeug's threaded one, one connection a call."""

import contextlib
import json
import socket
import struct
import threading
import traceback
import uuid
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wrappers import Request as HttpRequest
from werkzeug.wrappers import Response as HttpResponse

from lbpatterns.doubles.scaleway_lb.api import Answer, Api, Request, ResetByFaultError
from lbpatterns.doubles.scaleway_lb.doors import PREFIX, Doors
from lbpatterns.doubles.scaleway_lb.errors import CannotListenError


class _Handler(WSGIRequestHandler):
    """HTTP/1.1, silent, without waiting for full packets; the server knows each connection, so as to end it.

    werkzeug keeps no connection alive: each answer says `Connection: close`.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "_Server"

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        # The peer may be gone, and after a reset the connection is.
        with contextlib.suppress(OSError):
            super().finish()

    def connection_dropped(self, error: BaseException, environ: WSGIEnvironment | None = None) -> None:
        """No further request is waited for: after the fault `reset` the client is to see the end at once."""
        del error, environ
        self.close_connection = True

    def log(self, *_: Any) -> None:
        """Nothing on standard error: `/_double/log` has the calls."""


class _Server(ThreadedWSGIServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, api: Api) -> None:
        self.connections: set[socket.socket] = set()
        super().__init__(host, port, _Application(api), _Handler)

    def handle_error(self, *_: Any) -> None:
        """A client that went away is no news."""


class _Application:
    """The WSGI application: doors for tests, and the API for everybody."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._doors = Doors(api)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        http = HttpRequest(environ)
        request = Request(
            method=http.method,
            path=http.path,
            query=http.query_string.decode("ascii", "replace"),
            token=http.headers.get("X-Auth-Token"),
            body=http.get_data(),
        )
        try:
            answer = (self._doors if request.path.startswith(PREFIX) else self._api).answer(request)
        except ResetByFaultError:
            _cut(environ["werkzeug.socket"])
            raise ConnectionAbortedError("the fault `reset` or `lost_answer`") from None
        except Exception as error:
            traceback.print_exception(error)
            bug = {"message": f"the double itself failed: {type(error).__name__}", "type": "bug_in_the_double"}
            answer = Answer(500, bug)
        return _response(answer)(environ, start_response)


def _response(answer: Answer) -> HttpResponse:
    body = b"" if answer.body is None else json.dumps(answer.body, separators=(",", ":")).encode()
    response = HttpResponse(body, answer.status, content_type="application/json")
    response.headers.update({"X-Request-Id": str(uuid.uuid4()), **answer.headers})
    return response


def _cut(connection: socket.socket) -> None:
    """End the connection with a reset rather than an orderly goodbye."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class HttpServer:
    """The API behind a listening socket, served by threads of its own."""

    def __init__(self, api: Api, host: str, port: int) -> None:
        try:
            self._server = _listen(host, port, api)
        except OSError as error:
            raise CannotListenError(f"cannot listen on {host}:{port}: {error.strerror or error}") from None
        self.port: int = self._server.server_port
        self.url = f"http://{host}:{self.port}"
        # The interval is how long `stop` may have to wait.
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening, end all connections, and give the port back."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        for connection in list(self._server.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def _listen(host: str, port: int, api: Api) -> _Server:
    # werkzeug ends the whole process when a port is taken; asking first turns that into an error.
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
    try:
        return _Server(host, port, api)
    except SystemExit:
        raise OSError(f"port {port} was taken meanwhile") from None
