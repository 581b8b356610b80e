"""The prefixes of picture keys are registered once; backup and storage use that registry."""

import pytest

from app import api
from app.core.picture_keys import registered_pictures
from app.integrations.storage.keys import (
    HIDDEN,
    LONGEST_NAME,
    find_picture_key,
    hidden_key,
    is_picture_key,
)
from app.operations.backup.pictures import NAMED_KEYS, PICTURES, PREFIXES

REGISTERED = registered_pictures()


def test_the_backup_lists_all_registered_pictures() -> None:
    assert api.JOBS, "all features are imported"
    assert set(PICTURES) == set(REGISTERED)
    assert PREFIXES[-1] == HIDDEN, "hidden pictures are listed last"
    for keys in REGISTERED:
        assert keys.prefix in PREFIXES
        for column in keys.columns:
            assert f"SELECT {column.class_.__tablename__}.{column.key} AS key" in NAMED_KEYS


@pytest.mark.parametrize("keys", REGISTERED, ids=lambda keys: keys.prefix)
def test_registered_pictures_are_public_unless_they_are_hidden(keys: object) -> None:
    prefix = getattr(keys, "prefix", "")
    key = f"{prefix}a/full.webp"
    assert is_picture_key(key)
    assert find_picture_key(f"https://cdn.test/media/{key}") == key
    assert not is_picture_key(hidden_key(key))


@pytest.mark.parametrize("key", ["", "backups/a.webp", "images/../secret.webp", "images/a.txt"])
def test_other_keys_are_not_public(key: str) -> None:
    assert not is_picture_key(key)


def test_a_key_with_a_longer_name_is_not_a_pictures() -> None:
    for letters, is_picture in ((LONGEST_NAME, True), (LONGEST_NAME + 1, False)):
        key = f"images/{'a' * letters}.webp"
        assert is_picture_key(key) is is_picture
        assert (find_picture_key(f"https://cdn.test/media/{key}") is not None) is is_picture
