"""`linky doctor` on the database's certificate and on the owner's password."""

import pytest

from app.operations.doctor.results import Verdict
from tests.operations.doctor.installation import Installation, with_verdict
from tests.support.postgres_tls import tls_before
from tests.support.tls import Authority

pytestmark = pytest.mark.anyio


async def test_a_server_that_can_read_the_owners_password_gets_a_warning(
    running: Installation,
) -> None:
    owners = "postgresql://linky_owner:geheim@127.0.0.1/linky"
    results = await running.only("settings", migration_database_url=owners)
    (words,) = with_verdict(results, Verdict.WARNING)
    assert "can read LINKY_MIGRATION_DATABASE_URL" in words
    assert "geheim" not in words
    assert with_verdict(await running.only("settings"), Verdict.WARNING) == []


async def test_a_database_without_verification_gets_a_warning(
    running: Installation, authority: Authority
) -> None:
    """127.1 is this machine too, but the doctor does not recognise it as local."""
    url = str(running.settings().database_url)
    with tls_before(url, authority.server_context(name="127.1")) as through_tls:
        url_by_name = through_tls.set(host="127.1").render_as_string(hide_password=False)
        open_to_all = await running.only("database", database_url=f"{url_by_name}?sslmode=require")
        untrusted = await running.only("database", database_url=url_by_name)
        verified = await running.only(
            "database", database_url=url_by_name, database_ca=authority.file
        )
    assert "database: LINKY_DATABASE_URL does not verify the server (require)" in with_verdict(
        open_to_all, Verdict.WARNING
    )
    (words,) = with_verdict(untrusted, Verdict.WRONG)
    assert "certificate is not trusted" in words
    assert not [words for words in with_verdict(verified, Verdict.WARNING) if "verify" in words]
