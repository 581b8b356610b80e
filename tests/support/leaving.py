"""Deleting an account, and searching the database for traces of it."""

import hashlib
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from app.auth.enums import MailPurpose
from app.auth.rows import MailedTo
from app.auth.service.mailed_links import MailedLinkService
from tests.matrix.routes import MARKS
from tests.support.api import Api, expect
from tests.support.beside import beside
from tests.support.fakes import FakeMailer
from tests.support.owners import marks_of
from tests.support.world import PASSWORD, World, picture


async def leave(api: Api, password: str | None = PASSWORD) -> dict[str, Any]:
    body = {"password": password} if password else {}
    return dict(expect(await api.call("DELETE", "/users/me", json=body), 202))


async def page(world: World, method: str, path: str, **how: Any) -> tuple[int, str]:
    response = await world.http.request(method, f"http://test{path}", **how)
    assert "text/html" in response.headers["content-type"]
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    # The one script shows a new password. No other page may run any.
    may_run = 'name="new_password"' in response.text
    scripts = re.findall(r"<script[^>]*>", response.text)
    assert scripts == (['<script src="/account/show_password.js" defer>'] if may_run else [])
    assert re.findall(r"script-src [^;]+", policy) == (["script-src 'self'"] if may_run else [])
    return response.status_code, response.text


def link_of(mailer: FakeMailer, page: str) -> str:
    mail = next(m for m in reversed(mailer.sent) if page in m.text)
    line = next(line for line in mail.text.splitlines() if page in line)
    return line.removeprefix("http://test")


async def mailed(world: World, owner: Api, purpose: MailPurpose, email: str | None = None) -> str:
    """The token of a link that was mailed to its owner."""
    async with world.runtime.writing() as ctx:
        lifetime = timedelta(minutes=10)
        return await MailedLinkService(ctx).make_token(
            MailedTo(UUID(owner.id), email), purpose, lifetime=lifetime
        )


async def leaving(api: Api) -> httpx.Response:
    return await api.call("DELETE", "/users/me", json={"password": PASSWORD})


KEPT = {
    "reports": "The reporter's words stay until 180 days after the decision; their id does not.",
    "report_cases": "A copy of what was reported stays as long.",
    "report_copies": "So do its later versions.",
    "audit_log": "What admins did is on record.",
    "connection_records": "The law may ask for 180 days (ADR 0044): ids, addresses and times.",
    "live_changes": "What changed, for a day: by ids, so that apps remove a leaver's words.",
    "live_inbox": "The same, until it has a position: a moment.",
    "pgqueuer_log": "Which jobs ran, for a week: numbers and kinds.",
}


NOT_LIVED = {
    **dict.fromkeys(("auth_totp", "auth_recovery_codes"), "The second step of an admin."),
    **dict.fromkeys(
        ("announcements", "waiting_announcements"), "By admins alone: what they did is on record."
    ),
    "undoable_acts": "An admin's, for seconds. They go with the session.",
    "desk_claims": "An admin's, for ten minutes: tests/admin/test_console_live.py has its end.",
    "auth_provider_tokens": "Of Apple and LINE: tests/auth has how they are told.",
    "auth_forwarded_addresses": "Of Apple: tests/auth/test_apple_notifications.py has its end.",
    "oauth_exchange_codes": "Of the browser's sign-in, for a minute. They go with the user.",
    "user_departures": "Only of users who have left.",
    "imported_users": "Of an import: tests/cli/test_import_users.py has its end.",
}
"""Tables with something of users in which `live_fully` leaves no row."""

PEOPLE = """
WITH people AS (
    INSERT INTO users (provider, provider_user_id, nickname, role)
    SELECT 'google', 'sub ' || n, 'n' || n, 'user' FROM generate_series(1, {number}) AS n
    RETURNING id
)
"""
_WRITTEN = f"""{PEOPLE}, written AS (
    INSERT INTO posts (lounge_id, author_id, title, body, like_count)
    SELECT lounges.id, people.id, 't', 'b', 1 FROM lounges, people RETURNING id
)
"""
_EACH = "FROM generate_series(1, {number}) AS n"

MANY = {
    **{
        mark: f"{_WRITTEN} INSERT INTO {mark} (user_id, post_id) SELECT '{{leaver}}', id"
        " FROM written"
        for mark in marks_of("post_id")
    },
    "user_blocks": f"{PEOPLE} INSERT INTO user_blocks (blocker_id, blocked_id)"
    " SELECT '{leaver}', id FROM people UNION ALL SELECT id, '{leaver}' FROM people",
    "lounge_favorites": "WITH made AS (INSERT INTO lounges"
    " (name, name_key, search_vector, description, favorite_count)"
    f" SELECT 'l' || n, 'l' || n, ''::tsvector, 'd', 1 {_EACH} RETURNING id)"
    " INSERT INTO lounge_favorites (user_id, lounge_id) SELECT '{leaver}', id FROM made",
    "notifications": "INSERT INTO notifications (user_id, type, params)"
    f" SELECT '{{leaver}}', 'comment', '{{{{}}}}' {_EACH}",
    "images": "INSERT INTO images (owner_id, key, thumbnail_key, width, height, blurhash)"
    f" SELECT '{{leaver}}', 'k' || n, 't' || n, 1, 1, '' {_EACH}",
    "idempotency_keys": "INSERT INTO idempotency_keys"
    " (user_id, key, fingerprint, status, body, created_at)"
    f" SELECT '{{leaver}}', 'k' || n, '', 201, '', now() {_EACH}",
}
"""What a user may have any number of, and a statement that gives them so many.

When the account is erased, it is deleted in batches before the user's row, which would take it
along in one statement.
"""

