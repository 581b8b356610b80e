"""The pictures that a backup lists."""

from sqlalchemy import select, union

from app.core.database import AnySelect
from app.core.picture_keys import PictureKeys
from app.image.models import IMAGES, Image
from app.integrations.storage.keys import HIDDEN
from app.lounge.models import COVERS
from app.user.models import AVATARS, User

PICTURES = (IMAGES, AVATARS, COVERS)
"""Imported by name: if no feature were registered, a backup would be empty without an error."""

PREFIXES = (*(keys.prefix for keys in PICTURES), HIDDEN)
"""All pictures. Other objects, such as probes of the store, are left out.

The hidden ones are listed last. So a picture that is hidden during the listing is found at its new
key, unless it was found at its old one.
"""


def _named(keys: PictureKeys) -> list[AnySelect]:
    return [select(column.label("key")).where(column.is_not(None)) for column in keys.columns]


_OF_USERS = (
    *(named.join(User, User.id == Image.owner_id) for named in _named(IMAGES)),
    *_named(AVATARS),
)
NAMED_KEYS = str(
    union(*(named.where(User.left_at.is_(None)) for named in _OF_USERS), *_named(COVERS))
)
"""A query for the keys that rows name.

It leaves out users who have left: their pictures are removed before the rows.
"""
