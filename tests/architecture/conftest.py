"""The app as a document and as a tree of files; and empty databases."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import asyncpg
import pytest
from fastapi import FastAPI
from sqlalchemy import make_url

from app.core.config import Settings
from app.main import create_app
from tests.support.world import token


@pytest.fixture(scope="session")
def documented_app() -> FastAPI:
    """The app with the default settings. Nothing connects."""
    return create_app(Settings(_env_file=None))  # type: ignore[call-arg]


@pytest.fixture
def make_database(server_url: str) -> Iterator[Callable[[], str]]:
    """Makes databases without any tables, which are dropped afterwards."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(_empty_database(server_url))


@contextmanager
def _empty_database(server_url: str) -> Iterator[str]:
    name = f"empty_{token()}"
    asyncio.run(_execute(server_url, f"CREATE DATABASE {name}"))
    try:
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        asyncio.run(_execute(server_url, f"DROP DATABASE {name} WITH (FORCE)"))


async def _execute(url: str, statement: str) -> None:
    admin = make_url(url).set(drivername="postgresql", database="postgres")
    connection = await asyncpg.connect(admin.render_as_string(hide_password=False))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
