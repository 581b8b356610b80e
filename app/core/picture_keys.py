"""Which keys of the store name pictures, and which columns hold those keys.

A feature with pictures registers the prefix of its keys next to the column. So the store, the
route `/media` and the backup know all pictures, and name no feature.
"""

from dataclasses import dataclass

from sqlalchemy.orm import InstrumentedAttribute


@dataclass(frozen=True, slots=True)
class PictureKeys:
    """A prefix of keys, and the columns that hold the keys."""

    prefix: str
    columns: tuple[InstrumentedAttribute[str] | InstrumentedAttribute[str | None], ...]


_registered: list[PictureKeys] = []


def register_pictures(
    prefix: str, *columns: InstrumentedAttribute[str] | InstrumentedAttribute[str | None]
) -> PictureKeys:
    """The objects under the prefix become public pictures."""
    assert prefix.endswith("/"), prefix
    keys = PictureKeys(prefix, columns)
    _registered.append(keys)
    return keys


def registered_pictures() -> tuple[PictureKeys, ...]:
    """What the features have registered. Complete once `app.api` is imported."""
    return tuple(_registered)
