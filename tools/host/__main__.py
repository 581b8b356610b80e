"""`python -m tools.host` (`make test-host`): tests the installation on a real machine.

With `page` it only follows docs/one-server.md. With `machine` it boots the bare machine of that
page, says how to enter it, and waits until it is ended.

The exit status is 0 if all stages passed, 1 if a stage failed, and 2 if the test can't run here. It
takes some five minutes, and leaves only the base root in its cache.
"""

import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from tools.host import DOMAIN, CannotRun, Failed, page, stages
from tools.host.base import base_root, ensure_possible
from tools.host.installation import Installation
from tools.host.machine import ENVIRONMENT, Machine, bare_machine, machine
from tools.host.releases import Releases
from tools.host.report import Report

LIMIT_SECONDS = 5400
"""Only a run that hangs takes so long, even on a busy machine."""

ENDINGS = (signal.SIGALRM, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
SLOW = f": it has taken {LIMIT_SECONDS} s; is this machine busy with something else?"


class TimeUp(BaseException):
    """The time limit is over, or a signal asked the test to end."""


def end(number: int, _: FrameType | None) -> None:
    name = signal.Signals(number).name
    ignore_signals()
    raise TimeUp(f"ended by {name}" + SLOW * (number == signal.SIGALRM))


def ignore_signals() -> None:
    """Ignore signals from now on, so that they do not interrupt the clean-up."""
    signal.alarm(0)
    for number in ENDINGS:
        signal.signal(number, signal.SIG_IGN)


def run(report: Report, only: str) -> None:
    with ExitStack() as stack:
        with report.stage("a bare machine is built, or taken from the cache"):
            root = stack.enter_context(base_root())
        with bare_machine(root) as host:
            if only == "machine":
                keep(host)
                return
            made = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="linky-page-")))
            with report.stage("docs/one-server.md is followed to HTTPS") as stage:
                page.start(site := Installation(host))
                page.follow(site, stage, Releases(made).clone, made)
            with report.stage("its community is exported") as stage:
                stages.export(site, stage)
        if only == "page":
            return
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="linky-releases-"))
        run_stages(report, root, Releases(Path(folder)))


def keep(host: Machine) -> None:
    """A bare machine for who follows the page by hand."""
    signal.alarm(0)
    page.start(Installation(host))
    inside = " ".join(
        host.inside("--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root")
    )
    print(f"enter it as root:   {inside} --wdns=/root env -i {' '.join(ENVIRONMENT)} bash")
    print(f"its files:          {host.root}")
    print(f"its name:           {DOMAIN}, which leads to it from inside", flush=True)
    signal.pause()


def run_stages(report: Report, root: Path, releases: Releases) -> None:
    first = releases.first()
    good = releases.good()
    broken = releases.that_does_not_start("serve")
    workerless = releases.that_does_not_start("worker")
    unfit = releases.that_does_not_import()
    mended = releases.mended()
    url = f"file:///var/tmp/{first.archive.name}"
    with machine(root, url, first.sha256) as host:
        (host.root / "var/tmp" / first.archive.name).write_bytes(first.archive.read_bytes())
        site = Installation(host)
        with report.stage("its user data installs the release") as stage:
            stages.install(site, stage, first)
        with report.stage("certbot gets a certificate from Pebble") as stage:
            stages.first_certificate(site, stage)
        with report.stage("it is renewed under load") as stage:
            stages.renewal(site, stage)
        with report.stage("its logs are rotated and contain no token") as stage:
            stages.logs(site, stage)
        with report.stage("migrations have their own secret") as stage:
            stages.operations(site, stage)
        with report.stage("a good release is deployed under load") as stage:
            stages.good_deploy(site, stage, good)
        with report.stage("a release that does not start is given up under load") as stage:
            stages.broken_deploy(site, stage, broken, good)
        with report.stage("a release without its worker is rolled back under load") as stage:
            stages.workerless_deploy(site, stage, workerless, good)
        with report.stage("a release that lacks a library is refused") as stage:
            stages.refused_deploy(site, stage, unfit, good)
        with report.stage("the release that fixes it is deployed under load") as stage:
            stages.good_deploy(site, stage, mended)
        with report.stage("back to the previous release and forward again, under load") as stage:
            stages.way_back(site, stage, good, mended)
        with report.stage("a first release that could not be installed is tried again") as stage:
            stages.first_release_again(site, stage, first, mended)
        with report.stage("the watchdog restarts a frozen server") as stage:
            stages.standstill(site, stage)
        with report.stage("a backup is made, and restored after a disaster") as stage:
            stages.disaster(site, stage, mended)
        with report.stage("linky doctor examines it") as stage:
            stages.doctor(site, stage)
        with report.stage("the metrics for CloudWatch are collected") as stage:
            stages.figures_for_cloudwatch(site, stage)
        with report.stage("it reboots") as stage:
            stages.reboot(site, stage, mended)
        ignore_signals()


def main() -> int:
    for number in ENDINGS:
        signal.signal(number, end)
    signal.alarm(LIMIT_SECONDS)
    report, is_good = Report("host"), False
    try:
        ensure_possible()
        run(report, "".join(sys.argv[1:]))
        is_good = report.is_good
    except CannotRun as error:
        print(f"make test-host can't run here: {error}.")
        return 2
    except (Failed, TimeUp, OSError, subprocess.SubprocessError) as error:
        print(f"FAILED: {type(error).__name__}: {error}")
    finally:
        signal.alarm(0)
        if report.stages:
            report.show()
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
