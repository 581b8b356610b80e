#!/opt/linky/current/.venv/bin/python
"""Linky's figures for CloudWatch, once: a timer starts it each minute.

It asks what is here anyway: the app's /metrics (on loopback), the certificate that nginx serves,
nginx's log, the disk. What can't be asked is said in the journal and left out; the others are put.
The instance's role allows the namespace Linky and no other. It runs with the libraries of the
app's own environment, and takes a third of a second.
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
MOST_LOG_BYTES = 64 * 1024 * 1024
"""Of the log in one run: after a long pause the oldest lines go uncounted."""
_STATUS = re.compile(rb'"status":(\d{3})')


class Host(NamedTuple):
    """What there is to look at; a test has one of its own."""

    domain: str
    installation: str
    app: str = "http://127.0.0.1:8000"
    tls: tuple[str, int] = ("127.0.0.1", 443)
    log: Path = Path("/var/log/linky/access.log")
    state: Path = Path("/var/lib/linky-metrics/state.json")
    disk: Path = Path("/")


class Figure(NamedTuple):
    name: str
    value: float
    unit: str


def app_figures(host: Host) -> Iterator[Figure]:
    """The queue: how old its oldest job is, how many wait, how many were given up."""
    with urllib.request.urlopen(f"{host.app}/metrics", timeout=SECONDS) as answer:
        text = answer.read().decode()
    yield Figure("JobsOldest", sum_of(text, "linky_jobs_oldest_seconds"), "Seconds")
    yield Figure("JobsWaiting", sum_of(text, "linky_jobs_waiting"), "Count")
    yield Figure("JobsFailed", sum_of(text, "linky_jobs_failed"), "Count")


def sum_of(text: str, name: str) -> float:
    """A metric of Prometheus' text format, over all its labels."""
    found = re.findall(rf"^{name}(?:\{{[^}}]*\}})? (\S+)$", text, re.MULTILINE)
    return sum(map(float, found))


def certificate_figures(host: Host) -> Iterator[Figure]:
    """The part of its life that the served certificate has before it; 0 for a self-signed one.

    A part and not days: Let's Encrypt makes its certificates shorter from year to year.
    """
    from cryptography import x509

    certificate = x509.load_der_x509_certificate(served_certificate(host))
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    left = 100 * ((end - datetime.now(UTC)) / (end - begin))
    is_ours = certificate.issuer == certificate.subject
    yield Figure("CertificateLifeLeft", 0 if is_ours else max(0, left), "Percent")


def served_certificate(host: Host) -> bytes:
    """In DER. Nobody is trusted by it: it is looked at."""
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


class Place(NamedTuple):
    """How far a log was read."""

    inode: int
    offset: int


def log_figures(host: Host, before: Place | None) -> tuple[list[Figure], Place]:
    """What nginx answered since the last run, its own 502 and 503 included, and where it ends.

    The first run only looks where the log ends.
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
    """The parts of the files that hold what is new: a rotated log is read to its end first."""
    if before.inode == now.inode:
        # Shorter than it was: it was emptied in its place.
        yield log, before.offset if before.offset <= now.offset else 0, now.offset
        return
    rotated = log.with_name(f"{log.name}.1")
    if rotated.exists() and rotated.stat().st_ino == before.inode:
        yield rotated, before.offset, rotated.stat().st_size
    yield log, 0, now.offset


def count(path: Path, begin: int, end: int, counts: dict[str, int]) -> None:
    with path.open("rb") as file:
        file.seek(max(begin, end - MOST_LOG_BYTES))
        left = end - file.tell()
        for line in file:
            left -= len(line)
            if left < 0:
                return
            if found := _STATUS.search(line):
                counts["requests"] += 1
                counts["errors"] += found[1] >= b"500"


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
    """All that can be known, and how far the log was read."""
    figures: list[Figure] = []
    place: list[Place] = []

    def of_the_log(host: Host) -> Iterator[Figure]:
        found, end = log_figures(host, read_state(host))
        place.append(end)
        yield from found

    for ask in (app_figures, certificate_figures, disk_figures, of_the_log):
        figures += answers_of(ask, host)
    # Where the app does not answer there is no other figure that says so.
    answers = any(figure.name == "JobsOldest" for figure in figures)
    figures.append(Figure("AppAnswers", float(answers), "Count"))
    return figures, place[0] if place else None


def answers_of(ask: Callable[[Host], Iterator[Figure]], host: Host) -> list[Figure]:
    try:
        return list(ask(host))
    except (OSError, ValueError) as error:
        print(f"metrics: {ask.__name__}: {type(error).__name__}: {error}", file=sys.stderr)
        return []


def put(figures: list[Figure], installation: str) -> None:
    """Put all of them in one call. Raises what botocore raises."""
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
    """One dimension, so that two installations in one account are two, and two servers one."""
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
        # What was counted is counted again by the next run.
        print(f"metrics: CloudWatch: {error}", file=sys.stderr)
        return 1
    if place is not None:
        write_state(host, place)
    return 0


def main() -> int:
    """Read the units' environment: /etc/linky/host.env."""
    environment = os.environ
    environment.setdefault("AWS_DEFAULT_REGION", environment["REGION"])
    domain, prefix = environment["DOMAIN"], environment["PARAMETER_PREFIX"]
    return run(Host(domain=domain, installation=prefix))


if __name__ == "__main__":
    sys.exit(main())
