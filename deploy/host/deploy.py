#!/usr/bin/python3
"""`linky-deploy`: put a release on this host, and take it back by itself if it does not serve.

    linky-deploy --archive FILE-OR-URL --sha256 HEX    install, migrate, switch, watch
    linky-deploy --back [ID]                           return to an installed release
    linky-deploy --list                                what is installed

Exit status: 0 it serves; 1 refused, and nothing was changed; 2 called wrongly; 3 the migration
failed, and the release before serves on; 4 the new one did not serve, and the one before is back;
5 neither serves: somebody is needed.

It is run by the system's own Python (3.12 to 3.14), stands in /usr/local/sbin, and leans on nothing
of the release but `linky preflight` and `linky migrate`: a broken release can't break it.
"""

import argparse
import fcntl
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import syslog
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

SERVICES = ("linky-api.service", "linky-worker.service")
KEPT = 5
"""Releases, with the one that serves and the one before."""

FREE_BYTES = 500 * 1024 * 1024
READY_SECONDS = 30.0
POLL_SECONDS = 0.1
REQUEST_SECONDS = 5.0
RELEASE_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{10}")
INSTALLED = ".installed"
"""In a release's folder once all of it is there. What lacks it was interrupted."""

REFUSED, MIGRATION_FAILED, RETURNED, BROKEN = 1, 3, 4, 5


class Stopped(Exception):
    """The deploy ends here, with this exit status and these words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


@dataclass(frozen=True)
class Host:
    """Where things are, and which programs to call. Tests have a host of their own."""

    root: Path = Path("/opt/linky")
    domain: str = "localhost"
    region: str = ""
    nginx: tuple[str, int] = ("127.0.0.1", 443)
    systemctl: tuple[str, ...] = ("systemctl",)
    journal: tuple[str, ...] = ("journalctl", "--no-pager", "--output=cat", "--lines=15")
    uv: tuple[str, ...] = ("/opt/linky/uv/bin/uv",)
    run: tuple[str, ...] = ("/usr/local/lib/linky/run",)
    authorities: tuple[str, ...] = ("/usr/local/lib/linky/rds-authorities", "/etc/linky/rds.pem")
    configuration: Path = Path("/etc/linky/host-configuration")
    ready_seconds: float = READY_SECONDS
    environment: Mapping[str, str] = field(
        default_factory=lambda: {
            "UV_CACHE_DIR": "/var/cache/linky/uv",
            "UV_PYTHON_INSTALL_DIR": "/opt/linky/python",
            "UV_PYTHON_DOWNLOADS": "never",
            "UV_NO_PROGRESS": "1",
        }
    )

    @property
    def current(self) -> Path:
        return self.root / "current"

    @property
    def previous(self) -> Path:
        return self.root / "previous"

    @property
    def releases(self) -> Path:
        return self.root / "releases"

    def release(self, release_id: str) -> Path:
        return self.releases / release_id

    def call(self, *command: str | Path, seconds: float = 600) -> subprocess.CompletedProcess[str]:
        """Run a program to its end, and have both its outputs in one."""
        try:
            return subprocess.run(
                command,
                env=os.environ | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=seconds,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return subprocess.CompletedProcess(command, 124, stdout=str(error))


def say(words: str) -> None:
    """To the terminal, and to the system's log: what was done to a server must be found later."""
    print(words, flush=True)
    syslog.syslog(words)


# --- what is there


def id_of(link: Path) -> str | None:
    """The release that a symlink leads to."""
    return link.resolve().name if link.is_symlink() and link.exists() else None


def installed(host: Host) -> list[str]:
    """The releases that are whole, the one installed last first."""
    marks = sorted(
        host.releases.glob(f"*/{INSTALLED}"), key=lambda mark: mark.stat().st_mtime, reverse=True
    )
    return [mark.parent.name for mark in marks]


# --- getting it


