"""The metrics that a host sends to CloudWatch: from the app, the certificate and the log."""

import importlib.util
import os
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.operations.backup.last_made import FILE
from app.runtime.metrics import Metrics
from tests.support.aws import Aws
from tests.support.stub_server import Response, stub_server
from tests.support.waiting import HANG_SECONDS

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "deploy" / "host" / "metrics.py"
ACCESS = '{{"timestamp":"2026-11-25T00:00:00+00:00","path":"/x","status":{},"bytes":599}}\n'


def loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("linky_host_metrics", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


metrics = loaded()


@contextmanager
def nginx(certificate: Path) -> Iterator[tuple[str, int]]:
    """The address of a server on loopback with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with stub_server(lambda _: Response(), context) as server:
        yield ("127.0.0.1", server.port)


def certificate(path: Path, *, age: timedelta, life: timedelta, issuer: str) -> Path:
    """A certificate for linky.example, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    begin = datetime.now(UTC) - age
    signed = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "linky.example")]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .not_valid_before(begin)
        .not_valid_after(begin + life)
        .serial_number(1)
        .public_key(key.public_key())
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    form, no_password = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(key.private_bytes(pem, form, no_password) + signed.public_bytes(pem))
    return path


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A host with a disk and a log that was read to its end, but without an app."""
    # A call that was given up is made again, and both count.
    monkeypatch.setattr(metrics, "SECONDS", HANG_SECONDS)
    log = tmp_path / "access.log"
    log.write_text(ACCESS.format(500))
    host = metrics.Host(
        domain="linky.example",
        installation="/linky/prod",
        app="http://127.0.0.1:9",
        tls=("127.0.0.1", 9),
        log=log,
        state=tmp_path / "state.json",
        disk=tmp_path,
        backup=tmp_path / "last-backup",
    )
    metrics.write_state(host, metrics.log_figures(host, None)[1])
    return host


def figures_of(host: Any) -> dict[str, float]:
    return {figure.name: figure.value for figure in metrics.collect(host)[0]}


def test_the_queue_is_read_from_the_apps_metrics(host: Any) -> None:
    of_the_app = Metrics()
    of_the_app.set_jobs(waiting=7, oldest_seconds=421.5, failed={"push.send": 2, "mail.send": 1})
    of_the_app.observe_request("GET", "/api/v1/posts", 200, 0.1)
    shown = Response(200, of_the_app.render_installation())
    with stub_server(lambda _: shown) as app:
        figures = figures_of(host._replace(app=app.url))
    assert figures["JobsOldest"] == 421.5
    assert figures["JobsWaiting"] == 7
    assert figures["JobsFailed"] == 3


def test_the_app_answers_only_if_it_and_nginx_do(host: Any, tmp_path: Path) -> None:
    pem = certificate(
        tmp_path / "c.pem", age=timedelta(days=1), life=timedelta(days=90), issuer="an authority"
    )
    shown = Response(200, Metrics().render_installation())
    with stub_server(lambda _: shown) as app, nginx(pem) as tls:
        assert figures_of(host._replace(app=app.url, tls=tls))["AppAnswers"] == 1
        assert figures_of(host._replace(app=app.url))["AppAnswers"] == 0
        assert figures_of(host._replace(tls=tls))["AppAnswers"] == 0


def test_the_age_of_the_last_backup_is_measured(
    host: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "BackupAge" not in figures_of(host), "no backup is expected"
    assert "backup_figures" not in capsys.readouterr().err
    made = datetime.now(UTC) - timedelta(hours=27)
    host.backup.touch()
    os.utime(host.backup, (made.timestamp(), made.timestamp()))
    before = datetime.now(UTC)
    age = timedelta(seconds=figures_of(host)["BackupAge"])
    # It is measured between the two looks at the clock, however long that takes.
    assert before <= made + age <= datetime.now(UTC)


def test_the_host_looks_where_the_backup_keeps_its_time() -> None:
    unit = (ROOT / "deploy" / "systemd" / "linky-backup.service").read_text().splitlines()
    assert "StateDirectory=linky-operations" in unit
    # Another user must be able to enter it.
    assert "StateDirectoryMode=0751" in unit
    host = metrics.Host(domain="linky.example", installation="/linky/prod")
    assert host.backup == Path("/var/lib/linky-operations") / FILE


def test_without_the_app_the_other_metrics_are_still_known(
    host: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = figures_of(host)
    assert figures["AppAnswers"] == 0
    assert "JobsOldest" not in figures
    assert 0 < figures["DiskUsed"] < 100
    stderr = capsys.readouterr().err
    assert "app_figures" in stderr
    assert "certificate_figures" in stderr


@pytest.mark.parametrize(
    ("age", "issuer", "left"),
    [
        (timedelta(days=0), "an authority", 100),
        (timedelta(days=72), "an authority", 20),
        (timedelta(days=100), "an authority", 0),
        (timedelta(days=0), "linky.example", 0),
    ],
    ids=["new", "not renewed", "over", "self-signed"],
)
def test_the_remaining_life_of_the_served_certificate_is_measured(
    host: Any, tmp_path: Path, age: timedelta, issuer: str, left: float
) -> None:
    pem = certificate(tmp_path / "c.pem", age=age, life=timedelta(days=90), issuer=issuer)
    with nginx(pem) as address:
        (figure,) = metrics.certificate_figures(host._replace(tls=address))
    assert figure.name == "CertificateLifeLeft"
    assert figure.value == pytest.approx(left, abs=0.1)


def add(log: Path, *statuses: int) -> None:
    with log.open("a") as file:
        file.writelines(ACCESS.format(status) for status in statuses)


def counted(host: Any) -> tuple[float, float]:
    """The requests and errors since the last call."""
    figures, place = metrics.log_figures(host, metrics.read_state(host))
    metrics.write_state(host, place)
    by_name = {figure.name: figure.value for figure in figures}
    return by_name["Requests"], by_name["ServerErrors"]


def test_requests_and_errors_are_counted_once_and_only_new_ones(host: Any) -> None:
    assert counted(host) == (0, 0)
    add(host.log, 200, 404, 429, 500, 502, 503)
    assert counted(host) == (6, 3)
    assert counted(host) == (0, 0)


def test_a_rotated_log_is_read_to_its_end(host: Any) -> None:
    add(host.log, 500)
    os.rename(host.log, host.log.with_name("access.log.1"))
    add(host.log, 200, 502)
    assert counted(host) == (3, 2)
    add(host.log, 503)
    assert counted(host) == (1, 1)


def test_an_emptied_log_is_read_from_its_beginning(host: Any) -> None:
    add(host.log, *[200] * 10)
    counted(host)
    host.log.write_text("")
    add(host.log, 500)
    assert counted(host) == (1, 1)


def test_without_a_state_old_lines_are_not_counted(host: Any) -> None:
    host.state.write_text("{broken")
    assert metrics.log_figures(host, metrics.read_state(host))[0] == []


def values(aws: Aws) -> dict[str, float]:
    """The values in CloudWatch by name; checks their namespace and installation."""
    cloudwatch = aws.client("cloudwatch")
    sums = {}
    for metric in cloudwatch.list_metrics()["Metrics"]:
        assert metric["Namespace"] == "Linky"
        assert metric["Dimensions"] == [{"Name": "Installation", "Value": "/linky/prod"}]
        now = datetime.now(UTC)
        points = cloudwatch.get_metric_statistics(
            **metric, StartTime=now - timedelta(hours=1), EndTime=now + timedelta(hours=1),
            Period=3600, Statistics=["Sum"],
        )["Datapoints"]  # fmt: skip
        sums[metric["MetricName"]] = sum(point["Sum"] for point in points)
    return sums


def test_cloudwatch_gets_the_metrics_with_the_role_of_the_instance(
    on_an_instance: Aws, host: Any
) -> None:
    add(host.log, 200, 500)
    assert metrics.run(host) == 0
    assert metrics.run(host) == 0
    stored = values(on_an_instance)
    assert stored.keys() == {"AppAnswers", "DiskUsed", "Requests", "ServerErrors"}
    assert (stored["Requests"], stored["ServerErrors"]) == (2, 1)


def test_figures_that_cloudwatch_did_not_get_are_sent_again(
    on_an_instance: Aws, host: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(host.log, 500)
    with monkeypatch.context() as away:
        away.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        away.setattr(metrics, "SECONDS", 0.2)
        assert metrics.run(host) == 1
    assert metrics.run(host) == 0
    assert values(on_an_instance)["ServerErrors"] == 1


def test_the_script_reads_its_host_from_the_units_environment(
    on_an_instance: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(metrics, "run", seen.append)
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    ours = {"DOMAIN": "api.linky.example", "REGION": "eu-west-1", "PARAMETER_PREFIX": "/linky/x"}
    for name, value in ours.items():
        monkeypatch.setenv(name, value)
    metrics.main()
    assert (seen[0].domain, seen[0].installation) == ("api.linky.example", "/linky/x")
    assert os.environ["AWS_DEFAULT_REGION"] == "eu-west-1"


def test_the_unit_runs_the_script_each_minute_as_a_dynamic_user() -> None:
    units = ROOT / "deploy" / "systemd"
    assert "OnUnitActiveSec=1min" in (units / "linky-metrics.timer").read_text()
    service = (units / "linky-metrics.service").read_text().splitlines()
    for line in ("DynamicUser=true", "StateDirectory=linky-metrics", "SupplementaryGroups=adm"):
        assert line in service
    assert SCRIPT.read_text().startswith("#!/opt/linky/current/.venv/bin/python\n")
    assert os.access(SCRIPT, os.X_OK)
