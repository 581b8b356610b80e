"""A migrated installation with an admin, made once a run and copied for each server.

Making one takes four seconds: a new PostgreSQL, the migrations, a process for each command.
"""

import fcntl
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.support.command_line import linky_here
from tests.support.person import PASSWORD, Person
from tests.support.server import environment

ADMIN = "admin@linky.example"


def copy_installation(shared_folder: Path, data_dir: Path) -> None:
    """Fill an empty data folder with what an installation has after its first day's commands.

    Its database is stopped. The server or command that uses the folder starts it.
    """
    original = shared_folder / "installation"
    shared_folder.mkdir(exist_ok=True)
    with (shared_folder / "installation.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not original.exists():
            part = shared_folder / "installation.part"
            # In a thread: Playwright keeps an event loop running in that of the test.
            with ThreadPoolExecutor(1) as pool:
                pool.submit(_install, part).result()
            part.rename(original)
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    # -a keeps the owners: when the tests run as root, PostgreSQL's files belong to another user.
    subprocess.run(["cp", "-a", original, data_dir], check=True)


def admin_of(url: str) -> Person:
    admin = Person(url, "運営")
    admin.email = ADMIN
    return admin.sign_in()


def _install(data_dir: Path) -> None:
    settings = environment(data_dir)
    create_admin = ("create-admin", ADMIN, "--password-stdin")
    for arguments, stdin in ((("migrate",), ""), (create_admin, f"{PASSWORD}\n")):
        done = linky_here(arguments, settings, stdin=stdin)
        assert done.returncode == 0, done.stderr
