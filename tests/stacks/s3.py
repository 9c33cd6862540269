"""The double of Scaleway's Object Storage: moto's S3 server behind TLS, and a look into what Pulumi keeps there."""

from __future__ import annotations

import gzip
import io
import json
import os
import secrets
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from unittest.mock import patch

import boto3  # type: ignore[import-untyped]
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

from lbpatterns.demo.workspace import Workspace
from lbpatterns.pki import Authority

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

REGION = "fr-par"
ACCESS_KEY, SECRET_KEY = "SCWXXXXXXXXXXXXXXXXX", "11111111-2222-3333-4444-555555555555"
PATIENCE = 60  # seconds until what a test waits for counts as never coming


@dataclass(frozen=True)
class Asked:
    """One request, as it came in."""

    method: str
    key: str
    query: str
    headers: dict[str, str]
    body: bytes

    def checkpoint(self) -> dict[str, Any] | None:
        """The stack's state that this request writes, if it writes one."""
        if self.method != "PUT" or "/.pulumi/stacks/" not in self.key or b"{" not in self.body:
            return None
        plain = self.body[self.body.index(b"{") : self.body.rindex(b"}") + 1]  # without the frame of `aws-chunked`
        written: dict[str, Any] = json.loads(plain)
        return written


@dataclass
class Held:
    """Requests that wait until the test lets them go: done but not answered, or (`lost`) never done at all."""

    fits: Callable[[Asked], bool]
    lost: bool = False
    _arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _released: threading.Event = field(default_factory=threading.Event)

    def wait(self) -> None:
        """Until one has come in, and is done unless it is lost."""
        assert self._arrived.acquire(timeout=PATIENCE), "the request that is to be held never came"

    def release(self) -> None:
        self._released.set()

    def pass_through(self, do: Callable[[], list[bytes]]) -> list[bytes]:
        answer = [] if self.lost else do()
        self._arrived.release()
        self._released.wait(PATIENCE)
        return answer


@dataclass
class Together:
    """Requests of which none is done before `count` have come in, and none is answered before all are done."""

    fits: Callable[[Asked], bool]
    count: int
    lost: Literal[False] = False
    _door: threading.Barrier = field(init=False)

    def __post_init__(self) -> None:
        self._door = threading.Barrier(self.count, timeout=PATIENCE)

    def release(self) -> None:
        self._door.abort()

    def pass_through(self, do: Callable[[], list[bytes]]) -> list[bytes]:
        self._door.wait()
        answer = do()
        self._door.wait()
        return answer


Rule = TypeVar("Rule", Held, Together)


