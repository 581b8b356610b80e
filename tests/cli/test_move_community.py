"""A community that was exported and imported: the API answers alike, for each kind of user."""

import json
import re
from pathlib import Path
from typing import Any

from app.api import METADATA
from app.operations.move.community import moved_tables
from tests.support.command_line import Linky, refused
from tests.support.foreign_users import PASSWORD
from tests.support.person import Person
from tests.support.quick_linky import QUICK_LINKY
from tests.support.server import ROOT, Server
from tests.support.small_community import add_lounge, add_post, add_user
from tests.support.sql import rows

KEYS = {"LINKY_JWT_KEYS": "one:" + "geheim" * 8}
IDS = {
    "lounge_id": "lounges",
    "post_id": "posts",
    "comment_id": "comments",
    "user_id": "users",
    "image_id": "images",
    "request_id": "lounge_requests",
    "report_id": "report_cases",
}
OF_AN_INSTALLATION = {
    "/auth/oauth/{provider}/authorize": "a new attempt each time",
    "/auth/oauth/{provider}/callback": "a new attempt each time",
    "/auth/sessions": "sessions stay behind",
    "/changes": "the position in the log",
    "/live": "a stream",
    "/meta": "no data",
}
WRITTEN_HERE = {
    *("exported_at", "sessions", "active_days", "connections", "identities", "recent_views")
}
"""Sections of the export that this sign-in and its calls change."""

_ADMIN = "(SELECT id FROM users WHERE role = 'admin' LIMIT 1)"
_MEMBER = "(SELECT id FROM users WHERE role = 'user' ORDER BY id LIMIT 1)"
_TEXTS = "title_ja, body_ja, push, created_by"
NOT_IN_THE_DEMO = (
    (
        f"INSERT INTO announcements ({_TEXTS}, audience, waiting_id, publish_at)"
        f" VALUES ('公開済み', '本文', true, {_ADMIN}, 7, uuidv7(), now()) RETURNING id"
    ),
    (
        f"INSERT INTO waiting_announcements ({_TEXTS}, audience, publish_at)"
        f" VALUES ('予約', '本文', false, {_ADMIN}, 7, now() + interval '9 days') RETURNING id"
    ),
    (
        "INSERT INTO appeals (user_id, against, notification_id, reason, quote, text)"
        f" VALUES ({_MEMBER}, 'warning', uuidv7(), '理由', '引用', '誤解です') RETURNING id"
    ),
    (
        f"INSERT INTO imported_users VALUES (sha256('k3Jx'), {_MEMBER}), (sha256('gone'), NULL)"
        " RETURNING user_id"
    ),
    (
        "INSERT INTO auth_forwarded_addresses VALUES"
        f" ('x@privaterelay.appleid.com', {_MEMBER}, true, now()) RETURNING email"
    ),
)
"""Rows of tables that the demo leaves empty."""

FILLED_HERE = (
    *("announcements", "waiting_announcements", "appeals", "imported_users"),
    "auth_forwarded_addresses",
)


