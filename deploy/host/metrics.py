#!/opt/linky/current/.venv/bin/python
"""Sends Linky's figures to CloudWatch, once. A timer starts it each minute.

It reads the app's /metrics (on loopback), the certificate that nginx serves, nginx's log, the free
disk space, and when the last backup was made. If a source fails, the journal says so, and the other
figures are sent. The instance's role may only write to the namespace Linky. It uses the libraries
of the app's own environment, and takes a third of a second.
"""

import json
import os
import re
import shutil
import socket
import ssl
import sys
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

NAMESPACE = "Linky"
SECONDS = 5.0
MAX_LOG_BYTES = 64 * 1024 * 1024
"""Of the log in one run. After a long pause the oldest lines are not counted."""
_STATUS = re.compile(rb'"status":(\d{3})')


class Host(NamedTuple):
    """The sources of figures. Tests make one with other addresses."""

    domain: str
    installation: str
    app: str = "http://127.0.0.1:8000"
    tls: tuple[str, int] = ("127.0.0.1", 443)
    log: Path = Path("/var/log/linky/access.log")
    state: Path = Path("/var/lib/linky-metrics/state.json")
    disk: Path = Path("/")
    backup: Path = Path("/var/lib/linky-operations/last-backup")


class Figure(NamedTuple):
    name: str
    value: float
    unit: str


def app_figures(host: Host) -> Iterator[Figure]:
    """The age of the oldest waiting job, and the numbers of waiting and of dead jobs."""
    with urllib.request.urlopen(f"{host.app}/metrics", timeout=SECONDS) as answer:
        text = answer.read().decode()
    yield Figure("JobsOldest", sum_of(text, "linky_jobs_oldest_seconds"), "Seconds")
    yield Figure("JobsWaiting", sum_of(text, "linky_jobs_waiting"), "Count")
    yield Figure("JobsFailed", sum_of(text, "linky_jobs_failed"), "Count")


def sum_of(text: str, name: str) -> float:
    """The sum of a metric in Prometheus' text format over all its labels."""
    values = re.findall(rf"^{name}(?:\{{[^}}]*\}})? (\S+)$", text, re.MULTILINE)
    return sum(map(float, values))


def certificate_figures(host: Host) -> Iterator[Figure]:
    """The share of its life that the certificate has left, in percent. 0 if it is self-signed.

    Days would not do: Let's Encrypt shortens the life of its certificates from year to year.
    """
    from cryptography import x509

    certificate = x509.load_der_x509_certificate(served_certificate(host))
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    left = 100 * ((end - datetime.now(UTC)) / (end - begin))
    is_self_signed = certificate.issuer == certificate.subject
    yield Figure("CertificateLifeLeft", 0 if is_self_signed else max(0, left), "Percent")


