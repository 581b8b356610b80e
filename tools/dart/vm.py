"""Brings a Dart VM into `.tools/dart`: 25 MB, no root, and nothing outside of the folder.

Dart compiles no program ahead of time for 32-bit x86, so the npm package of Sass for it holds a
whole VM with the compiler. Its last release has Dart 3.7.3. The VM needs three libraries for i386,
which are taken out of Debian's packages and not installed.
"""

import hashlib
import platform
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

from tools import ROOT
from tools.node import NoNode, find_node, npm_cache
from tools.programs import TookTooLong, run

DART = "3.7"
"""What the VM is a release of, and the newest language that our packages may use."""

NAME, VERSION = "sass-embedded-linux-ia32", "1.89.0"
SHA512 = (
    "e5fc41797caf06bde96febf2af1f55eb277b4034579003dbc261555618eab210"
    "4004e5de94bcac10579aef1a2487fb4cf090004383bc2ecdde5b71288dbe3bee"
)
LIBRARIES = ("libc6:i386", "libstdc++6:i386", "libgcc-s1:i386")
FOLDER = ROOT / ".tools" / "dart"
SECONDS = 300

# A program for 32-bit x86 that ends with status 0: `xor ebx, ebx; xor eax, eax; inc eax; int 0x80`.
TINY = bytes.fromhex(
    "7f454c4601010100000000000000000002000300010000005480040834000000"
    "0000000000000000340020000100000000000000"
    "01000000000000000080040800800408"
    "5c0000005c0000000500000000100000"
    "31db31c040cd8000"
)


class NoDart(Exception):
    """The kernel of this machine runs no 32-bit programs."""


class BadDart(Exception):
    """The VM could not be brought. The message says why."""


class Unreachable(BadDart):
    """It could not be downloaded. That is no failure where `DART=optional` says so."""


def find_vm() -> tuple[str, ...]:
    """The command that starts the VM, which is brought if it is not there.

    Raises NoDart or BadDart.
    """
    if not runs_32_bit_programs():
        raise NoDart(
            f"this machine ({platform.system()} on {platform.machine()}) runs no 32-bit programs"
        )
    for part, bring in (("vm", _bring_vm), ("libraries", _bring_libraries)):
        if not (FOLDER / part).exists():
            _put_in_place(bring, FOLDER / part)
    loader = FOLDER / "libraries" / "ld-linux.so.2"
    return (str(loader), "--library-path", str(loader.parent), str(FOLDER / "vm" / "dart"))


def runs_32_bit_programs() -> bool:
    """Whether the kernel does: many in containers and on ARM do not."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "tiny"
        program.write_bytes(TINY)
        program.chmod(0o755)
        try:
            return subprocess.run([program], check=False, timeout=60).returncode == 0  # noqa: S603
        except OSError:
            return False


def _put_in_place(bring: Callable[[Path], None], place: Path) -> None:
    """In one step, so that what is there is whole."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as folder:
        made = Path(folder) / place.name
        made.mkdir()
        bring(made)
        made.rename(place)


def _bring_vm(folder: Path) -> None:
    try:
        npm = find_node().npm
    except NoNode as error:
        raise Unreachable(str(error)) from None
    with tempfile.TemporaryDirectory() as downloads:
        pack = ("pack", "--silent", "--pack-destination", downloads, f"{NAME}@{VERSION}")
        _checked(*npm, *pack, env=npm_cache())
        packed = Path(downloads) / f"{NAME}-{VERSION}.tgz"
        if hashlib.sha512(packed.read_bytes()).hexdigest() != SHA512:
            raise BadDart(f"{packed.name} is not what it was")
        with tarfile.open(packed) as archive:
            archive.extractall(downloads, filter="data")
        for name in ("dart", "LICENSE"):
            shutil.move(Path(downloads, "package", "dart-sass", "src", name), folder)
    (folder / "dart").chmod(0o755)


def _bring_libraries(folder: Path) -> None:
    """By apt, on lists and a status file of its own: no package counts as installed."""
    if shutil.which("apt-get") is None:
        raise BadDart("apt-get is needed for the VM's libraries: Debian, or Ubuntu")
    with tempfile.TemporaryDirectory() as name:
        apt = Path(name)
        for part in ("state/lists/partial", "cache/archives/partial", "unpacked"):
            (apt / part).mkdir(parents=True)
        (apt / "status").touch()
        user = Path(name).owner()  # apt would download as its own user, who can't write here.
        (apt / "apt.conf").write_text(
            f'APT::Architecture "i386";\nAPT::Architectures {{"i386";}};\n'
            f'Dir::State "{apt}/state";\nDir::State::status "{apt}/status";\n'
            f'Dir::Cache "{apt}/cache";\nAPT::Sandbox::User "{user}";\n'
            'Acquire::Languages "none";\n',
            encoding="utf-8",
        )
        env = {"APT_CONFIG": str(apt / "apt.conf")}
        # A list that does not come, as that of a registry of others, may not be needed.
        run("apt-get", "-qq", "update", seconds=SECONDS, env=env)
        _checked("apt-get", "-qq", "download", *LIBRARIES, env=env, folder=apt)
        for package in apt.glob("*.deb"):
            _checked("dpkg-deb", "-x", package, apt / "unpacked")
        # Older releases have them without `usr`.
        for place in ("usr/lib/i386-linux-gnu", "lib/i386-linux-gnu"):
            for library in (apt / "unpacked" / place).glob("*.so*"):
                shutil.copy(library, folder / library.name)


def _checked(*command: str | Path, env: dict[str, str] | None = None, folder: Path = ROOT) -> None:
    try:
        done = run(*command, seconds=SECONDS, env=env, folder=folder)
    except TookTooLong as error:
        raise BadDart(str(error)) from None
    if done.status != 0:
        name = Path(command[0]).name
        raise Unreachable(f"{name} failed: {(done.errors or done.output).strip()[-2000:]}")
