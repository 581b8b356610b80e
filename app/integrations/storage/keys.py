"""The keys of objects: which of them the public may see, and where hidden ones are."""

import re

from app.core.picture_keys import registered_pictures

HIDDEN = "hidden/"
"""The prefix of what only admins may see. No public address leads to it (ADR 0043)."""

LONGEST_NAME = 100
"""Characters before `.webp`; ours have fewer than fifty. For longer names a disk (255 bytes) or a
bucket (1,024 bytes) has an error of its own, which looks as if it were out of reach.
"""

_NAME = rf"[A-Za-z0-9][A-Za-z0-9/_-]{{0,{LONGEST_NAME - 1}}}\.webp"


def is_picture_key(key: str) -> bool:
    """Whether the public may see the object."""
    return re.fullmatch(_picture(), key) is not None


def find_picture_key(address: str) -> str | None:
    """The address may have any host. None if there is no key at its end."""
    match = re.search(rf"(?:^|/)({_picture()})$", address)
    return match[1] if match else None


def hidden_key(key: str) -> str:
    return HIDDEN + key


def _picture() -> str:
    prefixes = "|".join(re.escape(keys.prefix) for keys in registered_pictures())
    return f"(?:{prefixes}){_NAME}"