def fetch(host: Host, source: str, target: Path) -> None:
    """Bring the archive here: from a file, a web address, or S3 by the instance's role."""
    if source.startswith("s3://"):
        fetch_from_s3(host, source, target)
    elif source.startswith("https://"):
        done = host.call(
            *("curl", "--fail", "--silent", "--show-error", "--location", "--proto", "=https"),
            *("--retry", "3", "--max-time", "300", "--output", target, source),
        )
        if done.returncode != 0:
            raise Stopped(REFUSED, f"{source} can't be fetched: {done.stdout.strip()}")
    else:
        shutil.copyfile(source.removeprefix("file://"), target)


def fetch_from_s3(host: Host, source: str, target: Path) -> None:
    import boto3
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    bucket, _, key = source.removeprefix("s3://").partition("/")
    try:
        boto3.client("s3", region_name=host.region or None).download_file(bucket, key, str(target))
    except (BotoCoreError, Boto3Error, ClientError) as error:
        raise Stopped(REFUSED, f"{source} can't be fetched: {error}") from None


def verified(archive: Path, sha256: str) -> str:
    """The id of the release in the archive, once that is known to be the one that was meant."""
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256.strip().lower():
        raise Stopped(REFUSED, f"the archive's checksum is {found}, not {sha256}")
    with tarfile.open(archive) as tar:
        first = tar.next()
        while first is not None and not first.name.startswith("linky-"):
            first = tar.next()
    name = "" if first is None else first.name.partition("/")[0].removeprefix("linky-")
    if not RELEASE_ID.fullmatch(name):
        raise Stopped(REFUSED, "the archive is none that deploy/release made")
    return name


