"""Whether the database is who it says: TLS before a real PostgreSQL, by authorities of our own."""

import asyncio
import ssl
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from shutil import which
from typing import Literal

import asyncpg
import pytest
from pydantic import ValidationError
from sqlalchemy import URL, text

from app.core import migrations
from app.core.config import Settings
from app.core.database import asyncpg_arguments, make_engine
from app.core.database_session import read_sessions
from app.core.database_tls import is_verified, untrusted
from app.core.unavailable import is_unavailable
from app.operations.backup.programs import environment_for
from tests.support.postgres_tls import tls_before
from tests.support.tls import Authority

pytestmark = pytest.mark.anyio

NAME = "database.linky.example"

type Env = Literal["development", "production"]
type Connect = Callable[[str], Awaitable[None]]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def stranger(tmp_path: Path) -> Authority:
    (tmp_path / "stranger").mkdir()
    return Authority(tmp_path / "stranger")


@pytest.fixture
def url(own_database: str, authority: Authority) -> Iterator[URL]:
    """Of a database whose certificate is right for 127.0.0.1."""
    with tls_before(own_database, authority.server_context()) as url:
        yield url


def asking(url: URL, mode: str, authority: Authority | None = None) -> str:
    """The URL of the settings of a server that asks for this."""
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        database_ca=authority.file if authority else None,
        database_url=f"{plain}?sslmode={mode}",
    )
    assert settings.database_url is not None
    return settings.database_url


async def connect_by_engine(url: str) -> None:
    engine = make_engine(url)
    try:
        async with read_sessions(engine)() as session:
            assert await session.scalar(text("SELECT 1")) == 1
    finally:
        await engine.dispose()


async def connect_by_asyncpg(url: str) -> None:
    connection = await asyncpg.connect(**asyncpg_arguments(url))
    assert await connection.fetchval("SELECT 1") == 1
    await connection.close()


async def migrate(url: str) -> None:
    await asyncio.to_thread(migrations.upgrade, url)


EACH_WAY = pytest.mark.parametrize("connect", [connect_by_engine, connect_by_asyncpg, migrate])


@EACH_WAY
async def test_the_right_server_is_let_in(url: URL, authority: Authority, connect: Connect) -> None:
    await connect(asking(url, "verify-full", authority))
    await connect(asking(url, "verify-ca", authority))
    await connect(asking(url, "require"))


@EACH_WAY
async def test_one_whom_another_authority_signed_is_refused(
    url: URL, stranger: Authority, connect: Connect
) -> None:
    for mode in ("verify-full", "verify-ca"):
        with pytest.raises(ssl.SSLCertVerificationError) as refused:
            await connect(asking(url, mode, stranger))
        assert is_unavailable(refused.value)
        assert untrusted(refused.value)


@EACH_WAY
async def test_one_with_another_name_is_refused(
    own_database: str, authority: Authority, connect: Connect
) -> None:
    with tls_before(own_database, authority.server_context(name=NAME)) as url:
        with pytest.raises(ssl.SSLCertVerificationError, match=r"127\.0\.0\.1"):
            await connect(asking(url, "verify-full", authority))
        await connect(asking(url, "verify-ca", authority))


