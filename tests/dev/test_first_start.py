"""`make run` in an empty folder, with each setting: it makes the demo community and serves."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import httpx
import pytest
from joserfc.jwk import ECKey
from PIL import Image

from app.core.settings.config import Settings
from tests.support import s3
from tests.support.database import EMPTY, fresh_database
from tests.support.fcm import fake_fcm
from tests.support.ports import free_port
from tests.support.quick_linky import QUICK_LINKY
from tests.support.server import Server
from tests.support.tls import Authority
from tests.support.waiting import HANG_SECONDS
from tests.support.world import token

SECRET = "geheim" * 8

# Nothing answers at {closed}: whether a service of others is there decides no start.
STARTS: dict[str, dict[str, str]] = {
    "what is strict, and services that do not answer": {
        "publish_needs": "verified_email",
        "admin_mfa": "required",
        "sign_up": "off",
        "app_check": "enforce",
        "app_check_project": "123",
        "app_check_apps": "1:123:ios:1",
        "app_check_jwks_url": "{closed}/keys",
        "new_account_hours": "48",
        "sign_up_mails_per_hour": "1",
        "live_streams": "0",
        "console_idle_minutes": "5",
        "session_max_days": "1",
        "records_days": "1",
        "notification_days": "1",
        "terms_version": "2026-11-01",
        "terms_url": "https://linky.example/terms",
        "privacy_url": "https://linky.example/privacy",
        "contact_email": "help@linky.example",
        "min_app_version": "2.0.0",
        "rate_limits": "on",
        "limits_url": "redis://127.0.0.1:{closed_port}",
        "mail": "smtp",
        "mail_from": "Linky <no-reply@linky.example>",
        "smtp_host": "127.0.0.1",
        "smtp_port": "{closed_port}",
        "smtp_starttls": "required",
        "smtp_user": "linky",
        "smtp_password": SECRET,
        "webhook_url": "{closed}/hook",
        "webhook_secret": SECRET,
        "picture_check_url": "{closed}/pictures",
        "google_client_ids": "web.example",
        "google_client_secret": SECRET,
        "google_discovery_url": "{closed}/google",
        "line_channel_id": "1234567890",
        "line_channel_secret": SECRET,
        "line_discovery_url": "{closed}/line",
        "line_api_url": "{closed}/line",
        "apple_client_ids": "com.example.linky",
        "apple_team_id": "STANDIN001",
        "apple_key_id": "STANDIN002",
        "apple_private_key": "{folder}/apple.pem",
        "apple_discovery_url": "{closed}/apple",
        "log_level": "debug",
    },
    "a bucket, pushes, and a worker elsewhere": {
        "publish_needs": "nothing",
        "admin_mfa": "optional",
        "app_check": "watch",
        "app_check_project": "123",
        "storage": "s3",
        "s3_bucket": s3.READY,
        "s3_endpoint_url": "{s3}",
        "s3_public_url": "{s3}/ready",
        "push": "fcm",
        "fcm_credentials": "{folder}/fcm.json",
        "fcm_endpoint": "{fcm}",
        "mail": "ses",
        "smtp_starttls": "offered",
        "worker": "apart",
        "worker_metrics_port": "{closed_port}",
        "rate_limits": "off",
        "log_level": "warning",
    },
    "a database of its own, and another name": {
        "database_url": "{database}",
        "direct_database_url": "{database}",
        "database_replica_url": "{database}",
        "migration_database_url": "{database}",
        "database_ca": "{folder}/ca.pem",
        "host": "0.0.0.0",
        "processes": "2",
        "public_url": "http://127.0.0.1:{port}",
        "jwt_keys": f"one:{SECRET}",
        "app_name": "あさぎり",
        "app_tagline": "港町のひとたち",
        "app_color": "#7a1f5c",
        "app_icon": "{folder}/icon.png",
        "app_scheme": "asagiri",
        "app_store_url": "https://apps.apple.com/app/id1",
        "apple_app_ids": "ABCDE12345.com.example.linky",
        "android_apps": "com.example.linky:" + ":".join(["AB"] * 32),
        "oauth_redirect_uris": "asagiri://auth/done",
        "links_indexed": "on",
        "cors_origins": "https://app.linky.example",
        "trusted_proxies": "127.0.0.1,10.0.0.0/8",
        "release": "try",
        "backup_to": "{folder}/backups",
        "backup_recipients": "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
        "backup_keep": "1",
        "log_level": "error",
    },
}
"""Settings by their names, with a value that is not the default. A start takes many of them."""

LEFT_OUT = {
    "data_dir": "Each start has its own.",
    "port": "Each start has its own.",
    "env": "`linky dev` refuses to run in production.",
    "database_pooled": "`linky bootstrap-database` comes before it: tests/deploy/test_pgbouncer.py",
    "parameter_store_prefix": "It needs AWS: tests/deploy/test_parameter_store.py",
    "operations_prefix": "It needs AWS: tests/deploy/test_operations.py",
}
"""Settings that no start has, and why."""


def choices(annotation: Any) -> set[str]:
    """The fixed values of a setting, if it has any."""
    if get_origin(annotation) is Literal:
        return set(get_args(annotation))
    return {each for part in get_args(annotation) for each in choices(part)}


def given(name: str) -> set[str]:
    return {start[name] for start in STARTS.values() if name in start}


def test_each_setting_and_each_choice_has_a_start() -> None:
    """A setting that is missing here gets a value in STARTS or a reason in LEFT_OUT (this file)."""
    fields = Settings.model_fields
    assert set().union(*STARTS.values()) | LEFT_OUT.keys() == fields.keys()
    for name, field in fields.items():
        if name not in LEFT_OUT:
            assert given(name) - {str(field.default)}, f"{name} has its default only"
            missing = choices(field.annotation) - {field.default} - given(name)
            assert not missing, f"{name} in STARTS of {__file__}: {missing}"


@pytest.fixture
def places(server_url: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """What the values of STARTS name in braces."""
    Authority(tmp_path)
    Image.new("RGB", (128, 128), "#c2185b").save(tmp_path / "icon.png")
    (tmp_path / "apple.pem").write_bytes(ECKey.generate_key("P-256").as_pem(private=True))
    port = free_port()
    with (
        ExitStack() as stack,
        fake_fcm() as fcm,
        fresh_database(server_url, f"first_{token()}", EMPTY) as url,
    ):
        fcm.write_credentials(tmp_path / "fcm.json")
        bucket = stack.enter_context(s3.s3_server(tmp_path / "s3")) if s3.weed() else None
        yield {
            "folder": str(tmp_path),
            "closed": f"http://127.0.0.1:{port}",
            "closed_port": str(port),
            "database": url.replace("+asyncpg", ""),
            "fcm": fcm.url,
            "s3": bucket.endpoint if bucket else "",
        }


@pytest.mark.parametrize("name", STARTS)
def test_the_first_start_makes_the_demo_and_serves(
    places: Mapping[str, str], tmp_path: Path, name: str
) -> None:
    settings = STARTS[name]
    if settings.get("storage") == "s3" and not places["s3"]:
        pytest.skip("there is no S3 server for this machine")
    server = Server(
        tmp_path / "data",
        (*QUICK_LINKY, "dev"),
        AWS_ACCESS_KEY_ID=s3.ACCESS_KEY,
        AWS_SECRET_ACCESS_KEY=s3.SECRET_KEY,
        AWS_DEFAULT_REGION="ap-northeast-1",
        AWS_EC2_METADATA_DISABLED="true",
    )
    server.environment |= {
        f"LINKY_{setting.upper()}": value.format(**places, port=server.port)
        for setting, value in settings.items()
    }
    try:
        server.launch()
        server.wait_until("serving", lambda: "Stop with Ctrl-C." in server.output())
        assert "Demo accounts" in server.output()
        assert httpx.get(f"{server.url}/health/live", timeout=HANG_SECONDS).status_code == 200
        assert "Traceback" not in server.output(), server.output()
    finally:
        server.clean_up()
