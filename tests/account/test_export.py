"""The export is walked table by table: all that is held on somebody is in it, or left out for a
reason that is written here.
"""

from typing import Any

import pytest
from sqlalchemy import Column, Table

from app.account.repository import SECTIONS
from app.api import JOBS, METADATA
from tests.support.api import Api, expect
from tests.support.auth import sign_in
from tests.support.jobs import run_jobs
from tests.support.leaving import live_fully
from tests.support.provider import Providers
from tests.support.sql import sql
from tests.support.world import World, token

pytestmark = pytest.mark.anyio

SECRETS = "Hashes, and what is sealed for somebody else: of no use to whom it is about."
OTHERS = "What others said or did in confidence."

LEFT_OUT_TABLES = {
    "refresh_tokens": SECRETS,
    "auth_mail_tokens": SECRETS,
    "oauth_exchange_codes": SECRETS,
    "idempotency_keys": "Copies of answers, for a day.",
    "report_cases": OTHERS,
    "audit_log": OTHERS,
}
IN_USER = {  # The answer of `GET /users/me` stands in the export as `user`.
    *("id", "email", "nickname", "bio", "avatar_key", "role", "locale", "terms_version"),
    *("created_at", "post_count"),
}
LEFT_OUT_COLUMNS = {
    "users": {
        *IN_USER,
        "password_hash",
        "left_at",
        "search_text",
        "search_vector",
        "guest_checked_at",
    },
    "posts": {"search_text", "search_vector", "deleted_at", "comment_count", "like_count"},
    "comments": {"deleted_at", "reply_count"},
    "images": {"thumbnail_key", "blurhash", "unattached_since", "hidden"},
    "post_images": {"image_id"},
    "lounge_requests": {"name_key", "decided_by"},
    "user_sessions": {"expires_at"},
    "user_devices": {"id"},
    "notifications": {"post_author_id", "post_gone", "comment_gone", "post_muted"},
    "auth_provider_tokens": {"id", "key_id", "sealed"},
    "reports": {"case_id", "copy_id"},
    "connection_records": {"id"},
}
"""Those that only serve us, or say nothing that is not in the export elsewhere."""

OWNERS = {
    *("user_id", "owner_id", "author_id", "reporter_id", "requester_id", "blocker_id"),
    *("actor_id", "session_id"),
}


def exported() -> dict[str, set[str]]:
    """By table, the columns that the export has, or that it computes something from."""
    found: dict[str, set[str]] = {}
    for statement in SECTIONS.values():
        for shown in statement.selected_columns:
            for column in shown.base_columns | _within(shown):
                if isinstance(column, Column) and isinstance(column.table, Table):
                    found.setdefault(column.table.name, set()).add(column.name)
    return found


def _within(expression: Any) -> set[Any]:
    from sqlalchemy.sql.visitors import iterate

    return set(iterate(expression))


def test_every_table_about_a_user_is_exported_or_left_out_for_a_reason() -> None:
    ours = {t.name for t in METADATA.sorted_tables if {c.name for c in t.columns} & OWNERS}
    assert ours - set(exported()) == set(LEFT_OUT_TABLES)


def test_every_column_of_these_is_exported_or_left_out_for_a_reason() -> None:
    for name, shown in exported().items():
        left_out = {c.name for c in METADATA.tables[name].columns} - shown - OWNERS
        assert left_out == LEFT_OUT_COLUMNS.get(name, set()), name


async def export_of(api: Api) -> tuple[dict[str, Any], str]:
    response = await api.get("/users/me/export")
    return expect(response, 200), response.text


async def test_all_that_somebody_said_and_did_is_in_their_export(
    world: World, idp: Providers
) -> None:
    mark = token()
    member = world.anonymous().take(
        expect(await sign_in(world, idp, "google", sub=f"sub-{mark}"), 201)
    )
    await live_fully(world, member, mark)
    await sql(
        world,
        "UPDATE lounge_requests SET status = 'rejected', reject_reason = :why",
        why=f"却下{mark}",
    )
    await run_jobs(world, JOBS)
    whole, text = await export_of(member)
    said = ("名", "紹介", "題", "文", "言葉", "独り言", "鍵", "通報", "value-", "install-", "部屋")
    for word in (*said, "説明", "理由", "sub-", "却下"):
        assert f"{word}{mark}" in text, word
    for section in ("blocks", "favorites", "recent_views", "likes"):
        (one,) = whole[section]
        assert one["created_at"].endswith("Z"), section
    for section in ("mutes", "reports", "devices", "notification_settings", "connections"):
        assert whole[section], section


async def test_a_picture_is_named_by_its_address_and_its_post(world: World) -> None:
    member = await world.member()
    shown, spare = await world.image(member), await world.image(member)
    post = await world.post(member, image_ids=[shown["id"]])
    images = (await export_of(member))[0]["images"]
    assert {one["url"]: one["post_id"] for one in images} == {
        shown["url"]: post["id"],
        spare["url"]: None,
    }


async def test_nothing_of_anybody_else_is_in_it(world: World) -> None:
    member, other = await world.member(), await world.member("他の人の名前")
    mark = token()
    post = await world.post(other, title=f"題{mark}")
    comment = await world.comment(other, post, f"言葉{mark}")
    report = {"target_type": "user", "target_id": member.id, "reason": "spam", "detail": mark}
    expect(await other.post("/reports", json=report), 201)
    text = (await export_of(member))[1]
    for secret in (mark, other.id, other.email, comment["id"], "他の人の名前"):
        assert secret not in text


async def test_a_guest_takes_along_what_there_is(world: World) -> None:
    guest, lounge = await world.guest(), await world.lounge()
    expect(await guest.put(f"/lounges/{lounge['id']}/favorite"), 204)
    whole, _ = await export_of(guest)
    assert whole["user"]["id"] == guest.id
    assert [one["lounge_id"] for one in whole["favorites"]] == [lounge["id"]]
    assert whole["posts"] == []
