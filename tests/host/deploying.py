"""A host for linky-deploy in a folder: processes start and answer there as releases would."""

import hashlib
import io
import sys
import tarfile
from pathlib import Path

from deploy.host import deploy as subject
from deploy.host.deploy import Host, main
from tests.support.ports import free_port
from tests.support.server import ROOT
from tests.support.waiting import HANG_SECONDS

STAND_IN = str(ROOT / "tests" / "host" / "stand_in.sh")
GOOD = {"preflight": "fine", "migrate": "fine", "starts": "yes", "uv.lock": "good"}
FIRST, SECOND, THIRD = (f"20261125-04000{n}-{str(n) * 10}" for n in (1, 2, 3))


class Site:
    """A host for the tests, and archives of releases for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        port = free_port()
        (folder / "port").write_text(str(port))
        (folder / "root" / "releases").mkdir(parents=True)
        self.host = Host(
            root=folder / "root",
            domain="api.linky.example",
            nginx=("127.0.0.1", port),
            systemctl=(STAND_IN, "systemctl", sys.executable, str(folder)),
            journal=("echo", "the last line of the log"),
            uv=(STAND_IN, "uv", sys.executable),
            run=(STAND_IN, "run"),
            configuration=folder / "host-configuration",
            ready_seconds=HANG_SECONDS,
            environment={},
        )

    def archive(self, release_id: str, **how: str) -> Path:
        """An archive as deploy/archive makes it from a tree with these files."""
        path = self.folder / f"{release_id}.tar.gz"
        files = {"version": release_id, "app/x.py": "", "migrations/y.py": ""} | GOOD | how
        with tarfile.open(path, "w:gz") as tar:
            for name, text in files.items():
                entry = tarfile.TarInfo(f"linky-{release_id}/{name}")
                entry.size = len(text.encode())
                entry.mode = 0o755 if text.startswith("#!") else 0o644
                tar.addfile(entry, io.BytesIO(text.encode()))
        return path

    def deploy(self, release_id: str, **how: str) -> int:
        archive = self.archive(release_id, **how)
        return self.call("--archive", str(archive), "--sha256", checksum(archive))

    def call(self, *words: str) -> int:
        return main(list(words), self.host)

    @property
    def serving(self) -> str | None:
        """The version that answers to the request of linky-deploy."""
        try:
            return str(subject.readiness(self.host)[1]["version"])
        except OSError:
            return None

    def log(self, name: str) -> list[str]:
        path = self.folder / name
        return path.read_text().splitlines() if path.exists() else []


def checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
