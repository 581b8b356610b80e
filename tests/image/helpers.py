"""What the tests of pictures share."""

from app.integrations.storage import HIDDEN, Storage


async def keys_in(storage: Storage) -> set[str]:
    """The keys of all pictures in a store, the hidden ones too."""
    prefixes = ("images/", "avatars/", HIDDEN)
    return {o.key for p in prefixes async for some in storage.list_objects(p) for o in some}
