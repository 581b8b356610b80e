"""The pictures that a backup lists."""

from sqlalchemy import select, union

from app.image.models import IMAGES
from app.integrations.storage import HIDDEN
from app.lounge.models import COVERS
from app.user.models import AVATARS

PICTURES = (IMAGES, AVATARS, COVERS)
"""Imported by name: if no feature were registered, a backup would be empty without an error."""

PREFIXES = (*(keys.prefix for keys in PICTURES), HIDDEN)
"""All pictures. Other objects, such as probes of the store, are left out.

The hidden ones are listed last. So a picture that is hidden during the listing is found at its new
key, unless it was found at its old one.
"""

NAMED_KEYS = str(
    union(
        *(
            select(column.label("key")).where(column.is_not(None))
            for keys in PICTURES
            for column in keys.columns
        )
    )
)
"""A query for the keys that rows name."""
