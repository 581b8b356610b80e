"""The alarms for Prometheus and the dashboard for Grafana use figures that exist."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from app.runtime.joined_metrics import SiblingProcesses
from tests.support.server import ROOT
from tests.support.world import World

pytestmark = pytest.mark.anyio

FOLDER = ROOT / "deploy" / "monitoring"
ALERTS = FOLDER / "alerts.yml"
DASHBOARD = FOLDER / "dashboard.json"
MADE_BY_OTHERS = {"up", "node_systemd_unit_state"}
"""By Prometheus itself, and by node_exporter."""

NAME = re.compile(r"\b((?:linky|process|node)_\w+|up)\b(?=[{\[) ]|$)")


def expressions() -> Iterator[tuple[str, str]]:
    """Every expression with its place."""
    for group in yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]
    for panel in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


async def test_every_expression_uses_figures_that_exist(world: World, tmp_path: Path) -> None:
    world.runtime.metrics = world.app.state.metrics
    # A server of several processes has all figures.
    world.app.state.siblings = SiblingProcesses(tmp_path, 1, 1)
    shown = (await world.http.get("/metrics")).text
    families = list(text_string_to_metric_families(shown))
    known = {name for family in families for name in names_of(family)} | MADE_BY_OTHERS
    for place, expression in expressions():
        used = set(NAME.findall(expression))
        assert used, f"{place}: {expression}"
        assert used <= known, place


def names_of(family: Any) -> set[str]:
    suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
    return {family.name + suffix for suffix in suffixes.get(family.type, ("",))}


def test_the_kind_of_a_job_has_the_name_that_prometheus_gives_it() -> None:
    """A scrape has a label `job` of its own. Prometheus keeps that, and renames ours."""
    expressions_of_jobs = [expr for _, expr in expressions() if "linky_jobs_failed" in expr]
    assert expressions_of_jobs
    for expression in expressions_of_jobs:
        assert expression.startswith("max by (exported_job) (linky_jobs_failed)")
    for text, legend in (
        (ALERTS.read_text(encoding="utf-8"), "Jobs were given up: {{ $labels.exported_job }}"),
        (DASHBOARD.read_text(encoding="utf-8"), "given up: {{exported_job}}"),
    ):
        assert legend in text


def test_the_page_says_what_to_do_for_each_alarm_of_streams() -> None:
    alarms = [place for place, _ in expressions() if place.startswith("LinkyLive")]
    assert alarms
    for name in ("operations.md", "operations.ja.md"):
        text = (ROOT / "docs" / name).read_text(encoding="utf-8")
        assert [alarm for alarm in alarms if f"| {alarm} |" not in text] == [], name


needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="install prometheus")


def promtool(*words: str) -> None:
    done = subprocess.run(["promtool", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@needs_promtool
def test_prometheus_understands_every_expression(tmp_path: Path) -> None:
    promtool("check", "rules", str(ALERTS))
    rules = [
        {"record": f"panel:number_{number}", "expr": expr.replace("$__rate_interval", "5m")}
        for number, (_, expr) in enumerate(expressions())
    ]
    panels = tmp_path / "panels.yml"
    panels.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    promtool("check", "rules", str(panels))


ALARMS = {
    "LinkyIsDown": {'up{job="linky"}': "0x60"},
    "LinkyServerErrors": {
        'linky_http_requests_total{status="200"}': "0+90x60",
        'linky_http_requests_total{status="503"}': "0+10x60",
    },
    "LinkyDatabaseConnectionsUsedUp": {
        'linky_database_connections{pool="reads",use="used"}': "5x60",
        'linky_database_connections{pool="reads",use="most"}': "5x60",
    },
    "LinkyReplicaAway": {"linky_replica_away": "1x60"},
    "LinkyJobsLate": {"linky_jobs_oldest_seconds": "301x60"},
    "LinkyJobsFailed": {'linky_jobs_failed{job="linky",exported_job="push.send"}': "1x60"},
    "LinkyBackupFailed": {
        'node_systemd_unit_state{name="linky-backup.service",state="failed"}': "1x60"
    },
    "LinkyPushesStopped": {'linky_pushes_total{outcome="stopped"}': "0+1x60"},
    "LinkySignInsUnderAttack": {'linky_sign_ins_failed_total{way="password"}': "0+61x60"},
    "LinkySignUpsWithoutMail": {"linky_sign_ups_refused_total": "0+1x60"},
    "LinkyLiveStreamsFull": {'linky_live_streams{process="1"}': "1801x60"},
    "LinkyLiveTrouble": {'linky_live_byes_total{reason="trouble"}': "0+1x60"},
    "LinkyLiveSlowReaders": {'linky_live_byes_total{reason="too_slow"}': "0+4x60"},
    "LinkyLiveBehind": {"linky_live_lag_positions": "1001x60"},
    "LinkyLiveLogStands": {"linky_live_log_waiting": "1x60", "linky_live_log_position": "7x60"},
}
"""What makes an alarm ring, a value for each minute of an hour."""

QUIET = {
    'up{job="linky"}': "1x60",
    'linky_http_requests_total{status="200"}': "0+99x60",
    'linky_http_requests_total{status="503"}': "0+1x60",
    'linky_database_connections{pool="reads",use="used"}': "4x60",
    'linky_database_connections{pool="reads",use="most"}': "5x60",
    "linky_replica_away": "0x40 1x4 0x15",
    "linky_jobs_oldest_seconds": "299x60",
    'linky_jobs_failed{job="linky",exported_job="push.send"}': "0x60",
    'node_systemd_unit_state{name="linky-backup.service",state="failed"}': "0x60",
    'linky_sign_ins_failed_total{way="password"}': "0+59x60",
    "linky_sign_ups_refused_total": "7x60",
    'linky_live_streams{process="1"}': "1799x60",
    'linky_live_streams_most{process="1"}': "2000x60",
    # The database was away once, and each restart of the server ends all streams.
    'linky_live_byes_total{reason="trouble"}': "0x30 2000x30",
    'linky_live_byes_total{reason="deploy"}': "0+500x60",
    'linky_live_byes_total{reason="too_slow"}': "0+3x60",
    "linky_live_lag_positions": "999x60",
    # There are always some that were written a moment ago, while the position moves on.
    "linky_live_log_waiting": "1x60",
    "linky_live_log_position": "0+1x60",
}


@needs_promtool
@pytest.mark.parametrize("alarm", [*ALARMS, None])
def test_an_alarm_rings_when_it_should(tmp_path: Path, alarm: str | None) -> None:
    series = QUIET | (ALARMS[alarm] if alarm else {})
    fired = subprocess.run(
        ["promtool", "test", "rules", str(unit_test(tmp_path, series))],
        capture_output=True,
        text=True,
        check=False,
    )
    # The test file expects no alarm at all. So promtool names each alarm that rings.
    assert set(re.findall(r"alertname: (\w+)", fired.stdout + fired.stderr)) == (
        {alarm} if alarm else set()
    ), fired.stdout + fired.stderr


def unit_test(folder: Path, series: dict[str, str]) -> Path:
    alerts = [name for name, _ in expressions() if name.startswith("Linky")]
    path = folder / "test.yml"
    test = {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "alert_rule_test": [
            {"eval_time": "55m", "alertname": name, "exp_alerts": []} for name in alerts
        ],
    }
    path.write_text(
        yaml.safe_dump({"rule_files": [str(ALERTS)], "evaluation_interval": "1m", "tests": [test]})
    )
    return path
