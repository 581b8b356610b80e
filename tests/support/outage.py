"""A database that is out of reach for the requests of a test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import make_url

from app.runtime.runtime import Runtime
from tests.support.ports import free_port
from tests.support.world import World


@asynccontextmanager
async def without_database(world: World) -> AsyncIterator[None]:
    """Meanwhile the app asks for its database at a port where no server listens."""
    url = make_url(world.runtime.database_url).set(host="127.0.0.1", port=free_port())
    away = Runtime.build(world.runtime.settings, url.render_as_string(hide_password=False))
    away.clock = world.runtime.clock
    world.app.state.runtime = away
    try:
        yield
    finally:
        world.app.state.runtime = world.runtime
        await away.close()