def test_after_a_move_the_api_answers_alike(
    linky: Linky, own_database: str, other_database: str, data_dir: Path, tmp_path: Path
) -> None:
    here, there = {"LINKY_DATABASE_URL": own_database}, {"LINKY_DATABASE_URL": other_database}
    there["LINKY_DATA_DIR"] = str(tmp_path / "other")
    seeded = linky("seed", **here)
    accounts = re.findall(r"^ +(user|admin) +(\S+@\S+) +(\S+)$", seeded.stdout, re.MULTILINE)
    assert {role for role, _, _ in accounts} == {"admin", "user"}, seeded.stdout
    for statement in NOT_IN_THE_DEMO:
        rows(own_database, statement)
    folder = tmp_path / "export"
    exported = linky("export", "community", str(folder), **here)
    assert exported.returncode == 0, exported.stderr
    refused(linky("export", "community", str(folder), **here), "is not empty")
    nowhere = folder / "community.json" / "export"
    refused(linky("export", "community", str(nowhere), **here), f"{nowhere}: Not a directory.")
    refused(linky("import", "community", str(folder), **here), "has users or lounges")
    refused(linky("import", "community", str(tmp_path), **there), "no community.json")
    imported = linky("import", "community", str(folder), **there)
    assert imported.returncode == 0, imported.stderr
    refused(linky("import", "community", str(folder), **there), "has users or lounges")

    for table in moved_tables(METADATA):
        query = f"SELECT to_jsonb(each)::text AS row FROM {table.name} AS each ORDER BY 1"
        assert rows(other_database, query) == rows(own_database, query), table.name
    for table_name in FILLED_HERE:
        assert rows(other_database, f"SELECT FROM {table_name}"), table_name
    paths = json.loads((ROOT / "openapi.json").read_text(encoding="utf-8"))["paths"]
    gets = [path.removeprefix("/api/v1") for path, acts in paths.items() if "get" in acts]
    calls = [
        call
        for path in gets
        if path not in OF_AN_INSTALLATION
        for call in filled(path, own_database)
    ]
    assert OF_AN_INSTALLATION.keys() <= set(gets)
    assert len(calls) > 60
    servers = [
        Server(data_dir, [*QUICK_LINKY, "serve"], **KEYS, LINKY_DATABASE_URL=own_database),
        Server(
            tmp_path / "other", [*QUICK_LINKY, "serve"], **KEYS, LINKY_DATABASE_URL=other_database
        ),
    ]
    try:
        for server in servers:
            server.start()
        for _, email, password in accounts:
            first, second = (person(server, email, password) for server in servers)
            answered = [call for call in calls if answer(first, call) == answer(second, call)]
            assert answered == calls, [
                (call, answer(first, call), answer(second, call))
                for call in calls
                if call not in answered
            ]
            assert sum(answer(first, call)[0] == 200 for call in calls) > len(calls) // 4
        stored = [pictures_in(server.data_dir) for server in servers]
        assert stored[0] == stored[1]
        assert len(stored[0]) > 5
    finally:
        for server in servers:
            server.clean_up()


def test_users_of_an_export_can_be_imported_elsewhere(
    linky: Linky, own_database: str, other_database: str, tmp_path: Path
) -> None:
    linky("seed", LINKY_DATABASE_URL=own_database)
    folder = tmp_path / "export"
    linky("export", "community", str(folder), LINKY_DATABASE_URL=own_database)
    lines = (folder / "users.jsonl").read_text(encoding="utf-8").splitlines()
    file = tmp_path / "users.jsonl"
    # The name of an admin is reserved.
    file.write_text("\n".join(each for each in lines if "運営" not in each), encoding="utf-8")
    result = linky("import", "users", str(file), LINKY_DATABASE_URL=other_database)
    assert result.returncode == 0, result.stderr
    hashes = (
        "SELECT email, password_hash FROM users WHERE nickname NOT LIKE '%運営%' ORDER BY email"
    )
    assert rows(other_database, hashes) == rows(own_database, hashes)


