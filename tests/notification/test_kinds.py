"""Each type of notification has all that docs/changing.md says, and each setting is everywhere."""

from dataclasses import fields

import pytest

from app.notification.enums import NotificationType
from app.notification.kinds import KINDS
from app.notification.models import SETTINGS
from app.notification.rows import NotificationSettings
from app.notification.schemas import NotificationSettingsUpdate
from tests.support.server import ROOT

CHANNELS = {kind.channel for kind in KINDS.values()}


def test_each_type_has_its_row_in_the_table() -> None:
    missing = set(NotificationType) - set(KINDS)
    assert not missing, f"app/notification/kinds.py, KINDS: no row of {', '.join(missing)}"


def test_each_setting_has_its_column_and_its_fields() -> None:
    settings = {"push_enabled"} | {kind.setting for kind in KINDS.values() if kind.setting}
    for place, there in (
        ("app/notification/models.py, NotificationSettings", SETTINGS.keys()),
        (
            "app/notification/rows.py, NotificationSettings",
            {each.name for each in fields(NotificationSettings)},
        ),
        (
            "app/notification/schemas.py, NotificationSettingsUpdate",
            NotificationSettingsUpdate.model_fields.keys(),
        ),
    ):
        assert there == settings, f"{place}: missing or without a type: {there ^ settings}"


def test_each_setting_has_its_switch_in_the_web_client() -> None:
    """Its settings screen shows each setting that the API answers."""
    text = (ROOT / "linky_dev" / "client" / "words.js").read_text(encoding="utf-8")
    missing = [name for name in SETTINGS if f"\n  push_{name}: [" not in text]
    assert not missing, f"linky_dev/client/words.js: the words push_{', push_'.join(missing)}"


@pytest.mark.parametrize(
    "place",
    ["docs/http.md", "clients/dart/linky/lib/src/push.dart"],
)
def test_each_channel_is_known_to_apps(place: str) -> None:
    text = (ROOT / place).read_text(encoding="utf-8")
    missing = {name for name in CHANNELS if f"`{name}`" not in text and f"'{name}'" not in text}
    assert not missing, f"{place}: the Android channels {', '.join(missing)}"
