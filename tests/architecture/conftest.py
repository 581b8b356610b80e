"""The app's OpenAPI document, databases, and the migrations, which Alembic loads once."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest
from alembic.script import ScriptDirectory
from fastapi import FastAPI
from sqlalchemy import make_url

from app.core import migrations
from tests.support import apps
from tests.support.database import EMPTY, fresh_database
from tests.support.world import token


@pytest.fixture(scope="session")
def documented_app() -> FastAPI:
    return apps.documented_app()


@pytest.fixture
def make_database(server_url: str) -> Iterator[Callable[[], str]]:
    """A function that makes databases without tables. They are dropped afterwards."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(fresh_database(server_url, f"empty_{token()}", EMPTY))


@pytest.fixture
def copy_of(server_url: str) -> Iterator[Callable[[str], str]]:
    """A function that copies the database of a URL. The copies are dropped afterwards."""

    def copy(url: str) -> str:
        name = make_url(url).database
        assert name is not None
        return stack.enter_context(fresh_database(server_url, f"copy_{token()}", name))

    with ExitStack() as stack:
        yield copy


@cache
def revisions() -> ScriptDirectory:
    return ScriptDirectory.from_config(migrations.alembic_config())


@pytest.fixture(scope="module")
def migrations_loaded_once() -> Iterator[None]:
    """Each of Alembic's commands would else load all of them again."""
    loaded = revisions()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ScriptDirectory, "from_config", lambda _: loaded)
        yield