FEW = {
    "active_days": "a week's",
    "announcement_marks": "as many as there are announcements",
    "appeals": "against acts of moderators",
    "auth_forwarded_addresses": "one for each address that Apple named",
    "auth_mail_tokens": "one for each purpose",
    "auth_recovery_codes": "ten",
    "lounge_recent_views": "as many as there are lounges, which admins make",
    "lounge_requests": "five at a time, which admins decide",
    "lounge_subscriptions": "as many as there are lounges, which admins make",
    "oauth_exchange_codes": "one for each sign-in of the last minutes",
    "refresh_tokens": "a few for each session",
    "undoable_acts": "of an admin's last seconds",
    "user_devices": "at most 20",
    "user_identities": "one for each method",
    "user_sessions": "at most 100, and those that ended lately",
    "user_warnings": "by moderators",
}
"""What the database deletes with the row of a user in one statement, and why it is never much."""


async def found_in(world: World, words: list[str]) -> dict[str, list[str]]:
    """Search all columns of all tables; returns the words that were found, by table."""
    forms = {form: word for word in words for form in _forms(word)}
    found: dict[str, list[str]] = {}
    async with beside(world.runtime) as db:
        columns = await db.all(
            text(
                "SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c "
                "JOIN information_schema.tables t USING (table_schema, table_name) "
                "WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'"
            )
        )
        for table, column, kind in columns:
            shown = f"encode(\"{column}\", 'hex')" if kind == "bytea" else f'"{column}"::text'
            values = await db.first(
                text(f"SELECT coalesce(string_agg({shown}, chr(10)), '') FROM \"{table}\"")
            )
            in_column = {word for form, word in forms.items() if form in str(values)}
            if in_column:
                found[table] = sorted(in_column | set(found.get(table, ())))
    return found


def _forms(word: str) -> tuple[str, ...]:
    return word, word.encode().hex(), hashlib.sha256(word.encode()).hexdigest()


async def live_fully(world: World, api: Api, mark: str) -> None:
    """Do everything that stores data of a user; each text contains `mark`."""
    other, lounge = await world.member(), await world.lounge()
    admin = await world.admin()
    expect(await api.patch("/users/me", json={"nickname": f"名{mark}", "bio": f"紹介{mark}"}), 200)
    expect(await api.upload(picture(), "/users/me/avatar", "PUT"), 200)
    image = await world.image(api)
    await world.image(api)
    own = await world.post(
        api, lounge, title=f"題{mark}", body=f"文{mark}", image_ids=[image["id"]]
    )
    others_post = await world.post(other, lounge)
    answered_comment = await world.comment(api, others_post, f"言葉{mark}")
    await world.comment(other, others_post, parent=answered_comment)
    await world.comment(api, others_post, f"独り言{mark}")
    await world.comment(other, own)
    form_with_key = {"lounge_id": lounge["id"], "title": f"鍵{mark}", "body": "本文"}
    expect(await api.post("/posts", json=form_with_key, key=f"key-{mark}"), 201)
    report = {"target_type": "post", "target_id": others_post["id"], "reason": "spam"}
    expect(await api.post("/reports", json={**report, "detail": f"通報{mark}"}), 201)
    report_of_them = {"target_type": "user", "target_id": api.id, "reason": "spam", "detail": ""}
    expect(await other.post("/reports", json=report_of_them), 201)
    for act in (*MARKS, "PUT /posts/{post_id}/mute"):
        path = act.removeprefix("PUT ").format(post_id=others_post["id"])
        expect(await api.put(path), 204)
    expect(await api.put(f"/lounges/{lounge['id']}/favorite"), 204)
    expect(await api.get(f"/lounges/{lounge['id']}"), 200)
    for person in (api, other):
        level = {"level": "all"}
        expect(await person.put(f"/lounges/{lounge['id']}/notifications", json=level), 204)
    expect(await api.put(f"/users/{other.id}/block"), 204)
    expect(await other.put(f"/users/{api.id}/block"), 204)
    device = {"kind": "fid", "value": f"value-{mark}", "platform": "ios"}
    expect(await api.put(f"/notifications/devices/install-{mark}", json=device), 204)
    expect(await api.patch("/notifications/settings", json={"reply": False}), 200)
    warning = {"reason": f"警告{mark}", "target_type": "post", "target_id": own["id"]}
    expect(await admin.post(f"/admin/users/{api.id}/warn", json=warning), 201)
    (warned,) = [n for n in await api.items("/notifications") if n["type"] == "warning"]
    appeal = {"notification_id": warned["id"], "text": f"異議{mark}"}
    expect(await api.post("/appeals", json=appeal), 201)
    announcement = {"title_ja": "題", "body_ja": "文", "push": False}
    made = expect(await admin.post("/admin/announcements", json=announcement), 201)
    for read in ({"ids": [made["id"]]}, {"all": True}):
        expect(await api.post("/notifications/read", json=read), 204)
    request = {"name": f"部屋{mark}", "description": f"説明{mark}", "reason": f"理由{mark}"}
    expect(await api.post("/lounge-requests", json=request), 201)
    expect(await admin.post(f"/admin/posts/{own['id']}/hide", json={"reason": "試験"}), 204)
