"""What tests do on one connection in one outer transaction, which is rolled back at the end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from app.core.passwords.hashing import PasswordHasher
from app.core.pool import Connection, Pool
from app.core.rate_limit import RateLimiter
from app.core.settings.config import Settings
from app.core.tokens import TokenCodec
from app.integrations.pictures.renderer import PictureRenderer
from app.integrations.storage.local import LocalStorage
from app.runtime.runtime import Runtime
from tests.support.fakes import FakeClock, FakeMailer, FakePush
from tests.support.people import LOWEST_COST
from tests.support.pools import outer_pools

ROLLED_BACK = "rolled back"
"""The name of the app that these tests borrow (`borrowed_app`)."""


@asynccontextmanager
async def rolled_back(pool: Pool) -> AsyncIterator[Any]:
    """A connection of the driver in a transaction that is rolled back afterwards."""
    connection = await pool.acquire()
    try:
        await connection.execute("BEGIN")
        yield connection
        await connection.execute("ROLLBACK")
    finally:
        is_usable = not connection.is_closed() and not connection.is_in_transaction()
        pool.release(connection, is_usable=is_usable)


@asynccontextmanager
async def undone(connection: Connection) -> AsyncIterator[None]:
    """Within such a transaction: what is done in the block is undone."""
    await connection.execute("SAVEPOINT undone")
    try:
        yield
    finally:
        await connection.execute("ROLLBACK TO SAVEPOINT undone; RELEASE SAVEPOINT undone")


def runtime_on(
    connection: Any,
    url: str,
    settings: Settings,
    clock: FakeClock,
    push: FakePush,
    mailer: FakeMailer,
) -> Runtime:
    """A runtime whose commits and rollbacks are savepoints in that transaction."""
    return Runtime(
        settings=settings,
        database_url=url,
        pools=outer_pools(connection),
        storage=LocalStorage(settings.storage_dir, settings.media_url),
        push=push,
        mailer=mailer,
        pictures=PictureRenderer(),
        passwords=PasswordHasher(cost=LOWEST_COST),
        tokens=TokenCodec(settings.signing_keys, clock),
        clock=clock,
        limiter=RateLimiter(enabled=False),
    )
