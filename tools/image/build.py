"""Builds the image: buildah carries the Dockerfile's steps out, on a Debian for python:slim.

It needs no registry of images. debootstrap makes the base: Debian's own Python 3.13, at the place
where python:slim has its own.
"""

import json
import os
import resource
import shutil
from pathlib import Path
from typing import Any

from tools import ROOT
from tools.host import CannotRun, sh

SUITE = "trixie"
INCLUDED = ("ca-certificates", "python3", "python3-pip")
CACHE = Path("/var/cache/linky-test-image")
CONTAINER = ROOT / "deploy" / "container"
BASE, IMAGE = "localhost/python", "localhost/linky"
NEEDED = {"debootstrap": "debootstrap", "buildah": "buildah", "netavark": "netavark"}
HELPERS = "/usr/lib/podman"


def ensure_possible() -> None:
    """Raises CannotRun if this machine lacks something. The message says what."""
    if os.uname().sysname != "Linux" or os.geteuid() != 0:
        raise CannotRun("it needs Linux, and root: sudo make test-image")
    path = f"{os.environ['PATH']}:/usr/sbin:{HELPERS}"
    missing = [package for name, package in NEEDED.items() if not shutil.which(name, path=path)]
    missing += [name for name in ("caddy", "setpriv", "ip") if not shutil.which(name)]
    if missing:
        raise CannotRun(f"install {' '.join(missing)}")


def base_root() -> Path:
    root = CACHE / f"base-{SUITE}"
    if not root.exists():
        making = CACHE / "making"
        shutil.rmtree(making, ignore_errors=True)
        CACHE.mkdir(parents=True, exist_ok=True)
        include = f"--include={','.join(INCLUDED)}"
        sh("debootstrap", "--variant=minbase", include, SUITE, making, seconds=300)
        for mark in (making / "usr/lib").glob("python3*/EXTERNALLY-MANAGED"):
            mark.unlink()
        (making / "usr/local/bin/python3").symlink_to("/usr/bin/python3")
        making.rename(root)
    return root


class Builder:
    """buildah, with a store of its own in a folder that goes afterwards."""

    def __init__(self, folder: Path) -> None:
        settings = folder / "storage.conf"
        settings.write_text(
            f'[storage]\ndriver = "vfs"\ngraphroot = "{folder}/graph"\nrunroot = "{folder}/run"\n'
        )
        self._env = {"CONTAINERS_STORAGE_CONF": str(settings), "BUILDAH_ISOLATION": "chroot"}

    def call(self, *words: str | Path) -> str:
        return sh("buildah", *words, env=self._env, seconds=300).strip()

    def build(self) -> None:
        empty = self.call("from", "scratch")
        self.call("add", "--quiet", empty, base_root(), "/")
        self.call("commit", "--quiet", empty, BASE)
        files, open_files = (
            f"{name}={soft}:{hard}"
            for name, (soft, hard) in (
                ("nproc", resource.getrlimit(resource.RLIMIT_NPROC)),
                ("nofile", resource.getrlimit(resource.RLIMIT_NOFILE)),
            )
        )
        self.call(
            *("build", "--network=host", "--pull=never", "--format=docker", f"--tag={IMAGE}"),
            *(f"--ulimit={files}", f"--ulimit={open_files}", f"--build-arg=PYTHON={BASE}"),
            # The authorities that this machine trusts, if a proxy of its own stands before PyPI.
            "--volume=/etc/ssl/certs:/etc/ssl/certs:ro",
            f"--ignorefile={CONTAINER / 'Dockerfile.dockerignore'}",
            f"--file={CONTAINER / 'Dockerfile'}",
            ROOT,
        )

    def configuration(self) -> dict[str, Any]:
        """What the image says: user, environment, entry point."""
        found = json.loads(self.call("inspect", "--type=image", IMAGE))
        configuration: dict[str, Any] = found["Docker"]["config"]
        return configuration

    def mounted(self) -> Path:
        """The image's file system."""
        return Path(self.call("mount", self.call("from", "--pull=never", IMAGE)))
