"""The alarms in the CloudFormation template, and the metrics that they watch."""

import re

from app.operations.doctor.disk import OLDEST_BACKUP
from tests.support.stack import ROOT, properties, resources


def test_every_alarm_sends_mail_and_has_a_description() -> None:
    assert properties("AlarmTopic")["Subscription"] == [
        {"Protocol": "email", "Endpoint": {"Ref": "ContactEmail"}}
    ]
    for name, alarm in resources("AWS::CloudWatch::Alarm").items():
        configured = alarm["Properties"]
        assert configured["AlarmActions"] == configured["OKActions"] == [{"Ref": "AlarmTopic"}], (
            name
        )
        assert len(configured["AlarmDescription"]) > 20, name


def watched() -> set[tuple[str, str]]:
    """The namespace and name of each metric that the alarms watch."""
    metrics = set()
    for alarm in resources("AWS::CloudWatch::Alarm").values():
        configured = alarm["Properties"]
        plain = [configured] if "MetricName" in configured else []
        math = [
            item["MetricStat"]["Metric"]
            for item in configured.get("Metrics", [])
            if "MetricStat" in item
        ]
        for metric in plain + math:
            metrics.add((metric["Namespace"], metric["MetricName"]))
            if metric["Namespace"] == "Linky":
                expected = [{"Name": "Installation", "Value": {"Ref": "ParameterPrefix"}}]
                assert metric["Dimensions"] == expected
    return metrics


def test_the_host_sends_the_metrics_that_the_alarms_watch() -> None:
    script = (ROOT / "deploy" / "host" / "metrics.py").read_text(encoding="utf-8")
    put = set(re.findall(r'Figure\("(\w+)"', script))
    assert {name for namespace, name in watched() if namespace == "Linky"} <= put


def test_a_backup_is_missed_after_the_time_that_doctor_allows() -> None:
    alarm = properties("BackupAlarm")
    assert alarm["Threshold"] == OLDEST_BACKUP.total_seconds()
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    # Where no backup is expected, the host sends no such figure.
    assert alarm["TreatMissingData"] == "notBreaching"


def test_missing_metrics_of_the_host_raise_an_alarm() -> None:
    assert properties("AppAlarm")["TreatMissingData"] == "breaching"
