"""What tests do on one connection in one outer transaction, which is rolled back at the end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.core.config import Settings
from app.core.database_session import with_reader, with_writer, write_sessions
from app.core.passwords.hashing import PasswordHasher
from app.core.rate_limit import RateLimiter
from app.core.tokens import TokenCodec
from app.integrations.pictures.renderer import PictureRenderer
from app.integrations.storage import LocalStorage
from app.runtime.runtime import Runtime
from tests.support.completeness import CheckedRuntime
from tests.support.fakes import FakeClock, FakeMailer, FakePush
from tests.support.people import LOWEST_COST
from tests.support.reader import ConnectionReader, ConnectionWriter

ROLLED_BACK = "rolled back"
"""The name of the app that these tests borrow (`borrowed_app`)."""


@asynccontextmanager
async def rolled_back(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection in a transaction that is rolled back afterwards."""
    async with engine.connect() as connection:
        outer = await connection.begin()
        # SQLAlchemy begins with the first statement, which must not be a savepoint.
        await connection.execute(text("SELECT 1"))
        yield connection
        await outer.rollback()


def runtime_on(
    connection: AsyncConnection,
    settings: Settings,
    clock: FakeClock,
    push: FakePush,
    mailer: FakeMailer,
) -> Runtime:
    """A runtime whose commits and rollbacks are savepoints in that transaction."""
    nested = "create_savepoint"
    on_connection = ConnectionReader(connection)
    readers = with_reader(on_connection, on_connection)
    writer = with_writer(ConnectionWriter(connection))
    runtime = CheckedRuntime(
        settings=settings,
        engine=connection.engine,
        sessions=write_sessions(connection, join_transaction_mode=nested),
        reads=write_sessions(connection, join_transaction_mode=nested, info=readers),
        single_writes=write_sessions(
            connection, join_transaction_mode=nested, info=readers | writer
        ),
        storage=LocalStorage(settings.storage_dir, settings.media_url),
        push=push,
        mailer=mailer,
        pictures=PictureRenderer(),
        passwords=PasswordHasher(cost=LOWEST_COST),
        tokens=TokenCodec(settings.signing_keys, clock),
        clock=clock,
        limiter=RateLimiter(enabled=False),
    )
    runtime.outer = connection
    return runtime