def install(host: Host, archive: Path, release_id: str) -> Path:
    """Unpack, and make the environment that the lock describes. Nothing that serves is touched."""
    folder = host.release(release_id)
    if (folder / INSTALLED).exists():
        say(f"{release_id} is installed already.")
        return folder
    if shutil.disk_usage(host.releases).free < FREE_BYTES:
        raise Stopped(REFUSED, f"less than {FREE_BYTES >> 20} MB are free; see the runbook")
    say(f"Installing {release_id} ...")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        unpack(archive, folder)
        make_environment(host, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    (folder / INSTALLED).touch()
    return folder


def unpack(archive: Path, folder: Path) -> None:
    # In its final place: an environment can't be moved.
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        with tarfile.open(archive) as tar:
            tar.extractall(temporary, filter="data")
        (tree,) = Path(temporary).iterdir()
        tree.rename(folder)


def make_environment(host: Host, folder: Path) -> None:
    """What `uv.lock` says, without what only development needs; all of it compiled.

    The service can't write bytecode, and compiling at each start takes seconds.
    """
    sync = ("sync", "--frozen", "--no-default-groups", "--quiet", "--project")
    done = host.call(*host.uv, *sync, folder)
    if done.returncode == 0:
        python = folder / ".venv" / "bin" / "python"
        code = (folder / "app", folder / "migrations")
        done = host.call(python, "-m", "compileall", "-q", *code)
    if done.returncode != 0:
        raise Stopped(REFUSED, f"its environment can't be made:\n{done.stdout.strip()}")


# --- trying it


def refresh_authorities(host: Host) -> None:
    """Fetch the list of RDS's certificate authorities again. If that fails, the old list stays."""
    if all(Path(path).exists() for path in host.authorities):
        done = host.call(*host.authorities, seconds=120)
        if done.returncode != 0:
            say(f"The list of RDS's authorities stays as it was: {done.stdout.strip()}")


def preflight(host: Host, folder: Path) -> None:
    done = host.call(*host.run, folder, "preflight", seconds=120)
    if done.returncode != 0:
        raise Stopped(REFUSED, f"preflight failed:\n{done.stdout.strip()}")


def migrate(host: Host, folder: Path) -> None:
    """Expand the schema. The release that serves works with it, so there is no way back needed."""
    say("Migrating ...")
    done = host.call(*host.run, folder, "migrate", seconds=1800)
    if done.returncode != 0:
        raise Stopped(
            MIGRATION_FAILED,
            f"the migration failed, and nothing was switched:\n{done.stdout.strip()}",
        )


# --- switching


def point(link: Path, target: Path) -> None:
    """Lead a symlink elsewhere in one step: it always leads somewhere."""
    new = link.with_name(link.name + ".new")
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    new.replace(link)


def start(host: Host, release_id: str, asked_to_end: Sequence[str] = ()) -> str | None:
    """Switch to a release, restart, and wait until it answers. None, or what went wrong."""
    point(host.current, host.release(release_id))
    # After failures systemd may have given up; a socket that failed is closed.
    host.call(*host.systemctl, "reset-failed", *SERVICES, "linky-api.socket")
    host.call(*host.systemctl, "start", "linky-api.socket")
    done = host.call(*host.systemctl, "restart", *SERVICES, seconds=120)
    if asked_to_end:
        return asked_to_end[0]
    if done.returncode != 0:
        return f"it does not start: {done.stdout.strip()}"
    return wait_until_ready(host, release_id, asked_to_end)


def wait_until_ready(host: Host, release_id: str, asked_to_end: Sequence[str]) -> str | None:
    """Ask through nginx, as a client would. None once this release answers that it is ready."""
    deadline = time.monotonic() + host.ready_seconds
    while True:
        try:
            status, told = readiness(host)
        except (OSError, http.client.HTTPException, ValueError) as error:
            status, told = 0, {"error": repr(error)}
        if status == http.HTTPStatus.OK and told.get("version") == release_id:
            return None
        if asked_to_end:
            return asked_to_end[0]
        if time.monotonic() > deadline:
            return f"it is not ready within {host.ready_seconds:g} s: {status} {told}"
        time.sleep(POLL_SECONDS)


def readiness(host: Host) -> tuple[int, dict[str, object]]:
    """The status and body of /health/ready. Until certbot has been there, nobody signed for it."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection(*host.nginx, timeout=REQUEST_SECONDS)
    with socket.create_connection(host.nginx, timeout=REQUEST_SECONDS) as plain:
        connection.sock = context.wrap_socket(plain, server_hostname=host.domain)
        with connection.sock:
            connection.request("GET", "/health/ready", headers={"Host": host.domain})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())


def switch(host: Host, release_id: str) -> None:
    """Let a release serve; if it does not, let the one before serve again."""
    before, previous = id_of(host.current), id_of(host.previous)
    say(f"Switching from {before or 'nothing'} to {release_id} ...")
    began = time.time()
    with interruptions_noted() as asked_to_end:
        try:
            # First, so that `--back` knows the way even if the power fails in the midst of this.
            if before not in (None, release_id):
                point(host.previous, host.release(str(before)))
            trouble = start(host, release_id, asked_to_end)
        except OSError as error:
            trouble = str(error)
        if trouble is None:
            return
        say(f"{release_id} does not serve: {trouble}")
        tell_log(host, began)
        go_back(host, release_id, before, previous)


def go_back(host: Host, release_id: str, before: str | None, previous: str | None) -> None:
    if before is None or before == release_id:
        raise Stopped(BROKEN, "there is no release before it to return to: NOTHING SERVES")
    say(f"Returning to {before} ...")
    trouble = start(host, before)
    if previous is None:
        host.previous.unlink(missing_ok=True)
    else:
        point(host.previous, host.release(previous))
    if trouble:
        raise Stopped(BROKEN, f"{before} does not serve either: {trouble}\nNOTHING SERVES")
    raise Stopped(RETURNED, f"{before} is back and serves; {release_id} is not deployed.")


def tell_log(host: Host, since: float) -> None:
    """The last lines of the services' own log: the reason is most often there."""
    units = [f"--unit={name}" for name in SERVICES]
    done = host.call(*host.journal, f"--since=@{int(since)}", *units, seconds=20)
    for line in done.stdout.splitlines():
        print(f"    {line}")


@contextmanager
def interruptions_noted() -> Iterator[list[str]]:
    """From the switch on nobody leaves half-way: a session that ends is no reason to, and who
    presses Ctrl-C wants the release before back. It is looked at between two steps.
    """
    asked_to_end: list[str] = []

    def note(number: int, _: object) -> None:
        asked_to_end.append(f"interrupted by {signal.Signals(number).name}")

    before = [
        (number, signal.signal(number, handler))
        for number, handler in (
            (signal.SIGHUP, signal.SIG_IGN),
            (signal.SIGINT, note),
            (signal.SIGTERM, note),
        )
    ]
    try:
        yield asked_to_end
    finally:
        for number, handler in before:
            signal.signal(number, handler)


# --- afterwards


def prune(host: Host) -> None:
    """Keep the newest few, and whatever serves or may have to."""
    needed = {id_of(host.current), id_of(host.previous)}
    newest = [one for one in installed(host) if one not in needed]
    kept = {*newest[: KEPT - len(needed - {None})], *needed}
    for folder in host.releases.iterdir():
        if folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)


