# ruff: noqa: ARG002, N802 (the names and arguments of the methods are the protocol's)
"""A Python language host for a Pulumi CLI that was built from Go modules: it runs programs, policy packs and plugins.

The engine starts it with its own address as the last argument and reads a port from the first line of the output.
Not here: code generation (`pulumi convert`, `pulumi package gen-sdk`), packing, debuggers. Install Pulumi for those.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path

import grpc
from google.protobuf import empty_pb2
from programs import Children, InterpreterUnusableError, installed_packages, interpreter, output_of, require_pulumi
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

HERE = Path(__file__).resolve().parent
VERSION = "1.0.0"
SHOWED_ITS_OWN_ERROR = 32  # the exit status by which `pulumi-language-python-exec` says so
MESSAGE_LIMIT = 400 * 1024 * 1024  # what the engine allows as well; a large stack's configuration passes through here


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Answers the engine; every process it starts belongs to `children`."""

    def __init__(self, engine: str, children: Children) -> None:
        self._engine = engine
        self._children = children

    def Handshake(
        self, request: language_pb2.LanguageHandshakeRequest, context: grpc.ServicerContext
    ) -> language_pb2.LanguageHandshakeResponse:
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=VERSION)

    def GetRequiredPackages(
        self, request: language_pb2.GetRequiredPackagesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPackagesResponse:
        """None named in advance: the engine loads a provider when the first resource asks for it."""
        return language_pb2.GetRequiredPackagesResponse()

    def GetRequiredPlugins(
        self, request: language_pb2.GetRequiredPluginsRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPluginsResponse:
        return language_pb2.GetRequiredPluginsResponse()

    def RuntimeOptionsPrompts(
        self, request: language_pb2.RuntimeOptionsRequest, context: grpc.ServicerContext
    ) -> language_pb2.RuntimeOptionsResponse:
        return language_pb2.RuntimeOptionsResponse()

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        self._children.stop()
        return empty_pb2.Empty()

    def About(self, request: language_pb2.AboutRequest, context: grpc.ServicerContext) -> language_pb2.AboutResponse:
        with refusing(context):
            python = program_interpreter(request.info)
            version, _ = installed_packages(python)
            return language_pb2.AboutResponse(
                executable=python,
                version=version,
                metadata={"host": f"lbpatterns {VERSION}", "host-python": sys.executable},
            )

    def GetProgramDependencies(
        self, request: language_pb2.GetProgramDependenciesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetProgramDependenciesResponse:
        with refusing(context):
            _, packages = installed_packages(program_interpreter(request.info))
            return language_pb2.GetProgramDependenciesResponse(
                dependencies=[
                    language_pb2.DependencyInfo(name=name, version=version)
                    for name, version in sorted(packages.items())
                ]
            )

    def InstallDependencies(
        self, request: language_pb2.InstallDependenciesRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        """Install the program's requirements.txt with the pip of its own environment; without one, say so."""
        requirements = Path(request.directory, "requirements.txt")
        if not requirements.is_file():
            said = f"{requirements} does not exist: nothing to install.\n"
            yield language_pb2.InstallDependenciesResponse(stdout=said.encode())
            return
        with refusing(context):
            python = program_interpreter(request.info)
            command = [python, "-m", "pip", "install", "--disable-pip-version-check", "-r", str(requirements)]
            yield language_pb2.InstallDependenciesResponse(stdout=f"Running {' '.join(command)}\n".encode())
            with self._children.started(command, cwd=request.directory, env=None, capture=True) as child:
                for stream, piece in output_of(child):
                    yield language_pb2.InstallDependenciesResponse(**{stream: piece})
                status = child.wait()
            if status:
                raise InterpreterUnusableError(
                    f"`{' '.join(command)}` ended with status {status}; its words are above."
                )

    def Run(self, request: language_pb2.RunRequest, context: grpc.ServicerContext) -> language_pb2.RunResponse:
        try:
            python = program_interpreter(request.info)
            require_pulumi(python)
            command = [
                python,
                "-u",
                str(HERE / "pulumi-language-python-exec"),
                *program_arguments(self._engine, request),
            ]
            environment = os.environ | {
                "PULUMI_CONFIG": json.dumps(dict(request.config)),
                "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
            }
            directory = request.info.program_directory or request.pwd
            with self._children.started(command, cwd=directory, env=environment) as child:
                context.add_callback(child.terminate)
                status = child.wait()
        except InterpreterUnusableError as problem:
            return language_pb2.RunResponse(error=str(problem))
        if status == SHOWED_ITS_OWN_ERROR:
            return language_pb2.RunResponse(bail=True)
        if status < 0:
            ended_by = signal.Signals(-status).name
            return language_pb2.RunResponse(error=f"the program was ended by {ended_by}")
        return language_pb2.RunResponse(error=f"the program exited with status {status}" if status else "")

    def RunPlugin(
        self, request: language_pb2.RunPluginRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.RunPluginResponse]:
        """Run a policy pack (kind `analyzer`) or any other plugin that is a Python program."""
        directory = request.info.program_directory
        with refusing(context):
            python = program_interpreter(request.info)
            require_pulumi(python)
            if request.kind == "analyzer":
                command, cwd = [python, "-u", "-m", "pulumi.policy", *request.args, directory], directory
            else:
                command, cwd = [python, "-u", directory, *request.args], request.pwd
            environment = dict(pair.split("=", 1) for pair in request.env)
            with self._children.started(command, cwd=cwd, env=environment, capture=True) as child:
                context.add_callback(child.terminate)
                for stream, piece in output_of(child):
                    if stream == "stdout":
                        yield language_pb2.RunPluginResponse(stdout=piece)
                    else:
                        yield language_pb2.RunPluginResponse(stderr=piece)
                yield language_pb2.RunPluginResponse(exitcode=child.wait())


class refusing:  # noqa: N801 (reads as a verb: with refusing(context))
    """Turns an unusable interpreter into a failed call whose message the engine shows, instead of a traceback."""

    def __init__(self, context: grpc.ServicerContext) -> None:
        self._context = context

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, problem: BaseException | None, trace: object) -> None:
        if isinstance(problem, InterpreterUnusableError):
            self._context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(problem))


def program_interpreter(info: language_pb2.ProgramInfo) -> str:
    return interpreter(info.root_directory, dict(info.options))


def program_arguments(engine: str, request: language_pb2.RunRequest) -> list[str]:
    """The arguments of `pulumi-language-python-exec`; what is empty is left out."""
    flags = {
        "monitor": request.monitor_address,
        "engine": engine,
        "project": request.project,
        "root_directory": request.info.root_directory,
        "stack": request.stack,
        "pwd": request.pwd,
        "dry_run": str(request.dryRun).lower(),
        "parallel": str(request.parallel),
        "organization": request.organization,
    }
    words = [word for name, value in flags.items() if value for word in (f"--{name}", value)]
    return [*words, request.info.entry_point or ".", *request.args]


def serve(engine: str) -> None:
    """Answer on a free port of the loopback until SIGINT, SIGTERM or the end of the engine."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    children = Children()
    server = grpc.server(
        futures.ThreadPoolExecutor(32),  # a running program or plugin holds one thread for as long as it lives
        options=[("grpc.max_receive_message_length", MESSAGE_LIMIT), ("grpc.max_send_message_length", MESSAGE_LIMIT)],
    )
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(engine, children), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    parent = os.getppid()
    print(port, flush=True)
    while not stop.wait(0.5) and os.getppid() == parent:
        pass  # a new parent means that the engine died without a word
    stopped = server.stop(None)
    children.stop()
    stopped.wait(1)
    sys.stdout.flush()
    os._exit(0)  # threads that still wait for a child's output must not hold the process


def main() -> None:
    addresses = [word for word in sys.argv[1:] if not word.startswith("-")]
    if not addresses:
        sys.exit("pulumi-language-python is started by Pulumi, with the engine's address; run `pulumi` instead.")
    serve(addresses[-1])


if __name__ == "__main__":
    main()
