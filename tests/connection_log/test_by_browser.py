"""Records of a sign-in by the browser: sign-up in the browser, session in the app."""

from tests.support.api import expect
from tests.support.browser import Browser, query_of
from tests.support.provider import Providers
from tests.support.sql import sql
from tests.support.world import World


async def test_a_sign_in_by_the_browser_records_sign_up_and_session(
    world: World, idp: Providers
) -> None:
    idp["google"].user = {"sub": "U-web", "name": "花子"}
    users = set()
    for status in (201, 200):
        browser = Browser(world, "google")
        answer = query_of(await browser.whole())
        users.add(expect(await browser.exchange(answer["code"]), status)["user"]["id"])
    rows = await sql(world, "SELECT * FROM connection_records ORDER BY id")
    seen = [(row["act"], row["subject_type"]) for row in rows]
    assert seen == [("signed_up", "session"), ("signed_in", "session")]
    assert {str(row["user_id"]) for row in rows} == users
    assert {str(row["address"]) for row in rows} == {"127.0.0.1"}


async def test_a_sign_up_by_an_sdk_is_recorded_once(world: World, idp: Providers) -> None:
    for status in (201, 200):
        nonce = expect(await world.anonymous().post("/auth/nonce"), 201)["nonce"]
        body = {"id_token": idp.token("line", sub="one", nonce=nonce), "nonce": nonce}
        expect(await world.anonymous().post("/auth/oauth/line", json=body), status)
    rows = await sql(world, "SELECT act FROM connection_records ORDER BY id")
    assert [row["act"] for row in rows] == ["signed_up", "signed_in"]
