"""The folder of nginx's logs: nginx's workers may write to its files, but not create any."""

import grp
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.host.nginx import echo
from tests.support.site import DEPLOY, Site, logged, needs_nginx, running_site
from tests.support.stub_server import stub_server
from tests.support.waiting import wait_until

WORKER = "www-data"


def user_exists(name: str) -> bool:
    return name in {user.pw_name for user in pwd.getpwall()}


pytestmark = [
    needs_nginx,
    pytest.mark.skipif(
        os.geteuid() != 0 or not user_exists(WORKER), reason="only root may change owners"
    ),
    pytest.mark.skipif(shutil.which("logrotate") is None, reason="install logrotate"),
]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that users without rights may enter, as on a host. pytest's folders refuse them."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        path = Path(name)
        path.chmod(0o755)
        yield path


def own_logs(folder: Path) -> None:
    subprocess.run([DEPLOY / "host" / "own-logs", folder], check=True)


def owner_of(path: Path) -> tuple[str, str, int]:
    status = path.stat()
    user, group = pwd.getpwuid(status.st_uid).pw_name, grp.getgrgid(status.st_gid).gr_name
    return user, group, status.st_mode & 0o777


def test_the_folder_belongs_to_root_and_links_of_a_worker_are_removed(folder: Path) -> None:
    logs, victim = folder / "logs", folder / "preload"
    victim.write_text("root's own")
    logs.mkdir()
    shutil.chown(logs, WORKER, "adm")
    (logs / "error.log").symlink_to(victim)
    os.link(victim, logs / "linked.log")
    (logs / "access.log.1").write_text("of yesterday")

    own_logs(logs)

    assert owner_of(logs) == ("root", "adm", 0o751)
    assert {path.name for path in logs.iterdir()} == {"access.log", "error.log", "access.log.1"}
    for path in logs.iterdir():
        assert owner_of(path) == (WORKER, "adm", 0o640)
        assert not path.is_symlink()
    assert (logs / "access.log.1").read_text() == "of yesterday"
    assert (victim.read_text(), owner_of(victim)[:2]) == ("root's own", ("root", "root"))
    own_logs(logs)


def test_a_worker_can_neither_add_nor_remove_files(folder: Path) -> None:
    own_logs(folder / "logs")
    as_worker = ["setpriv", f"--reuid={WORKER}", f"--regid={WORKER}", "--clear-groups"]
    for attempt in (["rm", "-f", "error.log"], ["ln", "-s", "/etc/passwd", "other.log"]):
        done = subprocess.run(
            [*as_worker, *attempt], cwd=folder / "logs", capture_output=True, text=True, check=False
        )
        assert done.returncode != 0
        assert "Permission denied" in done.stderr
    assert not (folder / "logs" / "other.log").exists()


def test_after_a_rotation_the_workers_write_to_the_new_files(folder: Path) -> None:
    own_logs(folder / "logs")
    with stub_server(echo) as upstream, running_site(folder, upstream.port, user=WORKER) as site:
        site.ask("GET", "/", headers={"X-Request-ID": "before"})
        logged(site, "before")

        rotate(site)

        # nginx hears of it by a signal, and may still write a line to the old file.
        text = wait_until("reopened", lambda: log_after_a_request(site))
    assert "before" not in text
    assert "before" in (folder / "logs" / "access.log.1").read_text()
    assert owner_of(folder / "logs") == ("root", "adm", 0o751)
    for path in (folder / "logs").iterdir():
        assert owner_of(path) == (WORKER, "adm", 0o640)


def log_after_a_request(site: Site) -> str:
    """The new log, once it has a line; "" before."""
    site.ask("GET", "/", headers={"X-Request-ID": "after"})
    text = (site.folder / "logs" / "access.log").read_text(encoding="utf-8")
    return text if "after" in text else ""


def rotate(site: Site) -> None:
    """Run logrotate with the host's rules."""
    rules = (DEPLOY / "host" / "files" / "logrotate").read_text()
    for here, there in (
        ("/var/log/linky", str(site.folder / "logs")),
        ("nginx -s reopen", f"kill -{signal.SIGUSR1} {(site.folder / 'pid').read_text()}"),
    ):
        assert here in rules
        rules = rules.replace(here, there)
    file = site.folder / "logrotate"
    file.write_text(rules)
    state = site.folder / "state"
    subprocess.run(["logrotate", "--force", "--state", state, file], check=True)
