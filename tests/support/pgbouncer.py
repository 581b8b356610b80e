"""A real PgBouncer in transaction mode on loopback, with the settings of `deploy/pgbouncer`."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL

from app.operations.database_roles import RoleLogin
from tests.support.ports import free_port
from tests.support.server import ROOT
from tests.support.waiting import HANG_SECONDS, wait_until

OURS = ROOT / "deploy" / "pgbouncer" / "pgbouncer.ini"


def pgbouncer_program() -> str | None:
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


class PgBouncer:
    """Between clients and the database of a URL. It can be stopped and started again."""

    def __init__(
        self, folder: Path, database: URL, users: Sequence[RoleLogin], **changes: str
    ) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        # What is of its place: addresses, files, and TLS, which the tests' database has not.
        changes = {
            "linky": f"host={database.host} port={database.port} dbname={database.database}",
            "listen_port": str(self.port),
            "auth_file": str(folder / "users"),
            "server_tls_sslmode": "disable",
            **changes,
        }
        text = OURS.read_text(encoding="utf-8")
        for name, value in changes.items():
            text, times = re.subn(rf"(?m)^{name} = .*$", f"{name} = {value}", text)
            assert times == 1, name
        text = re.sub(r"(?m)^server_tls_ca_file = .*\n", "", text)
        text = text.replace("linky = host", f"{database.database} = host")
        # By default in /tmp, where one that is killed leaves its socket to the next with the port.
        text += "unix_socket_dir =\n"
        if os.geteuid() == 0:
            text += "user = nobody\n"  # It refuses to run as root.
        (folder / "pgbouncer.ini").write_text(text, encoding="utf-8")
        lines = [f'"{user.name}" "{user.password}"' for user in users]
        (folder / "users").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def url(self, url: URL) -> str:
        made = url.set(host="127.0.0.1", port=self.port)
        return made.render_as_string(hide_password=False)

    def start(self) -> "PgBouncer":
        program = pgbouncer_program()
        assert program is not None
        log = (self._folder / "log").open("ab")
        # A killed test leaves no PgBouncer behind.
        command = ["setpriv", "--pdeathsig", "KILL", program, str(self._folder / "pgbouncer.ini")]
        self._process = subprocess.Popen(command, stdout=log, stderr=log)
        log.close()
        wait_until("listening", self._listens)
        return self

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(HANG_SECONDS)

    def _listens(self) -> bool:
        log = (self._folder / "log").read_text(encoding="utf-8")
        assert self._process is not None
        assert self._process.poll() is None, log
        return "process up" in log


@contextmanager
def pgbouncer(database: URL, users: Sequence[RoleLogin], **changes: str) -> Iterator[PgBouncer]:
    """One that runs while the block does. `changes` are other settings than ours."""
    with tempfile.TemporaryDirectory(prefix="linky-pgbouncer-") as folder:
        Path(folder).chmod(0o755)  # As `nobody` it could not read its files.
        made = PgBouncer(Path(folder), database, users, **changes)
        try:
            yield made.start()
        finally:
            made.kill()