def served_certificate(host: Host) -> bytes:
    """The certificate that nginx serves, in DER. We only read it, so it need not be trusted."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection(host.tls, SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host.domain) as encrypted,
    ):
        return encrypted.getpeercert(binary_form=True) or b""


def disk_figures(host: Host) -> Iterator[Figure]:
    usage = shutil.disk_usage(host.disk)
    yield Figure("DiskUsed", 100 * usage.used / usage.total, "Percent")


def backup_figures(host: Host) -> Iterator[Figure]:
    """The time since the last good backup or, if there was none yet, since the first try.

    `linky backup` sets the time of the file. Without the file no backup is expected.
    """
    try:
        made = host.backup.stat().st_mtime
    except FileNotFoundError:
        return
    yield Figure("BackupAge", max(0, datetime.now(UTC).timestamp() - made), "Seconds")


class Place(NamedTuple):
    """The position up to which a log was read."""

    inode: int
    offset: int


def log_figures(host: Host, before: Place | None) -> tuple[list[Figure], Place]:
    """The answers of nginx since the last run, its own 502 and 503 included, and the log's end.

    The first run only finds the end of the log.
    """
    status = host.log.stat()
    place = Place(status.st_ino, status.st_size)
    if before is None:
        return [], place
    counts = {"requests": 0, "errors": 0}
    for path, begin, end in unread(host.log, before, place):
        count(path, begin, end, counts)
    figures = [
        Figure("Requests", counts["requests"], "Count"),
        Figure("ServerErrors", counts["errors"], "Count"),
    ]
    return figures, place


def unread(log: Path, before: Place, now: Place) -> Iterator[tuple[Path, int, int]]:
    """The new parts of the files. A log that was rotated meanwhile comes first."""
    if before.inode == now.inode:
        # If the file is shorter than before, it was truncated.
        yield log, before.offset if before.offset <= now.offset else 0, now.offset
        return
    rotated = log.with_name(f"{log.name}.1")
    if rotated.exists() and rotated.stat().st_ino == before.inode:
        yield rotated, before.offset, rotated.stat().st_size
    yield log, 0, now.offset


def count(path: Path, begin: int, end: int, counts: dict[str, int]) -> None:
    with path.open("rb") as file:
        file.seek(max(begin, end - MAX_LOG_BYTES))
        left = end - file.tell()
        for line in file:
            left -= len(line)
            if left < 0:
                return
            if status := _STATUS.search(line):
                counts["requests"] += 1
                counts["errors"] += status[1] >= b"500"


def read_state(host: Host) -> Place | None:
    try:
        return Place(**json.loads(host.state.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def write_state(host: Host, place: Place) -> None:
    new = host.state.with_suffix(".new")
    new.write_text(json.dumps(place._asdict()))
    new.replace(host.state)


def collect(host: Host) -> tuple[list[Figure], Place | None]:
    """The figures of all sources that work, and the position in the log."""
    figures: list[Figure] = []
    place: list[Place] = []

    def figures_of_log(host: Host) -> Iterator[Figure]:
        new_figures, end = log_figures(host, read_state(host))
        place.append(end)
        yield from new_figures

    of_the_host = (certificate_figures, disk_figures, backup_figures)
    for source in (app_figures, *of_the_host, figures_of_log):
        figures += figures_of(source, host)
    # No other figure shows that users get no answer. They come through nginx: if it is down, the
    # app answers here, and the log counts no errors.
    answers = {"JobsOldest", "CertificateLifeLeft"} <= {figure.name for figure in figures}
    figures.append(Figure("AppAnswers", float(answers), "Count"))
    return figures, place[0] if place else None


def figures_of(source: Callable[[Host], Iterator[Figure]], host: Host) -> list[Figure]:
    try:
        return list(source(host))
    except (OSError, ValueError) as error:
        print(f"metrics: {source.__name__}: {type(error).__name__}: {error}", file=sys.stderr)
        return []


def put(figures: list[Figure], installation: str) -> None:
    """Send all figures in one call. Raises botocore's errors."""
    import botocore.session
    from botocore.config import Config

    client = botocore.session.Session().create_client(
        "cloudwatch",
        config=Config(
            connect_timeout=SECONDS, read_timeout=SECONDS, retries={"total_max_attempts": 3}
        ),
    )
    client.put_metric_data(Namespace=NAMESPACE, MetricData=as_data(figures, installation))


def as_data(figures: list[Figure], installation: str) -> list[dict[str, Any]]:
    """Figures as CloudWatch takes them. Servers of one installation share a dimension."""
    dimensions = [{"Name": "Installation", "Value": installation}]
    return [
        {"MetricName": name, "Value": value, "Unit": unit, "Dimensions": dimensions}
        for name, value, unit in figures
    ]


def run(host: Host) -> int:
    from botocore.exceptions import BotoCoreError, ClientError

    figures, place = collect(host)
    try:
        put(figures, host.installation)
    except (BotoCoreError, ClientError) as error:
        # The state stays, so the next run counts these lines again.
        print(f"metrics: CloudWatch: {error}", file=sys.stderr)
        return 1
    if place is not None:
        write_state(host, place)
    return 0


def main() -> int:
    """Run once, for the host in the unit's environment (/etc/linky/host.env)."""
    environment = os.environ
    environment.setdefault("AWS_DEFAULT_REGION", environment["REGION"])
    domain, prefix = environment["DOMAIN"], environment["PARAMETER_PREFIX"]
    return run(Host(domain=domain, installation=prefix))


if __name__ == "__main__":
    sys.exit(main())
