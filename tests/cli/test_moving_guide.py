"""The commands of docs/moving.md: what Firebase and Supabase export becomes what Linky imports."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import Linky
from tests.support.foreign_users import BCRYPT, FIREBASE
from tests.support.server import ROOT
from tests.support.sql import rows

GUIDES = ("moving.md", "moving.ja.md")

pytestmark = [
    pytest.mark.skipif(shutil.which("jq") is None, reason="install jq"),
    pytest.mark.skipif(shutil.which("psql") is None, reason="install postgresql-client"),
]


def command(guide: str, program: str) -> str:
    """The block of the guide that begins with this program, as its reader copies it."""
    text = (ROOT / "docs" / guide).read_text(encoding="utf-8")
    (found,) = re.findall(rf"^ *```sh\n( *{program} .*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    return str(found)


def run(script: str, folder: Path, **environment: str) -> None:
    path = "/usr/bin:/bin"
    done = subprocess.run(
        ["bash", "-e", "-c", script], cwd=folder, env={"PATH": path, **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


FIREBASE_USERS = {
    "users": [
        {
            "localId": "a1", "email": "a1@example.com", "emailVerified": True,
            "displayName": "花子", "createdAt": "1700000000000",
            "passwordHash": FIREBASE["hash"], "salt": FIREBASE["salt"],
            "providerUserInfo": [
                {"providerId": "password", "rawId": "a1@example.com"},
                {"providerId": "google.com", "rawId": "g-1", "displayName": "Hanako"},
            ],
        },
        {
            "localId": "a2", "email": "a2@privaterelay.example", "emailVerified": True,
            "providerUserInfo": [{"providerId": "apple.com", "rawId": "001.apple"}],
        },
        {"localId": "a3", "email": "a3@example.com", "displayName": "あ" * 40},
        {"localId": "anonymous", "providerUserInfo": []},
        {"localId": "phone", "phoneNumber": "+819000000000", "providerUserInfo": []},
        {"localId": "banned", "email": "b@example.com", "disabled": True, "providerUserInfo": []},
    ]
}  # fmt: skip
"""As `firebase auth:export` writes them (firebase.google.com/docs/cli/auth)."""

SUPABASE = f"""
CREATE SCHEMA auth;
CREATE TABLE auth.users (
    id uuid PRIMARY KEY, email varchar, encrypted_password varchar, email_confirmed_at timestamptz,
    raw_user_meta_data jsonb, is_anonymous boolean NOT NULL DEFAULT false, deleted_at timestamptz
);
CREATE TABLE auth.identities (
    id uuid, user_id uuid, provider text, provider_id text, identity_data jsonb
);
INSERT INTO auth.users VALUES
    ('00000000-0000-0000-0000-000000000001', 's1@example.com', '{BCRYPT}', now(),
        '{{"name": "太郎"}}', false, NULL),
    ('00000000-0000-0000-0000-000000000002', NULL, NULL, NULL, '{{}}', false, NULL),
    ('00000000-0000-0000-0000-000000000003', 's3@example.com', '', NULL, NULL, false, NULL),
    ('00000000-0000-0000-0000-000000000004', NULL, NULL, NULL, '{{}}', true, NULL),
    ('00000000-0000-0000-0000-000000000005', 's5@example.com', '', now(), '{{}}', false, now());
INSERT INTO auth.identities VALUES
    (gen_random_uuid(), '00000000-0000-0000-0000-000000000001', 'email', 'x', '{{}}'),
    (gen_random_uuid(), '00000000-0000-0000-0000-000000000002', 'apple', '001.other', '{{}}');
"""


def imported(linky: Linky, url: str, folder: Path) -> list[dict[str, Any]]:
    done = linky("import", "users", str(folder / "users.jsonl"), LINKY_DATABASE_URL=url)
    assert done.returncode == 0, done.stderr
    text = (folder / "users.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("guide", GUIDES)
def test_what_firebase_exports_is_imported(
    linky: Linky, own_database: str, tmp_path: Path, guide: str
) -> None:
    (tmp_path / "users.json").write_text(json.dumps(FIREBASE_USERS), encoding="utf-8")
    run(command(guide, "jq -c").replace("SIGNER_KEY", str(FIREBASE["signer_key"])), tmp_path)
    lines = imported(linky, own_database, tmp_path)
    assert [each["id"] for each in lines] == ["a1", "a2", "a3"]
    assert lines[0]["password"] == {"firebase_scrypt": FIREBASE}
    people = rows(own_database, "SELECT nickname, password_hash FROM users ORDER BY email")
    assert [row["nickname"] for row in people] == ["花子", "名無し", "あ" * 30]
    assert people[0]["password_hash"].startswith("$firebase-scrypt$")
    methods = rows(own_database, "SELECT provider FROM user_identities ORDER BY provider")
    assert [row["provider"] for row in methods] == ["apple", "email", "email", "google"]


@pytest.mark.parametrize("guide", GUIDES)
def test_what_supabase_has_is_imported(
    linky: Linky, own_database: str, tmp_path: Path, guide: str
) -> None:
    plain = own_database.replace("postgresql+asyncpg", "postgresql")
    run(f"psql -q {plain!r} -v ON_ERROR_STOP=1 -f schema.sql", written(tmp_path, SUPABASE))
    run(command(guide, "psql"), tmp_path, SUPABASE_URL=plain)
    lines = imported(linky, own_database, tmp_path)
    assert [each["id"][-1] for each in lines] == ["1", "2", "3"]
    people = rows(own_database, "SELECT nickname, email, password_hash FROM users ORDER BY email")
    assert [row["email"] for row in people] == ["s1@example.com", "s3@example.com", None]
    assert (people[0]["nickname"], people[0]["password_hash"]) == ("太郎", BCRYPT)


def written(folder: Path, schema: str) -> Path:
    (folder / "schema.sql").write_text(schema, encoding="utf-8")
    return folder


@pytest.mark.parametrize("guide", GUIDES)
def test_an_export_becomes_a_table(tmp_path: Path, guide: str) -> None:
    folder = tmp_path / "tables"
    folder.mkdir()
    post = {
        "id": "1",
        "lounge_id": "2",
        "author_id": "3",
        "created_at": "2026",
        "title": "猫",
        "body": '"a"',
    }
    (folder / "posts.jsonl").write_text(json.dumps(post) + "\n", encoding="utf-8")
    script = command(guide, "sudo jq -r").replace("sudo ", "")
    run(script.replace("/var/lib/linky/export", str(tmp_path)), tmp_path)
    assert (tmp_path / "posts.csv").read_text() == '"1","2","3","2026","猫","""a"""\n'
