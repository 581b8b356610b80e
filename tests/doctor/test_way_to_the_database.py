"""What `linky doctor` says of the way to the database: its certificate, and who may do what."""

import pytest

from app.operations.doctor import Verdict
from tests.support.doctor import Installation, said
from tests.support.postgres_tls import tls_before
from tests.support.tls import Authority

pytestmark = pytest.mark.anyio


async def test_a_server_that_has_the_owners_password_is_looked_at(running: Installation) -> None:
    owners = "postgresql://linky_owner:geheim@127.0.0.1/linky"
    results = await running.only("settings", migration_database_url=owners)
    (words,) = said(results, Verdict.WARNING)
    assert "can read LINKY_MIGRATION_DATABASE_URL" in words
    assert "geheim" not in words
    assert said(await running.only("settings"), Verdict.WARNING) == []


async def test_a_database_that_anybody_could_be_is_looked_at(
    running: Installation, authority: Authority
) -> None:
    """127.1 is this machine too, but not by a name that is known to be."""
    url = str(running.settings().database_url)
    with tls_before(url, authority.server_context(name="127.1")) as through_tls:
        there = through_tls.set(host="127.1").render_as_string(hide_password=False)
        open_to_all = await running.only("database", database_url=f"{there}?sslmode=require")
        untrusted = await running.only("database", database_url=there)
        right = await running.only("database", database_url=there, database_ca=authority.file)
    assert "database: LINKY_DATABASE_URL does not verify the server (require)" in said(
        open_to_all, Verdict.WARNING
    )
    (words,) = said(untrusted, Verdict.WRONG)
    assert "certificate is not trusted" in words
    assert not [words for words in said(right, Verdict.WARNING) if "verify" in words]
