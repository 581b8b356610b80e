"""What `linky dev` makes up is kept: tokens stay valid, and other commands use the fakes."""

import json
import os
from pathlib import Path

from pydantic import SecretStr

from app.core.settings.config import Settings
from app.integrations.identity.enums import SocialProvider
from linky_dev.app import settings_for_dev
from linky_dev.fake_providers.settings import beside_dev, needs_fake_providers
from tests.support.apps import SettingsOfTests
from tests.support.command_line import linky_here
from tests.support.server import environment


def started(folder: Path) -> Settings:
    return settings_for_dev(SettingsOfTests(data_dir=folder))


def secrets_of(settings: Settings) -> list[str | None]:
    key = settings.apple_private_key
    return [
        *(_value(settings.line_channel_secret), _value(settings.google_client_secret)),
        key.read_bytes().decode() if key else None,
    ]


def _value(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None


def test_a_restart_keeps_the_secrets_and_another_folder_has_its_own(tmp_path: Path) -> None:
    first, again = started(tmp_path / "a"), started(tmp_path / "a")
    assert all(secrets_of(first))
    assert secrets_of(first) == secrets_of(again)
    assert not set(secrets_of(first)) & set(secrets_of(started(tmp_path / "b")))
    for path in (tmp_path / "a" / "dev").iterdir():
        assert path.stat().st_mode & 0o777 == 0o600, path


def test_a_process_beside_linky_dev_knows_its_stand_ins(tmp_path: Path) -> None:
    alone = SettingsOfTests(data_dir=tmp_path)
    assert beside_dev(alone) is alone
    dev = started(tmp_path)
    assert secrets_of(beside_dev(alone)) == secrets_of(dev)
    assert beside_dev(alone).line_discovery_url == dev.line_discovery_url
    own = SettingsOfTests(data_dir=tmp_path, google_client_ids=("ours",))
    assert not needs_fake_providers(own)
    assert beside_dev(own) is own


def test_doctor_reports_no_stand_in_as_broken(tmp_path: Path, own_database: str) -> None:
    started(tmp_path)
    settings = environment(tmp_path, LINKY_DATABASE_URL=own_database, LINKY_PORT="1")
    done = linky_here(["doctor", "--json"], settings)
    found = [each for each in json.loads(done.stdout) if each["name"] == "sign-in"]
    assert len(found) == len(SocialProvider)
    assert all("`linky dev` does not answer" in each["words"] for each in found), found
    assert {each["verdict"] for each in found} == {"untried"}
    assert os.listdir(tmp_path / "dev")
