"""The pictures that a backup lists."""

from sqlalchemy import select, union

from app.image.models import Image
from app.integrations.storage import HIDDEN
from app.user.models import User

PREFIXES = ("images/", "avatars/", "covers/", HIDDEN)
"""All pictures. Other objects, such as probes of the store, are left out.

The hidden ones are listed last. So a picture that is hidden during the listing is found at its new
key, unless it was found at its old one.
"""

NAMED_KEYS = str(
    union(
        select(Image.key),
        select(Image.thumbnail_key),
        select(User.avatar_key).where(User.avatar_key.is_not(None)),
    )
)
"""A query for the keys that rows name."""
