"""The export contains everything that is stored about a user, and nothing of others.

tests/architecture/test_tables.py lists what is left out.
"""

from typing import Any

from app.account.repository import SECTIONS
from app.account.schemas import EXPORT_EXAMPLE
from app.api import JOBS
from tests.support.api import Api, expect
from tests.support.auth import sign_in
from tests.support.jobs import run_jobs
from tests.support.leaving import live_fully
from tests.support.provider import Providers
from tests.support.sql import sql
from tests.support.world import World, token


async def test_the_documents_example_has_the_sections_and_fields_of_an_export(world: World) -> None:
    real = expect(await (await world.member()).get("/users/me/export"), 200)
    assert list(EXPORT_EXAMPLE) == list(real)
    assert set(EXPORT_EXAMPLE["user"]) <= set(real["user"])
    for name, statement in SECTIONS.items():
        for row in EXPORT_EXAMPLE[name]:
            assert set(row) <= set(statement.selected_columns.keys()), name


async def export_of(api: Api) -> tuple[dict[str, Any], str]:
    response = await api.get("/users/me/export")
    return expect(response, 200), response.text


async def test_the_export_contains_everything_that_a_user_wrote_and_did(
    world: World, idp: Providers
) -> None:
    mark = token()
    member = world.anonymous().take(expect(await sign_in(world, "google", sub=f"sub-{mark}"), 201))
    await live_fully(world, member, mark)
    await sql(
        world,
        "UPDATE lounge_requests SET status = 'rejected', reject_reason = :why",
        why=f"却下{mark}",
    )
    await run_jobs(world, JOBS)
    export, text = await export_of(member)
    words = ("名", "紹介", "題", "文", "言葉", "独り言", "鍵", "通報", "value-", "install-", "部屋")
    for word in (*words, "説明", "理由", "sub-", "却下", "警告", "異議"):
        assert f"{word}{mark}" in text, word
    for section in ("blocks", "favorites", "recent_views", "likes"):
        (entry,) = export[section]
        assert entry["created_at"].endswith("Z"), section
    for section in ("mutes", "reports", "devices", "notification_settings", "connections"):
        assert export[section], section


async def test_the_export_lists_pictures_with_their_urls_and_posts(world: World) -> None:
    member = await world.member()
    shown, spare = await world.image(member), await world.image(member)
    post = await world.post(member, image_ids=[shown["id"]])
    images = (await export_of(member))[0]["images"]
    assert {image["url"]: image["post_id"] for image in images} == {
        shown["url"]: post["id"],
        spare["url"]: None,
    }


async def test_the_export_contains_nothing_of_other_users(world: World) -> None:
    member, other = await world.member(), await world.member("他の人の名前")
    mark = token()
    post = await world.post(other, title=f"題{mark}")
    comment = await world.comment(other, post, f"言葉{mark}")
    report = {"target_type": "user", "target_id": member.id, "reason": "spam", "detail": mark}
    expect(await other.post("/reports", json=report), 201)
    text = (await export_of(member))[1]
    for secret in (mark, other.id, other.email, comment["id"], "他の人の名前"):
        assert secret not in text


async def test_the_export_quotes_nothing_that_the_notifications_no_longer_show(
    world: World,
) -> None:
    author, admin, word = await world.member(), await world.admin(), token()
    post = await world.post(author)
    writers = [await world.member() for _ in range(4)]
    hidden, deleted, blocked, _ = [
        await world.comment(writer, post, f"{word}{number}")
        for number, writer in enumerate(writers)
    ]
    reason = {"reason": "規約"}
    expect(await admin.post(f"/admin/comments/{hidden['id']}/hide", json=reason), 204)
    expect(await writers[1].delete(f"/comments/{deleted['id']}"), 204)
    expect(await author.put(f"/users/{writers[2].id}/block"), 204)
    exported, text = await export_of(author)
    assert [f"{word}{number}" in text for number in range(4)] == [False, False, False, True]
    # That there was a notification is the user's own data.
    about = {note["comment_id"] for note in exported["notifications"]}
    assert about > {hidden["id"], deleted["id"], blocked["id"]}
