"""`linky import users`: who comes in, who is refused and why, what a second run leaves alone."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from app.core.passwords.foreign import password_form
from app.user.rows import NewUser
from app.user.service.imports import Imported, ImportService
from tests.support.command_line import Linky, refused
from tests.support.foreign_users import BCRYPT, FIREBASE
from tests.support.sql import rows

type Import = Callable[[str | bytes], Any]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "users.jsonl"


@pytest.fixture
def imported(linky: Linky, own_database: str, file: Path) -> Import:
    def call(text: str | bytes) -> Any:
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return linky("import", "users", str(file), LINKY_DATABASE_URL=own_database)

    return call


def user(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "id": f"old-{number}",
        "email": f"u{number}@example.com",
        "nickname": f"人{number}",
        **fields,
    }


def lines(*users: dict[str, Any]) -> str:
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in users)


def test_users_come_in_with_their_ways_to_sign_in(imported: Import, own_database: str) -> None:
    google = {"provider": "google", "subject": "g-1"}
    result = imported(
        lines(
            user(1, email_verified=True, password={"bcrypt": BCRYPT}),
            user(2, password={"firebase_scrypt": FIREBASE}, doors=[google]),
            user(3),
            {"id": "4", "nickname": "四", "doors": [{"provider": "line", "subject": "l-1"}]},
            user(5, email=None, doors=[{**google, "subject": "g-2"}]),
        )
    )
    assert result.returncode == 0, result.stderr
    last = result.stdout.splitlines()[-1]
    assert last == "5 users were added, 0 already existed, 0 lines were refused."
    found = rows(
        own_database,
        "SELECT nickname, u.provider, provider_user_id, email_verified_at, password_hash,"
        " email_lapses_at, role, terms_version,"
        " array_agg(i.provider ORDER BY i.created_at) AS methods"
        " FROM users u JOIN user_identities i ON i.user_id = u.id GROUP BY u.id ORDER BY nickname",
    )
    people = {row["nickname"]: row for row in found}
    assert people["人1"]["password_hash"] == BCRYPT
    assert people["人1"]["email_verified_at"] is not None
    assert people["人1"]["email_lapses_at"] is None
    assert people["人2"]["password_hash"].startswith("$firebase-scrypt$8$14$")
    assert people["人2"]["methods"] == ["email", "google"]
    assert people["人2"]["email_lapses_at"] is not None
    assert people["人3"]["password_hash"] == "$none$"
    assert people["四"]["password_hash"] is None
    assert (people["四"]["provider"], people["四"]["methods"]) == ("line", ["line"])
    assert people["人5"]["provider_user_id"] == "g-2"
    assert {(row["role"], row["terms_version"]) for row in found} == {("user", None)}
    jobs = rows(own_database, "SELECT entrypoint FROM pgqueuer")
    assert [job["entrypoint"] for job in jobs] == ["moderation.check_nicknames"]


def test_an_unverified_address_lapses_only_beside_another_way_in(
    imported: Import, own_database: str
) -> None:
    """Alone it is the one way in: after a day nobody could sign in."""
    password = {"password": {"bcrypt": BCRYPT}}
    line, google = ({"provider": name, "subject": "1"} for name in ("line", "google"))
    apple = {"provider": "apple", "subject": "1"}
    people = {
        "alone": user(1, **password),
        "beside a method": user(2, **password, doors=[line]),
        "verified, beside a method": user(3, **password, doors=[google], email_verified=True),
        "without a password": user(4, doors=[{**line, "subject": "2"}, apple]),
        "nothing but an address": user(5),
        "verified, and no address": user(
            6, email=None, email_verified=True, doors=[{**line, "subject": "3"}]
        ),
    }
    result = imported(lines(*({**each, "nickname": name} for name, each in people.items())))
    assert result.returncode == 0, result.stderr
    found = rows(
        own_database,
        "SELECT nickname, email_lapses_at IS NOT NULL AS lapses,"
        " email_verified_at IS NOT NULL AS verified, u.provider,"
        " array_agg(i.provider ORDER BY i.provider) AS methods"
        " FROM users u JOIN user_identities i ON i.user_id = u.id GROUP BY u.id",
    )
    assert {row["nickname"] for row in found if row["lapses"]} == {"beside a method"}
    assert {row["nickname"] for row in found if row["verified"]} == {"verified, beside a method"}
    methods = {row["nickname"]: (row["provider"], row["methods"]) for row in found}
    assert methods["without a password"] == ("line", ["apple", "line"])
    assert methods["beside a method"] == ("email", ["email", "line"])
    assert methods["nothing but an address"] == ("email", ["email"])


def test_who_signed_up_long_ago_is_no_new_account(imported: Import, own_database: str) -> None:
    long_ago = {"created_at": "2024-05-01T09:00:00+09:00"}
    wrong = [{"created_at": at} for at in ("2999-01-01T00:00:00Z", "1901-01-01T00:00:00Z", "x")]
    result = imported(lines(user(1, **long_ago), user(2)))
    assert result.returncode == 0, result.stderr
    found = rows(
        own_database,
        "SELECT created_at < now() - interval '1 year' AS is_old FROM users ORDER BY email",
    )
    assert [row["is_old"] for row in found] == [True, False]
    result = imported(lines(*(user(6 + n, **each) for n, each in enumerate(wrong))))
    assert result.stderr.count("created_at") == len(wrong), result.stderr


def test_a_second_run_changes_nothing(imported: Import, own_database: str) -> None:
    text = lines(user(1, password={"bcrypt": BCRYPT}), user(2))
    assert imported(text).returncode == 0
    rows(own_database, "UPDATE users SET nickname = '変えた', password_hash = 'x', bio = '私'")
    rows(own_database, "DELETE FROM users WHERE email = 'u2@example.com'")
    before = rows(own_database, "SELECT * FROM users")
    again = imported(text + lines(user(3)))
    assert again.returncode == 0, again.stderr
    assert "1 users were added, 2 already existed, 0 lines" in again.stdout
    others = "SELECT * FROM users WHERE email <> 'u3@example.com'"
    assert rows(own_database, others) == before, "one who has left must not come back"
    hashes = rows(own_database, "SELECT source_hash FROM imported_users")
    assert bytes(hashlib.sha256(b"old-1").digest()) in {row[0] for row in hashes}


def test_refused_lines_are_named_and_the_others_come_in(
    imported: Import, own_database: str
) -> None:
    google = {"provider": "google", "subject": "g-1"}
    wrong: list[tuple[bytes, str]] = [
        (b'{"id": "x"', "this is not JSON"),
        (b"[]", "this is not a JSON object"),
        ('{"id": "あ", "nickname": "あ"}'.encode("shift_jis"), "this is not UTF-8"),
        (b'{"id": "' + b"x" * 70_000 + b'"}', "the line has more than 65536 bytes"),
        *(
            (lines(each).strip().encode(), reason)
            for each, reason in (
                (user(1, id="other"), "email: another account"),
                (user(1, id="upper", email="U1@EXAMPLE.COM"), "email: another account"),
                (user(10, doors=[google]), "doors: another account"),
                (user(11, nickname="運営"), "nickname: this nickname is reserved for the staff"),
                (user(12, nickname="あ" * 31), "nickname: Must be 30 characters or fewer."),
                (user(13, id=""), "id: Must be at least 1"),
                (user(14, id="x" * 129), "id: Must be 128 characters or fewer."),
                (user(15, email="geheim"), "email: Invalid email address."),
                (
                    user(16, doors=[{"provider": "github", "subject": "1"}]),
                    "doors.0.provider: Must be 'line', 'google' or 'apple'.",
                ),
                (user(17, doors=[google, google]), "there may be one of a provider"),
                (user(18, email=None), "no one could sign in"),
                (user(19, email=None, password={"bcrypt": BCRYPT}), "a password needs an email"),
                (user(20, password={"bcrypt": "geheim"}), "this is not a hash of bcrypt"),
                (
                    user(21, password={"bcrypt": BCRYPT.replace("$04$", "$31$")}),
                    "its cost must be 4 to 14",
                ),
                (user(22, password={}), "one of bcrypt, bcrypt_sha256 and firebase_scrypt"),
                (user(23, password={"bcrypt": BCRYPT, "bcrypt_sha256": "x"}), "bcrypt_sha256"),
                (
                    user(24, password={"firebase_scrypt": {**FIREBASE, "hash": "geheim"}}),
                    "hash must be as long as signer_key",
                ),
                (
                    user(25, password={"firebase_scrypt": {**FIREBASE, "salt": "**"}}),
                    "salt: this must be base64",
                ),
                (
                    user(26, password={"firebase_scrypt": {**FIREBASE, "mem_cost": 30}}),
                    "mem_cost: Must be 14 or less.",
                ),
                (user(27, **{"a\u001bb": 1}), "a?b: Unknown field."),
            )
        ),
    ]
    first = lines(user(1), user(2, doors=[google])).encode()
    text = first + b"\n" + b"".join(line + b"\n" for line, _ in wrong) + lines(user(3)).encode()
    result = imported(text)
    assert result.returncode == 1
    named = result.stderr.splitlines()
    assert len(named) == len(wrong), result.stderr
    for number, (line, (_, reason)) in enumerate(zip(named, wrong, strict=True), start=4):
        assert line.startswith(f"line {number}: "), line
        assert reason in line, (line, reason)
    for secret in ("geheim", "u1@", FIREBASE["signer_key"], BCRYPT):
        assert str(secret) not in result.stdout + result.stderr
    assert (
        f"3 users were added, 0 already existed, {len(wrong)} lines were refused." in result.stdout
    )
    assert len(rows(own_database, "SELECT FROM users")) == 3
    again = imported(text)
    assert again.returncode == 1
    assert (
        f"0 users were added, 3 already existed, {len(wrong)} lines were refused." in again.stdout
    )


def test_a_file_in_several_batches_comes_in_with_its_progress(
    imported: Import, own_database: str
) -> None:
    result = imported(b"\xef\xbb\xbf" + lines(*map(user, range(1_700)), user(3)).encode())
    assert result.returncode == 0, result.stderr
    assert "Adding users: 100 %" in result.stdout
    assert "1700 users were added, 1 already existed" in result.stdout
    assert len(rows(own_database, "SELECT FROM users")) == 1_700


def test_after_an_interruption_the_rest_comes_in(
    imported: Import, own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, batches = ImportService.add_all, []

    async def dying(self: ImportService, users: Sequence[NewUser]) -> Imported:
        batches.append(len(users))
        if len(batches) == 2:
            raise ConnectionResetError
        return await plain(self, users)

    text = lines(*map(user, range(1_200)))
    with monkeypatch.context() as patched:
        patched.setattr(ImportService, "add_all", dying)
        refused(imported(text), "the database can't be reached")
    assert len(rows(own_database, "SELECT FROM users")) == 500
    again = imported(text)
    assert again.returncode == 0, again.stderr
    assert "700 users were added, 500 already existed, 0 lines were refused." in again.stdout


def test_the_second_of_two_with_an_id_counts_as_there(imported: Import, own_database: str) -> None:
    result = imported(lines(user(1), user(2, id="old-1")))
    assert "1 users were added, 1 already existed" in result.stdout
    assert [row[0] for row in rows(own_database, "SELECT email FROM users")] == ["u1@example.com"]


def test_a_hash_goes_out_in_the_form_in_which_it_came(imported: Import, own_database: str) -> None:
    given: list[dict[str, Any]] = [{"bcrypt": BCRYPT}, {"firebase_scrypt": FIREBASE}]
    imported(lines(*(user(n, password=each) for n, each in enumerate(given)), user(2)))
    hashes = rows(own_database, "SELECT password_hash FROM users ORDER BY email")
    assert [password_form(row[0]) for row in hashes] == [*given, None]


def test_files_that_can_not_be_read_are_refused(
    imported: Import, linky: Linky, own_database: str, tmp_path: Path
) -> None:
    refused(imported("{}\n".encode("utf-16")), "UTF-16", "save it in UTF-8")
    missing = str(tmp_path / "none.jsonl")
    refused(linky("import", "users", missing, LINKY_DATABASE_URL=own_database), "none.jsonl")
