"""A real S3 server (SeaweedFS) that checks signatures, on loopback, for as long as it is used."""

import json
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from app.integrations.storage import s3 as storage_s3
from tests.support.boto import read_models_once
from tests.support.ports import free_port, is_free
from tests.support.waiting import HANG_SECONDS, wait_until

ACCESS_KEY, SECRET_KEY = "linky", "a-secret-of-the-tests"
READ_ONLY_KEY, READ_ONLY_SECRET = "reader", "another-secret-of-the-tests"
OPEN_BUCKET = "open-to-the-world"
"""A bucket that everyone may read, by a mistake of its owner."""
READY = "ready"
"""The bucket that shows whether the server stores."""

_GRPC_OFFSET = 10_000
"""Each port of the server has a second port, this much higher."""

SOCKETS = Path("/tmp")
"""Where the server makes a socket for each of its ports. It has no setting for most of them."""


def weed() -> str | None:
    """The server's program, if its wheel is installed (only for Linux on x86-64)."""
    beside = Path(sys.executable).parent / "weed"
    return str(beside) if beside.exists() else shutil.which("weed")


def let_s3_be_slow(patch: pytest.MonkeyPatch) -> None:
    """Wait for the server as long as it takes."""
    for name in ("CONNECT_SECONDS", "READ_SECONDS", "THREAD_SECONDS"):
        patch.setattr(storage_s3, name, HANG_SECONDS)


class S3Server:
    """A server with its data in `folder`. It can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.ports = free_ports(5)
        self._process: subprocess.Popen[bytes] | None = None
        self.endpoint = f"http://127.0.0.1:{self.ports[0]}"

    def start(self) -> None:
        (self._folder / "s3.json").write_text(json.dumps(_identities()), encoding="utf-8")
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command(), stdout=log, stderr=subprocess.STDOUT, cwd=self._folder
            )
        _wait_for(self.endpoint, self._process)
        wait_until("storing", self._stores)

    def _stores(self) -> bool:
        """It answers a moment before its volumes are there."""
        from botocore.exceptions import BotoCoreError, ClientError

        store = client(self.endpoint)
        try:
            with suppress(ClientError):  # After a restart the bucket is there.
                store.create_bucket(Bucket=READY)
            store.put_object(Bucket=READY, Key=READY, Body=b"")
        except (BotoCoreError, ClientError):
            return False
        return True

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        assert self._process is not None
        self._process.wait()
        for port in self.ports:
            for path in sockets_of(port):
                path.unlink()

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def stop(self) -> None:
        """Its data is thrown away, so it is killed: ending in order takes it ten seconds."""
        if self._process is not None:
            self.kill()

    def _command(self) -> list[str]:
        program = weed()
        assert program is not None
        s3, master, filer, volume, admin = self.ports
        return [
            # A killed test leaves no server behind.
            *("setpriv", "--pdeathsig", "KILL"),
            program,
            f"-logdir={self._folder}",
            "mini",
            f"-dir={self._folder}",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            f"-s3.config={self._folder / 's3.json'}",
            f"-s3.port={s3}",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            f"-master.port={master}",
            f"-filer.port={filer}",
            f"-volume.port={volume}",
            f"-admin.port={admin}",
            # Else it depends on the free space of the disk, and each bucket takes some.
            "-volume.max=100000",
            "-admin.ui=false",
            "-webdav=false",
            "-master.telemetry=false",
        ]


@contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    read_models_once()
    server = S3Server(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """List and delete two objects at a time instead of 1,000."""
    for name in ("s3.LISTED_AT_ONCE", "s3.DELETED_AT_ONCE", "local.LISTED_AT_ONCE"):
        monkeypatch.setattr(f"app.integrations.storage.{name}", 2)


def client(endpoint: str) -> Any:
    import boto3

    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
    )


def _identities() -> dict[str, Any]:
    def identity(name: str, key: str, secret: str, *actions: str) -> dict[str, Any]:
        credentials = [{"accessKey": key, "secretKey": secret}]
        return {"name": name, "credentials": credentials, "actions": list(actions)}

    return {
        "identities": [
            identity("all", ACCESS_KEY, SECRET_KEY, "Admin", "Read", "Write", "List", "Tagging"),
            {"name": "anonymous", "actions": [f"Read:{OPEN_BUCKET}"]},
            identity("reader", READ_ONLY_KEY, READ_ONLY_SECRET, "Read", "List"),
        ]
    }


def sockets_of(port: int) -> list[Path]:
    """The sockets that a server with this port has, or left when it was killed."""
    numbers = (port, port + _GRPC_OFFSET)
    return [path for number in numbers for path in SOCKETS.glob(f"seaweedfs-*-{number}.sock")]


def free_ports(count: int) -> list[int]:
    """Ports for a server. A socket that another user's server left can't be replaced."""
    found: list[int] = []
    while len(found) < count:
        port = free_port()
        if is_free(port + _GRPC_OFFSET) and not sockets_of(port):
            found.append(port)
    return found


def _wait_for(endpoint: str, process: "subprocess.Popen[bytes]") -> None:
    def answers() -> bool:
        assert process.poll() is None, "the S3 server ended by itself"
        try:
            urllib.request.urlopen(endpoint, timeout=HANG_SECONDS)
        except urllib.error.HTTPError:
            return True  # A refusal is a response: the server runs.
        except OSError:
            return False
        return True

    wait_until("answering", answers)
