"""linky-deploy goes back to the previous release: after a failure, or for an operator."""

import fcntl
import multiprocessing
import os
import re
import signal
import threading
import time
from dataclasses import replace

import pytest

from deploy.host import deploy as subject
from deploy.host.deploy import id_of
from tests.host.deploying import FIRST, SECOND, THIRD, Site, checksum
from tests.host.other_deploy import main_in_own_group
from tests.support.waiting import HANG_SECONDS


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"starts": "as a bridge"}, "does not start"),
        ({"version": "another"}, "not ready within 5 s"),
    ],
)
def test_a_release_that_does_not_serve_is_rolled_back(
    site: Site,
    fault: dict[str, str],
    words: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Each question costs a handshake of TLS, and a release that never serves is asked for 5 s.
    monkeypatch.setattr(subject, "POLL_SECONDS", 0.25)
    assert site.deploy(FIRST) == 0
    site.host = replace(site.host, ready_seconds=5.0)
    assert site.deploy(SECOND, **fault) == 4
    assert site.serving == FIRST
    assert id_of(site.host.current) == FIRST
    output = capsys.readouterr().out
    assert words in output
    # Of each service by itself: the requests in the API's log would hide what the worker said.
    for name in ("linky-api", "linky-worker"):
        assert re.search(rf"the last line of the log --since=@\d+ --unit={name}.service\n", output)
    assert f"{FIRST} is back and serves" in output
    # systemd may have given up both units by then: reset-failed allows a new start.
    calls = site.log("systemctl.log")
    last = len(calls) - calls[::-1].index("restart linky-api.service linky-worker.service")
    assert calls[last - 3].startswith("reset-failed linky-api.service")
    assert calls[last - 2] == "start linky-api.socket"
    # The bridge of the broken release ends before the previous release is asked whether it serves.
    assert calls[last] == "stop linky-api-next.service"
    # The next release can be deployed.
    site.host = replace(site.host, ready_seconds=HANG_SECONDS)
    assert site.deploy(THIRD) == 0
    assert id_of(site.host.previous) == FIRST


def test_a_killed_switch_can_be_rolled_back(site: Site) -> None:
    """As after a power failure during a switch."""
    for release_id in (FIRST, SECOND):
        assert site.deploy(release_id) == 0
    archive = site.archive(THIRD, version="another")
    words = ["--archive", str(archive), "--sha256", checksum(archive)]
    host = replace(site.host, ready_seconds=HANG_SECONDS)
    other = multiprocessing.get_context("spawn").Process(
        target=main_in_own_group, args=(words, host)
    )
    other.start()
    while id_of(site.host.current) != THIRD:
        assert other.is_alive()
        time.sleep(0.01)
    assert other.pid
    # Kills its child processes too, as a power failure does.
    os.killpg(other.pid, signal.SIGKILL)
    other.join()
    with (site.host.root / "deploy.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
    assert site.call("--back") == 0
    assert site.serving == SECOND


def test_a_failed_first_release_reports_that_nothing_serves(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    assert site.deploy(FIRST, starts="no") == 5
    assert "NOTHING SERVES" in capsys.readouterr().out


def test_a_failed_rollback_reports_that_nothing_serves(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    assert site.deploy(FIRST) == 0
    (site.host.release(FIRST) / "starts").write_text("no")
    assert site.deploy(SECOND, starts="as a bridge") == 5
    assert "NOTHING SERVES" in capsys.readouterr().out


def test_an_operator_can_switch_back_and_forth_without_migrating(site: Site) -> None:
    assert site.call("--back") == 1
    assert site.deploy(FIRST) == 0
    assert site.deploy(SECOND) == 0
    migrations = site.log("run.log").count(f"migrate {FIRST}")
    assert site.call("--back") == 0
    assert site.serving == FIRST
    assert site.call("--back") == 0
    assert site.serving == SECOND
    assert site.call("--back", FIRST) == 0
    assert site.serving == FIRST
    assert site.call("--back", THIRD) == 1
    assert site.serving == FIRST
    assert site.log("run.log").count(f"migrate {FIRST}") == migrations


def test_an_interrupted_switch_is_rolled_back(site: Site) -> None:
    """Ctrl-C while the new release starts. A closed terminal (SIGHUP) does not interrupt it."""
    assert site.deploy(FIRST) == 0
    site.host = replace(site.host, ready_seconds=HANG_SECONDS)
    # A process that a shell started in the background ignores SIGINT.
    before = signal.getsignal(signal.SIGINT)

    def interrupt() -> None:
        while id_of(site.host.current) != SECOND:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGHUP)
        os.kill(os.getpid(), signal.SIGINT)

    other = threading.Thread(target=interrupt)
    other.start()
    assert site.deploy(SECOND, version="another") == 4
    other.join()
    assert site.serving == FIRST
    assert signal.getsignal(signal.SIGINT) is before
