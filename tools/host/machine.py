"""A machine: a systemd in its own namespaces, on a copy of the base root."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.host import DOMAIN, EMAIL, PATIENCE, Failed, attempt, sh, until
from tools.host.base import USER_DATA, cache_folder

BOOT = """
umount -R /sys/fs/cgroup 2>/dev/null
mount -t tmpfs none /sys/fs 2>/dev/null
mkdir -p /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
mkdir -p "/sys/fs/cgroup/$2" && echo $$ > "/sys/fs/cgroup/$2/cgroup.procs"
mount -t tmpfs none /run
exec setpriv --pdeathsig KILL systemd-nspawn --directory="$1" --machine="$2" --boot \\
    --register=no --keep-unit --private-network --link-journal=no --console=pipe \\
    --resolv-conf=off --timezone=off
"""
"""Starts nspawn without registering the machine at a systemd outside, and with its own /run."""

REMOVE_CGROUPS = """
mount -t cgroup2 none "$1" || exit
if [ -d "$1/$2" ]; then find "$1/$2" -depth -type d -exec rmdir {} +; fi
"""
"""Cgroups belong to the kernel and stay after their processes have ended."""

REBOOT_ASKED_FOR = 133
"""The exit status of nspawn for a reboot that it can't do itself (because of --keep-unit)."""

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENVIRONMENT = (f"PATH={PATH}", "HOME=/root", "LC_ALL=C.UTF-8")


class Machine:
    """A copy of the base root that boots and reboots. It is removed at the end."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.console = folder / "console.log"
        self._name = f"linky-{os.getpid()}"
        self._nspawn: subprocess.Popen[bytes] | None = None

    def boot(self) -> None:
        """Start it. Its console goes into a file."""
        command = ("unshare", "--mount", "--cgroup", "--propagation", "private", "bash", "-c", BOOT)
        with self.console.open("ab") as console:
            self._nspawn = subprocess.Popen(
                [*command, "boot", self.root, self._name],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )
        until("systemd runs", self.is_running, 60)

    def is_running(self) -> bool:
        if self._nspawn is None or self._nspawn.poll() is not None:
            raise Failed(f"the machine ended: {self.console.read_text(errors='replace')[-1500:]}")
        return self.attempt("test", "-S", "/run/systemd/private").returncode == 0

    @property
    def init(self) -> int | None:
        """The id of the machine's process 1, as seen from outside. It changes with each boot."""
        if self._nspawn is None:
            return None
        pid = self._nspawn.pid
        try:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        except OSError:
            return None
        return int(children[0]) if children else None

    def inside(self, *which: str) -> list[str]:
        """The start of a command line that runs a command inside."""
        return ["nsenter", f"--target={self.init}", *which]

    def attempt(
        self, *command: str, seconds: float = 60, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run a command inside as root, whether it succeeds or not."""
        inside = self.inside("--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root")
        return attempt(
            *inside, "--wdns=/", "env", "-i", *ENVIRONMENT, *command, seconds=seconds, stdin=stdin
        )

    def run(self, *command: str, seconds: float = 60, stdin: str = "") -> str:
        """Run a command inside, and return its output. Raises Failed."""
        done = self.attempt(*command, seconds=seconds, stdin=stdin)
        if done.returncode != 0:
            words = " ".join(command)
            raise Failed(f"`{words}` ended with {done.returncode}: {done.stdout[-1500:]}")
        return done.stdout

    def reboot(self) -> float:
        """Reboot it in order. Returns the seconds until systemd runs again."""
        assert self._nspawn is not None
        begun = time.monotonic()
        self.attempt("systemctl", "reboot", "--no-block")
        status = self._nspawn.wait(90 * PATIENCE)
        if status != REBOOT_ASKED_FOR:
            raise Failed(f"the machine ended with {status} instead of rebooting")
        self.boot()
        return time.monotonic() - begun

    def end(self) -> None:
        """Switch it off. When its first process ends, all others and its mounts end too."""
        if self._nspawn is None:
            return
        init = self.init
        if init is not None and self._nspawn.poll() is None:
            self._nspawn.terminate()
            try:
                self._nspawn.wait(15 * PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(self._nspawn.pid, signal.SIGKILL)
        elif self._nspawn.poll() is None:
            os.killpg(self._nspawn.pid, signal.SIGKILL)
        self._nspawn.wait(15 * PATIENCE)
        if init is not None:
            # After a kill the other processes live a moment longer, and may still write files.
            until("all of the machine has ended", lambda: has_ended(init), 30)
        command = ("unshare", "--mount", "--cgroup", "--propagation", "private", "sh", "-c")
        sh(*command, REMOVE_CGROUPS, "remove", self.root / "mnt", self._name)


def has_ended(init: int) -> bool:
    """A machine's first process ends after all others."""
    try:
        state = Path(f"/proc/{init}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state in "ZX"


@contextmanager
def machine(base: Path, release_url: str, sha256: str) -> Iterator[Machine]:
    """A machine with its user data, ready to boot."""
    with bare_machine(base) as new:
        seed(new.root, user_data(release_url, sha256))
        yield new


@contextmanager
def bare_machine(base: Path) -> Iterator[Machine]:
    """A machine without user data, ready to boot."""
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=cache_folder()))
    new = Machine(folder)
    try:
        copy(base, new.root)
        seed(new.root, "#cloud-config\n")
        yield new
    except Exception:
        print_journal(new)
        raise
    finally:
        try:
            new.end()
        finally:
            sh("rm", "--recursive", "--force", "--one-file-system", folder)


def print_journal(failed: Machine) -> None:
    """Print the warnings and the last lines of the journal, before the machine is removed."""
    if failed.init is not None:
        for filters in (("--priority=4",), ("--lines=40",)):
            done = failed.attempt("journalctl", "--boot", "--no-pager", "--output=cat", *filters)
            print(done.stdout[-4000:], flush=True)


def copy(base: Path, root: Path) -> None:
    """Copy the base root. File systems that can share blocks copy no data."""
    sh("cp", "--archive", "--reflink=auto", base, root, seconds=120)


def user_data(release_url: str, sha256: str) -> str:
    """The user data that EC2 would provide, with its placeholders filled."""
    values = {
        "Domain": DOMAIN,
        "Region": "",
        "ReleaseUrl": release_url,
        "ReleaseSha256": sha256,
        "ContactEmail": EMAIL,
        "ParameterPrefix": "",
        "OperationsPrefix": "",
        "OperationsRole": "",
        "Bucket": "",
    }
    text = USER_DATA.read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", value)
    return text


def seed(root: Path, text: str) -> None:
    """Write user data where cloud-init finds it (NoCloud), and the machine's names."""
    folder = root / "var/lib/cloud/seed/nocloud"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "user-data").write_text(text, encoding="utf-8")
    (folder / "meta-data").write_text("instance-id: linky-test\n")
    (root / "etc/hostname").write_text("linky-test\n")
    (root / "etc/hosts").write_text(f"127.0.0.1 localhost linky-test {DOMAIN}\n")
