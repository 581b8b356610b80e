"""What `linky dev` makes up is kept: tokens stay valid, and other commands know the stand-ins."""

import json
import os
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from pydantic import SecretStr

from app.core.clock import utc_now
from app.core.config import Settings
from app.integrations.identity.enums import SocialProvider
from linky_dev.app import settings_for_dev
from linky_dev.stand_ins.people import KNOWN
from linky_dev.stand_ins.provider import StandIn
from linky_dev.stand_ins.settings import beside_dev, make_stand_ins, needs_stand_ins
from tests.support.apps import SettingsOfTests
from tests.support.command_line import linky_forked, linky_here
from tests.support.server import environment


def started(folder: Path) -> Settings:
    return settings_for_dev(SettingsOfTests(data_dir=folder))


def stand_in(folder: Path, name: SocialProvider) -> StandIn:
    return make_stand_ins(started(folder), utc_now)[name]


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


@pytest.mark.parametrize("name", SocialProvider)
def test_an_id_token_is_valid_after_a_restart(tmp_path: Path, name: SocialProvider) -> None:
    before = stand_in(tmp_path / "a", name)
    token = before.id_token(KNOWN[0], before.client.browser_id, "nonce")
    after, other = stand_in(tmp_path / "a", name), stand_in(tmp_path / "b", name)
    keys = KeySet.import_key_set({"keys": [dict(key) for key in after.published_keys()]})
    claims = jwt.decode(token, keys, algorithms=[before.algorithm]).claims
    assert claims["sub"] == KNOWN[0].subject_at(name)
    assert other.published_keys()[0]["kid"] != after.published_keys()[0]["kid"]


def test_a_process_beside_linky_dev_knows_its_stand_ins(tmp_path: Path) -> None:
    alone = SettingsOfTests(data_dir=tmp_path)
    assert beside_dev(alone) is alone
    dev = started(tmp_path)
    assert secrets_of(beside_dev(alone)) == secrets_of(dev)
    assert beside_dev(alone).line_discovery_url == dev.line_discovery_url
    own = SettingsOfTests(data_dir=tmp_path, google_client_ids=("ours",))
    assert not needs_stand_ins(own)
    assert beside_dev(own) is own


def test_linky_dev_names_a_data_folder_that_it_can_not_write(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    folder = file / "data"
    url = "postgresql://linky@127.0.0.1:1/linky"
    for more in ({}, {"LINKY_DATABASE_URL": url, "LINKY_JWT_KEYS": "k:" + "x" * 40}):
        settings = environment(folder, **more)
        settings["LINKY_GOOGLE_CLIENT_IDS"] = "ours"
        done = linky_forked(["dev"], settings, tmp_path)
        assert done.returncode == 1
        assert f"The data folder {folder} can't be written" in done.stderr
        assert "LINKY_DATA_DIR" in done.stderr
        assert "database" not in done.stderr


def test_doctor_reports_no_stand_in_as_broken(tmp_path: Path, own_database: str) -> None:
    started(tmp_path)
    settings = environment(tmp_path, LINKY_DATABASE_URL=own_database, LINKY_PORT="1")
    done = linky_here(["doctor", "--json"], settings)
    found = [each for each in json.loads(done.stdout) if each["name"] == "sign-in"]
    assert len(found) == len(SocialProvider)
    assert all("`linky dev` does not answer" in each["words"] for each in found), found
    assert {each["verdict"] for each in found} == {"untried"}
    assert os.listdir(tmp_path / "dev")