def test_what_can_not_be_moved_is_refused_and_leaves_nothing(
    linky: Linky, own_database: str, other_database: str, tmp_path: Path
) -> None:
    linky("seed", LINKY_DATABASE_URL=own_database)
    (leaver,) = rows(
        own_database,
        "UPDATE users SET left_at = now() WHERE id ="
        " (SELECT id FROM users WHERE role = 'user' LIMIT 1) RETURNING id",
    )
    early = linky("export", "community", str(tmp_path / "early"), LINKY_DATABASE_URL=own_database)
    refused(early, "1 accounts are being erased")
    rows(own_database, f"UPDATE users SET left_at = NULL WHERE id = '{leaver['id']}'")
    folder = tmp_path / "export"
    folder.mkdir(mode=0o755)
    linky("export", "community", str(folder), LINKY_DATABASE_URL=own_database)
    assert folder.stat().st_mode & 0o777 == 0o700
    file = folder / "tables" / "posts.jsonl"
    whole, manifest = file.read_bytes(), (folder / "community.json").read_text(encoding="utf-8")
    there = {"LINKY_DATABASE_URL": other_database}
    for damaged, words in (
        (whole[: len(whole) // 2], "posts.jsonl is damaged"),
        (whole.partition(b"\n")[2], "lines instead of"),
    ):
        file.write_bytes(damaged)
        refused(linky("import", "community", str(folder), **there), words)
        assert rows(other_database, "SELECT FROM users") == []
    file.write_bytes(whole)
    for wrong in (manifest.replace('"format": 1', '"format": 2'), manifest.replace('"bio"', '"x"')):
        (folder / "community.json").write_text(wrong, encoding="utf-8")
        refused(linky("import", "community", str(folder), **there), "the export is of release")
    (folder / "community.json").write_text(manifest, encoding="utf-8")
    picture = next((folder / "pictures").rglob("*.webp"))
    kept = picture.read_bytes()
    picture.unlink()
    refused(linky("import", "community", str(folder), **there), "files instead of")
    assert rows(other_database, "SELECT FROM users") == []
    picture.write_bytes(kept)
    assert linky("import", "community", str(folder), **there).returncode == 0


def test_content_that_was_half_hidden_or_half_shown_is_settled_after_a_move(
    linky: Linky, own_database: str, other_database: str, tmp_path: Path
) -> None:
    """A suspension that hides had just begun, and another one had just ended."""
    lounge = add_lounge(own_database)
    suspension = {"status": "'suspended'", "suspension_id": "uuidv7()", "suspension_hides": "true"}
    suspended = add_user(own_database, "suspended", **suspension)
    free, reader = add_user(own_database, "free"), add_user(own_database, "reader")
    hidden = {"moderation": "'hidden'", "hidden_with_author": "true"}
    to_hide = [add_post(own_database, lounge, suspended) for _ in range(2)]
    to_hide.append(add_post(own_database, lounge, suspended, **hidden))
    to_show = [add_post(own_database, lounge, free, **hidden) for _ in range(2)]
    to_show += [add_post(own_database, lounge, free), add_post(own_database, lounge, reader)]
    folder = str(tmp_path / "export")
    assert linky("export", "community", folder, LINKY_DATABASE_URL=own_database).returncode == 0
    there = {"LINKY_DATABASE_URL": other_database, "LINKY_DATA_DIR": str(tmp_path / "other")}
    assert linky("import", "community", folder, **there).returncode == 0
    server = Server(
        tmp_path / "other", [*QUICK_LINKY, "serve"], **KEYS, LINKY_DATABASE_URL=other_database
    )
    try:
        server.start()
        looking = person(server, "reader@example.com", PASSWORD)

        def found(posts: list[str]) -> set[int]:
            return {looking.send("GET", f"/posts/{post}").status_code for post in posts}

        server.wait_until("settled", lambda: (found(to_hide), found(to_show)) == ({404}, {200}))
    finally:
        server.clean_up()


def pictures_in(data_dir: Path) -> dict[str, bytes]:
    return {str(path.relative_to(data_dir)): path.read_bytes() for path in data_dir.rglob("*.webp")}


def filled(path: str, database: str) -> list[str]:
    """The path with each of some ids, or as it is."""
    path = path.replace("{size}", "full")
    (*names,) = re.findall(r"{(\w+)}", path)
    if not names:
        return [path]
    (name,) = names
    found = rows(database, f"SELECT id FROM {IDS[name]} ORDER BY id DESC LIMIT 4")
    return [path.replace(f"{{{name}}}", str(row["id"])) for row in found]


def person(server: Server, email: str, password: str) -> Person:
    made = Person(server.url)
    made.email, made.password = email, password
    return made.sign_in()


def answer(who: Person, path: str) -> tuple[int, Any]:
    """Without what each installation has of its own."""
    response = who.send("GET", path)
    text = response.text.replace(who.url, "http://here")
    text = re.sub(r'"(request_id|next_cursor|last_used_at)":"[^"]*"', r'"\1":"…"', text)
    if path == "/users/me/export":
        # In no order.
        text = "\n".join(
            f"{name} {sorted(map(json.dumps, rows)) if isinstance(rows, list) else rows}"
            for name, rows in json.loads(text).items()
            if name not in WRITTEN_HERE
        )
    return response.status_code, text