def tell_of_configuration(host: Host, folder: Path) -> None:
    """Units and nginx's site are changed by hand only: they are the host's, not the release's."""
    done = host.call(folder / "deploy" / "host" / "fingerprint")
    known = host.configuration.read_text().strip() if host.configuration.exists() else ""
    if done.returncode == 0 and done.stdout.strip() != known:
        say("This release describes the host otherwise (nginx, units, scripts). To apply that:")
        say(f"    sudo {folder}/deploy/host/setup")


# --- the command


def deploy(host: Host, source: str, sha256: str) -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as temporary:
        archive = Path(temporary) / "linky.tar.gz"
        fetch(host, source, archive)
        release_id = verified(archive, sha256)
        folder = install(host, archive, release_id)
    refresh_authorities(host)
    preflight(host, folder)
    migrate(host, folder)
    switch(host, release_id)
    prune(host)
    say(f"{release_id} serves.")
    tell_of_configuration(host, folder)


def back(host: Host, wanted: str | None) -> None:
    """To a release that is installed. The schema stays: migrations only ever expand it."""
    release_id = wanted or id_of(host.previous)
    if release_id is None or release_id not in installed(host):
        raise Stopped(REFUSED, f"{release_id or 'a release before'} is not installed; see --list")
    preflight(host, host.release(release_id))
    switch(host, release_id)
    say(f"{release_id} serves.")


def show(host: Host) -> None:
    marks = {id_of(host.previous): "previous", id_of(host.current): "current"}
    for release_id in installed(host):
        print(f"{release_id}  {marks.get(release_id, '')}".rstrip())


@contextmanager
def alone(host: Host) -> Iterator[None]:
    """One deploy at a time."""
    with (host.root / "deploy.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Stopped(REFUSED, "another deploy is running") from None
        yield


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="linky-deploy", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--archive", metavar="FILE-OR-URL")
    what.add_argument("--back", metavar="ID", nargs="?", const="")
    what.add_argument("--list", action="store_true")
    parser.add_argument("--sha256", metavar="HEX")
    return parser


def main(words: list[str], host: Host) -> int:
    parser = arguments()
    asked = parser.parse_args(words)
    if asked.archive and not asked.sha256:
        parser.error("--archive needs --sha256")
    act: Callable[[], None]
    if asked.list:
        act = partial(show, host)
    elif asked.archive:
        act = partial(deploy, host, asked.archive, asked.sha256)
    else:
        act = partial(back, host, asked.back or None)
    try:
        with alone(host):
            act()
    except Stopped as stopped:
        say(f"linky-deploy: {stopped}")
        return stopped.status
    except OSError as error:
        say(f"linky-deploy: {error}")
        return REFUSED
    return 0


def this_host(settings: Path = Path("/etc/linky/host.env")) -> Host:
    """The host that host.env describes."""
    found = dict(re.findall(r"^(\w+)='?(.*?)'?$", settings.read_text(), flags=re.MULTILINE))
    return Host(domain=found["DOMAIN"], region=found.get("REGION", ""))


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit("linky-deploy: only root can; use sudo")
    syslog.openlog("linky-deploy")
    sys.exit(main(sys.argv[1:], this_host()))