class ObjectStorage:
    """An S3 server on 127.0.0.1. What is asked of it is kept in `asked`, and can be held."""

    def __init__(self, directory: Path) -> None:
        authority = Authority("Object Storage CA")
        issued = authority.issue(["localhost"], ips=["127.0.0.1"])
        self.ca_file = directory / "object_storage_ca.pem"
        self.ca_file.write_text(authority.certificate_pem)
        key_file = directory / "object_storage.pem"
        key_file.write_text(issued.private_key_and_chain_pem)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(key_file)
        self.asked: list[Asked] = []
        self._rule: Held | Together | None = None
        self._s3 = DomainDispatcherApplication(create_backend_app)
        self._server = make_server(
            "127.0.0.1", 0, self._answer, threaded=True, request_handler=_Silent, ssl_context=tls
        )
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.endpoint = f"https://127.0.0.1:{self._server.port}"

    def __enter__(self) -> ObjectStorage:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def environment(self) -> dict[str, str]:
        """What a client needs to speak to it, and none of the files that this machine has for AWS."""
        return {
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_CA_BUNDLE": str(self.ca_file),
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def bucket(self, name: str | None = None) -> Bucket:
        """The bucket of this name, or a new one, made as docs/state.md has it."""
        with patch.dict(os.environ, self.environment()):
            os.environ.pop("AWS_PROFILE", None)
            client = boto3.session.Session().client("s3", region_name=REGION, endpoint_url=self.endpoint)
        found = Bucket(self, name or f"state-{secrets.token_hex(4)}", client)
        if name is None:
            client.create_bucket(Bucket=found.name, CreateBucketConfiguration={"LocationConstraint": REGION})
            client.put_bucket_versioning(Bucket=found.name, VersioningConfiguration={"Status": "Enabled"})
        return found

    @contextmanager
    def hold(self, rule: Rule) -> Iterator[Rule]:
        """Let requests wait by this rule while the block runs."""
        self._rule = rule
        try:
            yield rule
        finally:
            self._rule = None
            rule.release()

    def _answer(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        ends_itself = environ.get("wsgi.input_terminated", False)
        body = environ["wsgi.input"].read(-1 if ends_itself else int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        headers = {
            key[5:].lower().replace("_", "-"): str(value) for key, value in environ.items() if key[:5] == "HTTP_"
        }
        asked = Asked(environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"], headers, body)
        self.asked.append(asked)
        rule = self._rule
        if rule is None or not rule.fits(asked):
            return list(self._s3(environ, start))
        answer = rule.pass_through(lambda: list(self._s3(environ, start)))
        if rule.lost:
            start("503 Service Unavailable", [("Content-Length", "0")])
        return answer


class _Silent(WSGIRequestHandler):
    def log(self, *_arguments: Any, **_options: Any) -> None:
        """Nothing: what was asked is in `ObjectStorage.asked`."""


@dataclass(frozen=True)
class Bucket:
    """A bucket with Pulumi's state in it."""

    storage: ObjectStorage
    name: str
    client: Any

    @property
    def url(self) -> str:
        """For PULUMI_BACKEND_URL."""
        options = f"region={REGION}&s3ForcePathStyle=true&request_checksum_calculation=when_supported"
        return f"s3://{self.name}?endpoint={self.storage.endpoint}&{options}"

    def asked(self) -> list[Asked]:
        return [one for one in list(self.storage.asked) if one.key.startswith(f"/{self.name}/.pulumi/")]

    def keys(self, folder: str) -> list[str]:
        """What lies in `.pulumi/<folder>/` now."""
        listed = self.client.list_objects_v2(Bucket=self.name, Prefix=f".pulumi/{folder}/")
        return [entry["Key"] for entry in listed.get("Contents", [])]

    def locks(self) -> list[dict[str, Any]]:
        return [json.loads(self._read(key)) for key in self.keys("locks")]

    def deployment(self) -> dict[str, Any]:
        """What the one stack's checkpoint says."""
        (key,) = [key for key in self.keys("stacks") if not key.endswith(".bak")]
        latest: dict[str, Any] = json.loads(self._read(key))["checkpoint"]["latest"]
        return latest

    def history(self) -> list[str]:
        """What was done with the one stack, the first first."""
        keys = sorted(key for key in self.keys("history") if ".history.json" in key)
        return [json.loads(self._read(key))["kind"] for key in keys]

    def types(self) -> list[str]:
        """The types of all resources that the checkpoint knows, without providers."""
        known = [resource["type"] for resource in self.deployment().get("resources", [])]
        return sorted(one for one in known if not one.startswith("pulumi:providers:"))

    def everything(self) -> dict[str, str]:
        """Every version of every object, as text: also what was overwritten or deleted since."""
        found = {}
        for page in self.client.get_paginator("list_object_versions").paginate(Bucket=self.name):
            for entry in page.get("Versions", []):
                key, version = entry["Key"], entry["VersionId"]
                found[f"{key}@{version}"] = self._read(key, VersionId=version)
        return found

    def _read(self, key: str, **which: str) -> str:
        data: bytes = self.client.get_object(Bucket=self.name, Key=key, **which)["Body"].read()
        if data.startswith(b"\x1f\x8b"):
            data = gzip.decompress(data)
        return data.decode()


@dataclass(frozen=True)
class WorkspaceInBucket(Workspace):
    """A project as any other, with the state in a bucket."""

    bucket: Bucket
    compressed: bool

    def environment(self) -> dict[str, str]:
        base = Workspace.environment(self) | self.bucket.storage.environment()
        return base | {
            "PULUMI_BACKEND_URL": self.bucket.url,
            "PULUMI_DIY_BACKEND_GZIP": str(self.compressed).lower(),
        }
