"""Verifying the database server: TLS in front of a real PostgreSQL, with test authorities."""

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
from sqlalchemy import URL

from app.core import migrations
from app.core.database import asyncpg_arguments
from app.core.pool import Pool
from app.core.settings.config import Settings
from app.core.settings.database_tls import is_verified, untrusted
from app.core.unavailable import is_unavailable
from app.operations.backup.programs import environment_for
from tests.support.postgres_tls import tls_before
from tests.support.tls import Authority

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("patient_pools")]

NAME = "database.linky.example"

type Env = Literal["development", "production"]
type Connect = Callable[[str], Awaitable[None]]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def other_authority(tmp_path: Path) -> Authority:
    (tmp_path / "stranger").mkdir()
    return Authority(tmp_path / "stranger")


@pytest.fixture
def url(own_database: str, authority: Authority) -> Iterator[URL]:
    """The URL of a database whose certificate is valid for 127.0.0.1."""
    with tls_before(own_database, authority.server_context()) as url:
        yield url


def url_with_mode(url: URL, mode: str, authority: Authority | None = None) -> str:
    """The database URL of settings that ask for this sslmode."""
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        database_ca=authority.file if authority else None,
        database_url=f"{plain}?sslmode={mode}",
    )
    assert settings.database_url is not None
    return settings.database_url


async def connect_by_pool(url: str) -> None:
    pool = Pool(url)
    try:
        assert await pool.fetch("SELECT 1", []) == [(1,)]
    finally:
        await pool.close()


async def connect_by_asyncpg(url: str) -> None:
    connection = await asyncpg.connect(**asyncpg_arguments(url))
    assert await connection.fetchval("SELECT 1") == 1
    await connection.close()


async def migrate(url: str) -> None:
    await asyncio.to_thread(migrations.upgrade, url)


EACH_WAY = pytest.mark.parametrize("connect", [connect_by_pool, connect_by_asyncpg, migrate])


@EACH_WAY
async def test_a_server_with_a_valid_certificate_is_accepted(
    url: URL, authority: Authority, connect: Connect
) -> None:
    await connect(url_with_mode(url, "verify-full", authority))
    await connect(url_with_mode(url, "verify-ca", authority))
    await connect(url_with_mode(url, "require"))


@EACH_WAY
async def test_a_certificate_of_another_authority_is_refused(
    url: URL, other_authority: Authority, connect: Connect
) -> None:
    for mode in ("verify-full", "verify-ca"):
        with pytest.raises(ssl.SSLCertVerificationError) as refused:
            await connect(url_with_mode(url, mode, other_authority))
        assert is_unavailable(refused.value)
        assert untrusted(refused.value)


@EACH_WAY
async def test_a_certificate_for_another_name_is_refused(
    own_database: str, authority: Authority, connect: Connect
) -> None:
    with tls_before(own_database, authority.server_context(name=NAME)) as url:
        with pytest.raises(ssl.SSLCertVerificationError, match=r"127\.0\.0\.1"):
            await connect(url_with_mode(url, "verify-full", authority))
        await connect(url_with_mode(url, "verify-ca", authority))


