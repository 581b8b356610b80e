"""A real store that tests can stop or break at any step, and the keys in a store."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

from app.integrations.storage.base import Storage, StoredObject
from app.integrations.storage.keys import HIDDEN
from tests.support.world import World

type Hook = Callable[[str], Awaitable[None]]
"""Gets `before copy`, `after copy`, `before delete` and so on."""


class HookedStorage:
    """Calls the hook before and after each copy, deletion and check for an object."""

    def __init__(self, inner: Storage, hook: Hook) -> None:
        self._inner = inner
        self.hook = hook

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        await self._inner.put(key, data, content_type)

    async def read(self, key: str) -> bytes | None:
        return await self._inner.read(key)

    async def exists(self, key: str) -> bool:
        await self.hook("before exists")
        found = await self._inner.exists(key)
        await self.hook("after exists")
        return found

    async def copy(self, source: str, target: str) -> bool:
        await self.hook("before copy")
        copied = await self._inner.copy(source, target)
        await self.hook("after copy")
        return copied

    async def delete(self, keys: Iterable[str]) -> None:
        await self.hook("before delete")
        await self._inner.delete(keys)
        await self.hook("after delete")

    def list_objects(self, prefix: str, after: str = "") -> AsyncIterator[list[StoredObject]]:
        return self._inner.list_objects(prefix, after)

    def url(self, key: str) -> str:
        return self._inner.url(key)

    async def check(self) -> None:
        await self._inner.check()


def stored(world: World) -> list[str]:
    folder = world.runtime.settings.storage_dir
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def keys_in(storage: Storage) -> set[str]:
    """The keys of all pictures in a store, hidden pictures included."""
    prefixes = ("images/", "avatars/", HIDDEN)
    return {o.key for p in prefixes async for batch in storage.list_objects(p) for o in batch}