async def test_without_a_file_the_machines_authorities_are_asked_and_the_name_always(
    url: URL, own_database: str, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        await connect_by_engine(asking(url, "verify-full"))
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    await connect_by_engine(asking(url, "verify-full"))
    with (
        tls_before(own_database, authority.server_context(name=NAME)) as other,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        await connect_by_engine(asking(other, "verify-ca"))


async def test_through_a_tunnel_the_certificate_is_the_databases(
    own_database: str, authority: Authority
) -> None:
    with tls_before(own_database, authority.server_context(name=NAME)) as tunnel:
        asked = asking(tunnel, "verify-full", authority)
        connection = await asyncpg.connect(**asyncpg_arguments(asked, NAME))
        await connection.close()
        with pytest.raises(ssl.SSLCertVerificationError, match="other"):
            await asyncpg.connect(**asyncpg_arguments(asked, "other.example"))


@pytest.mark.skipif(which("psql") is None, reason="install postgresql-client")
async def test_the_programs_of_a_backup_verify_the_same(
    url: URL, authority: Authority, stranger: Authority
) -> None:
    async def psql(asked: str) -> str:
        done = await asyncio.to_thread(
            subprocess.run,
            ["psql", "-XqAtc", "SELECT 'let in'"],
            env=environment_for(asked), capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.stdout + done.stderr

    assert "let in" in await psql(asking(url, "verify-full", authority))
    assert "certificate verify failed" in await psql(asking(url, "verify-full", stranger))
    localhost = url.set(host="localhost")
    assert "does not match" in await psql(asking(localhost, "verify-full", authority))


def test_libpq_is_told_whom_to_trust() -> None:
    there = "postgresql+asyncpg://a:b@database/linky"
    told = environment_for(f"{there}?ssl=verify-full")
    assert (told["PGSSLMODE"], told["PGSSLROOTCERT"]) == ("verify-full", "system")
    told = environment_for(f"{there}?ssl=verify-full&sslrootcert=/a")
    assert told["PGSSLROOTCERT"] == "/a"
    assert "PGSSLROOTCERT" not in environment_for(f"{there}?ssl=require")


# What is the default


def in_production(url: str, ca: Path | None = None, env: Env = "production") -> str:
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        env=env,
        database_ca=ca,
        database_url=url,
        jwt_keys=("one:" + "t" * 40,),
        public_url="https://linky.example",
    )
    assert settings.database_url is not None
    return settings.database_url.partition("://")[2]


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("a:b@db.example/linky", "?ssl=verify-full"),
        ("a:b@db.example/linky?connect_timeout=5", "&ssl=verify-full"),
        ("a:b@10.20.10.5:5432/linky", "?ssl=verify-full"),
        ("a:b@db.example/linky?sslmode=require", "?ssl=require"),
        ("a:b@db.example/linky?sslmode=disable", "?ssl=disable"),
        ("a:b@localhost/linky", "/linky"),
        ("a:b@127.0.0.1:5433/linky", "/linky"),
        ("a:b@[::1]:5433/linky", "/linky"),
        ("a:b@/linky?host=/run/postgresql", "host=/run/postgresql"),
    ],
)
def test_in_production_the_database_must_show_who_it_is(
    given: str, asked: str, authority: Authority
) -> None:
    assert in_production(f"postgresql://{given}").endswith(asked)
    assert "verify" not in in_production(f"postgresql://{given}", env="development")
    with_file = in_production(f"postgresql://{given}", authority.file)
    assert with_file.endswith(f"&sslrootcert={authority.file}") == ("verify" in asked)


async def test_the_default_verifies(
    own_database: str, authority: Authority, stranger: Authority
) -> None:
    """127.1 is this machine too, but not by a name that is known to be."""
    with tls_before(own_database, authority.server_context(name="127.1")) as url:
        there = url.set(drivername="postgresql", host="127.1").render_as_string(False)
        await connect_by_engine(f"postgresql+asyncpg://{in_production(there, authority.file)}")
        for file in (stranger.file, None):
            with pytest.raises(ssl.SSLCertVerificationError):
                await connect_by_engine(f"postgresql+asyncpg://{in_production(there, file)}")


@pytest.mark.parametrize(
    ("url", "is_right"),
    [
        ("postgresql+asyncpg://a:b@db.example/linky?ssl=verify-full", True),
        ("postgresql+asyncpg://a:b@db.example/linky?ssl=verify-ca", False),
        ("postgresql+asyncpg://a:b@db.example/linky?ssl=require", False),
        ("postgresql+asyncpg://a:b@db.example/linky", False),
        ("postgresql+asyncpg://a:b@localhost/linky", True),
        ("postgresql+asyncpg://a:b@/linky?host=/run/postgresql", True),
    ],
)
def test_what_is_verified_is_known(url: str, is_right: bool) -> None:
    assert is_verified(url) == is_right


def test_a_file_without_certificates_is_refused_at_the_start(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("<html>geheim</html>")
    for file in (empty, tmp_path / "none.pem"):
        with pytest.raises(ValidationError, match="no certificates") as refused:
            in_production("postgresql://a:b@db.example/linky", file)
        assert "geheim" not in str(refused.value)


def test_a_url_that_cannot_be_read_is_refused_and_not_shown() -> None:
    with pytest.raises(ValidationError, match="USER:PASSWORD@HOST") as refused:
        in_production("postgresql://a:geheim@db.example:port/linky")
    assert "geheim" not in str(refused.value)