async def test_without_a_file_the_systems_authorities_and_the_name_are_checked(
    url: URL, own_database: str, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        await connect_by_pool(url_with_mode(url, "verify-full"))
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    await connect_by_pool(url_with_mode(url, "verify-full"))
    with (
        tls_before(own_database, authority.server_context(name=NAME)) as other,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        await connect_by_pool(url_with_mode(other, "verify-ca"))


async def test_through_a_tunnel_the_certificate_must_name_the_database(
    own_database: str, authority: Authority
) -> None:
    with tls_before(own_database, authority.server_context(name=NAME)) as tunnel:
        asked = url_with_mode(tunnel, "verify-full", authority)
        connection = await asyncpg.connect(**asyncpg_arguments(asked, NAME))
        await connection.close()
        with pytest.raises(ssl.SSLCertVerificationError, match="other"):
            await asyncpg.connect(**asyncpg_arguments(asked, "other.example"))


@pytest.mark.skipif(which("psql") is None, reason="install postgresql-client")
async def test_the_programs_of_a_backup_verify_the_server_too(
    url: URL, authority: Authority, other_authority: Authority
) -> None:
    async def psql(asked: str) -> str:
        done = await asyncio.to_thread(
            subprocess.run,
            ["psql", "-XqAtc", "SELECT 'let in'"],
            env=environment_for(asked), capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.stdout + done.stderr

    assert "let in" in await psql(url_with_mode(url, "verify-full", authority))
    assert "certificate verify failed" in await psql(
        url_with_mode(url, "verify-full", other_authority)
    )
    localhost = url.set(host="localhost")
    assert "does not match" in await psql(url_with_mode(localhost, "verify-full", authority))


def test_libpq_gets_the_mode_and_the_authorities() -> None:
    url = "postgresql+asyncpg://a:b@database/linky"
    environment = environment_for(f"{url}?ssl=verify-full")
    assert (environment["PGSSLMODE"], environment["PGSSLROOTCERT"]) == ("verify-full", "system")
    environment = environment_for(f"{url}?ssl=verify-full&sslrootcert=/a")
    assert environment["PGSSLROOTCERT"] == "/a"
    assert "PGSSLROOTCERT" not in environment_for(f"{url}?ssl=require")


# The default mode


def settings_url(url: str, ca: Path | None = None, env: Env = "production") -> str:
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
def test_production_verifies_remote_databases_by_default(
    given: str, asked: str, authority: Authority
) -> None:
    assert settings_url(f"postgresql://{given}").endswith(asked)
    assert "verify" not in settings_url(f"postgresql://{given}", env="development")
    with_file = settings_url(f"postgresql://{given}", authority.file)
    assert with_file.endswith(f"&sslrootcert={authority.file}") == ("verify" in asked)


async def test_the_default_verifies_the_server(
    own_database: str, authority: Authority, other_authority: Authority
) -> None:
    """127.1 is this machine too, but we do not recognise it as local, so it must be verified."""
    with tls_before(own_database, authority.server_context(name="127.1")) as url:
        remote = url.set(drivername="postgresql", host="127.1").render_as_string(False)
        await connect_by_pool(f"postgresql+asyncpg://{settings_url(remote, authority.file)}")
        for file in (other_authority.file, None):
            with pytest.raises(ssl.SSLCertVerificationError):
                await connect_by_pool(f"postgresql+asyncpg://{settings_url(remote, file)}")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql+asyncpg://a:b@db.example/linky?ssl=verify-full", True),
        ("postgresql+asyncpg://a:b@db.example/linky?ssl=verify-ca", False),
        ("postgresql+asyncpg://a:b@db.example/linky?ssl=require", False),
        ("postgresql+asyncpg://a:b@db.example/linky", False),
        ("postgresql+asyncpg://a:b@localhost/linky", True),
        ("postgresql+asyncpg://a:b@/linky?host=/run/postgresql", True),
    ],
)
def test_is_verified_needs_verify_full_or_a_local_database(url: str, expected: bool) -> None:
    assert is_verified(url) == expected


def test_a_file_without_certificates_is_refused_at_start(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("<html>geheim</html>")
    for file in (empty, tmp_path / "none.pem"):
        with pytest.raises(ValidationError, match="no certificates") as refused:
            settings_url("postgresql://a:b@db.example/linky", file)
        assert "geheim" not in str(refused.value)


def test_a_malformed_url_is_refused_and_not_shown() -> None:
    with pytest.raises(ValidationError, match="USER:PASSWORD@HOST") as refused:
        settings_url("postgresql://a:geheim@db.example:port/linky")
    assert "geheim" not in str(refused.value)
