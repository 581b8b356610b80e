"""`linky import community` with a folder that somebody else has written: how far it is believed."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from PIL import Image

from app.integrations.pictures.rendering import LARGEST_RENDITION
from app.integrations.pictures.sizes import FULL_EDGE
from app.operations.move.archive import LONGEST_LINE
from tests.support.command_line import Linky, linky_here, refused
from tests.support.database import fresh_database
from tests.support.foreign_users import BCRYPT
from tests.support.server import environment
from tests.support.small_community import PICTURE, add_lounge, add_user, fill, webp
from tests.support.sql import rows
from tests.support.world import token

type Change = Callable[[Path], object]
type Bring = Callable[[str], CompletedProcess[str]]
type Refuse = Callable[..., None]

SECRET = "geheim, a file of the operator's"


@pytest.fixture(scope="module")
def good(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good export, which is made once."""
    top = tmp_path_factory.mktemp("good")
    with fresh_database(server_url, f"small_{token()}") as url:
        fill(url, top / "data")
        settings = environment(top / "data", LINKY_DATABASE_URL=url)
        done = linky_here(["export", "community", str(top / "export")], settings)
    assert done.returncode == 0, done.stderr
    return top / "export"


@pytest.fixture
def export(good: Path, tmp_path: Path) -> Path:
    """A copy, for a test to change. A file beside it is the operator's."""
    (tmp_path / "secret").write_text(SECRET, encoding="utf-8")
    return Path(shutil.copytree(good, tmp_path / "export"))


@pytest.fixture(scope="module")
def empty_database(server_url: str) -> Iterator[str]:
    """For imports that are refused: they leave it empty."""
    with fresh_database(server_url, f"empty_{token()}") as url:
        yield url


@pytest.fixture
def bring(linky: Linky, tmp_path: Path, export: Path) -> Bring:
    def call(url: str) -> CompletedProcess[str]:
        there = {"LINKY_DATABASE_URL": url, "LINKY_DATA_DIR": str(tmp_path / "there")}
        return linky("import", "community", str(export), **there)

    return call


@pytest.fixture
def refuse(bring: Bring, empty_database: str, tmp_path: Path) -> Refuse:
    """Import, which must be refused with these words and leave nothing."""

    def call(*words: str) -> None:
        done = bring(empty_database)
        refused(done, *words)
        assert len(done.stderr.splitlines()[-1]) < 300
        assert "\x1b" not in done.stderr
        assert rows(empty_database, "SELECT FROM users") == []
        assert all(SECRET not in path.read_text(errors="replace") for path in stored(tmp_path))

    return call


def stored(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "there").rglob("*") if path.is_file()]


# Its files


def linked(name: str) -> Change:
    """Makes a file or folder of the export a link to a copy of it, which lies outside."""

    def change(folder: Path) -> None:
        outside = folder.parent / "outside"
        (folder / name).rename(outside)
        (folder / name).symlink_to(outside)

    return change


def link_to_a_secret(folder: Path) -> None:
    (folder / "pictures" / PICTURE).unlink()
    (folder / "pictures" / PICTURE).symlink_to(folder.parent / "secret")


def link_beside(folder: Path) -> None:
    (folder / "pictures" / "notes.txt").symlink_to(folder.parent / "secret")


def pipe(folder: Path) -> None:
    (folder / "tables" / "users.jsonl").unlink()
    os.mkfifo(folder / "tables" / "users.jsonl")


def pipe_for_a_picture(folder: Path) -> None:
    (folder / "pictures" / PICTURE).unlink()
    os.mkfifo(folder / "pictures" / PICTURE)


def folder_for_a_file(folder: Path) -> None:
    (folder / "tables" / "users.jsonl").unlink()
    (folder / "tables" / "users.jsonl").mkdir()


NOT_PLAIN: dict[str, tuple[Change, str]] = {
    "a picture that leads to a secret": (link_to_a_secret, "full.webp is not a plain file"),
    "a link that is no picture": (link_beside, "notes.txt is not a plain file"),
    "a folder of a picture": (linked(f"pictures/{Path(PICTURE).parent}"), "is not a plain file"),
    "the pictures": (linked("pictures"), "pictures is not a plain file"),
    "a pipe for a picture": (pipe_for_a_picture, "full.webp is not a plain file"),
    "a table": (linked("tables/users.jsonl"), "users.jsonl is not a plain file"),
    "the tables": (linked("tables"), "is not a plain file"),
    "a pipe": (pipe, "users.jsonl is not a plain file"),
    "a folder": (folder_for_a_file, "users.jsonl is not a plain file"),
    "the facts": (linked("community.json"), "community.json is not a plain file"),
}


@pytest.mark.parametrize("name", NOT_PLAIN)
def test_no_link_or_pipe_is_followed(refuse: Refuse, export: Path, name: str) -> None:
    change, words = NOT_PLAIN[name]
    change(export)
    refuse(words)


def test_the_folder_itself_may_be_a_link_and_what_is_no_picture_is_left(
    bring: Bring, export: Path, other_database: str, tmp_path: Path
) -> None:
    (export / "pictures" / "notes.txt").write_text("of a file manager", encoding="utf-8")
    (export / "pictures" / "images" / "x.svg").write_text("<svg/>", encoding="utf-8")
    (export / "pictures" / "other").mkdir()
    (export / "pictures" / "other" / "x.webp").write_bytes(webp())
    real = export.rename(tmp_path / "real")
    export.symlink_to(real)
    done = bring(other_database)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in stored(tmp_path)] == ["full.webp"]


def test_an_export_without_pictures_needs_no_folder_for_them(
    bring: Bring, refuse: Refuse, export: Path, other_database: str
) -> None:
    shutil.rmtree(export / "pictures")
    refuse("pictures/ has 0 files instead of 1")
    facts = json.loads((export / "community.json").read_text(encoding="utf-8"))
    (export / "community.json").write_text(json.dumps(facts | {"pictures": 0}), encoding="utf-8")
    assert bring(other_database).returncode == 0


# Its pictures


def of_png() -> bytes:
    out = BytesIO()
    Image.new("RGB", (4, 4)).save(out, "PNG")
    return out.getvalue()


PICTURES: dict[str, Callable[[], bytes]] = {
    "HTML": lambda: b"<script>alert(1)</script>",
    "nothing": lambda: b"",
    "a PNG": of_png,
    "a head alone": lambda: webp()[:20],
    "a WebP in name only": lambda: b"RIFF\x0c\0\0\0WEBPVP8 ",
    "a WebP with a script behind it": lambda: webp() + b"<script>",
    "a WebP, cut off": lambda: webp()[:-2],
    "one larger than ours": lambda: webp(FULL_EDGE + 1, 1),
    "an animation": lambda: webp(save_all=True, append_images=[Image.new("RGB", (40, 30), "red")]),
    "one that says where it was taken": lambda: webp(exif=b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0"),
    "one with XMP": lambda: webp(xmp=b"<x:xmpmeta/>"),
    "more bytes than any of ours": lambda: bytes(LARGEST_RENDITION + 1),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_one_as_we_make_them_or_refused(
    refuse: Refuse, export: Path, tmp_path: Path, name: str
) -> None:
    (export / "pictures" / PICTURE).write_bytes(PICTURES[name]())
    refuse(PICTURE)
    assert stored(tmp_path) == []


def test_the_largest_picture_of_ours_comes_in(
    bring: Bring, export: Path, other_database: str
) -> None:
    (export / "pictures" / PICTURE).write_bytes(webp(FULL_EDGE, FULL_EDGE))
    done = bring(other_database)
    assert done.returncode == 0, done.stderr


# Its rows


def changed(folder: Path, table: str, **values: object) -> None:
    """Change the last row of a table."""
    file = folder / "tables" / f"{table}.jsonl"
    *others, last = file.read_text(encoding="utf-8").splitlines()
    row = json.loads(last)
    assert values.keys() <= row.keys()
    file.write_text("\n".join([*others, json.dumps(row | values)]) + "\n", encoding="utf-8")


ROWS: dict[str, tuple[str, dict[str, object]]] = {
    "a hash that takes days": ("users", {"password_hash": BCRYPT.replace("$04$", "$31$")}),
    "a hash of 16 GiB": ("users", {"password_hash": "$firebase-scrypt$8$24$AAAA$AA==$AAAA$AA=="}),
    "a broken hash": ("users", {"password_hash": "$firebase-scrypt$broken"}),
    "a number for a hash": ("users", {"password_hash": 1}),
    "one who is being erased": ("users", {"left_at": "2026-01-01T00:00:00+00:00"}),
    "a suspension for ever": ("users", {"suspended_until": "infinity"}),
    "a suspension until the last day": ("users", {"suspended_until": "9999-12-31T23:59:59+00:00"}),
    "a time before all": ("users", {"created_at": "0001-01-01T00:00:00+00:00"}),
    "a time that is a word": ("posts", {"updated_at": "tomorrow"}),
    "a time without a zone": ("posts", {"updated_at": "2026-01-01T00:00:00"}),
    "a number for a time": ("posts", {"updated_at": 1}),
    "a day after all": ("daily_numbers", {"day": "9999-12-31"}),
    "a day before all": ("daily_numbers", {"day": "0001-01-01"}),
    "a day that is a word": ("daily_numbers", {"day": "infinity"}),
    "a picture elsewhere": ("users", {"avatar_key": "../../../etc/passwd"}),
    "a picture of another server": ("lounges", {"cover_key": "https://other.example/x.webp"}),
    "a list where an object is": ("audit_log", {"before": []}),
    "a text where an object is": ("audit_log", {"after": "x"}),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_value_that_no_server_writes_is_refused_by_its_place(
    refuse: Refuse, export: Path, name: str
) -> None:
    table, values = ROWS[name]
    changed(export, table, **values)
    number = len((export / "tables" / f"{table}.jsonl").read_bytes().splitlines())
    (column,) = values
    refuse(f"tables/{table}.jsonl, line {number}: {column} has a value")


MANY_SIGNS = "".join(map(chr, range(0x4E00, 0x9000)))
DEEP = json.loads('{"a":' * 300 + "1" + "}" * 300)
DAMAGED: dict[str, tuple[str, dict[str, object]]] = {
    "a role that there is not": ("users", {"role": "root"}),
    "an id that is none": ("posts", {"id": "1; DROP TABLE users"}),
    "a reference to nobody": ("posts", {"author_id": "00000000-0000-4000-8000-000000000009"}),
    "NUL": ("posts", {"body": "a\0b"}),
    "no search": ("lounges", {"search_vector": "'"}),
    "a key that is too long for an index": ("lounges", {"name_key": MANY_SIGNS}),
    "an object that is too deep": ("audit_log", {"before": DEEP}),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_what_the_database_would_not_take_is_damage(
    refuse: Refuse, export: Path, name: str
) -> None:
    table, values = DAMAGED[name]
    changed(export, table, **values)
    refuse(f"tables/{table}.jsonl is damaged")


LINES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "two rows in a line": (lambda line: line.strip() + b"," + line, "damaged in line 1"),
    "a list": (lambda line: b"[]\n", "damaged in line 1"),
    "a row that ends another": (lambda line: b'{}],"x":[{}\n', "damaged in line 1"),
    "no UTF-8": (lambda line: b'{"id": "\xff"}\n', "damaged in line 1"),
    "a line without an end": (lambda line: b" " * (LONGEST_LINE + 1), "line 1 has more than"),
    "a depth without an end": (lambda line: b"[" * 100_000 + b"\n", "damaged in line 1"),
}


@pytest.mark.parametrize("name", LINES)
def test_a_line_is_one_object_of_a_bounded_size(refuse: Refuse, export: Path, name: str) -> None:
    change, words = LINES[name]
    file = export / "tables" / "posts.jsonl"
    file.write_bytes(change(file.read_bytes()))
    refuse("tables/posts.jsonl", words)


def test_only_the_columns_that_the_facts_name_are_loaded(
    bring: Bring, export: Path, other_database: str
) -> None:
    file = export / "tables" / "lounges.jsonl"
    row = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(row | {"search": "x", 'a"b': 1}) + "\n", encoding="utf-8")
    facts = json.loads((export / "community.json").read_text(encoding="utf-8"))
    facts["tables"]["lounges"]["columns"].remove("closed_at")
    (export / "community.json").write_text(json.dumps(facts), encoding="utf-8")
    assert bring(other_database).returncode == 0
    assert [row["name"] for row in rows(other_database, "SELECT name FROM lounges")] == ["部屋"]


FACTS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a list": (lambda facts: [], "community.json is damaged"),
    "no tables": (lambda facts: {"format": 1, "version": "x", "pictures": 0}, "damaged"),
    "no columns": (lambda facts: with_users(facts, columns=[]), "damaged"),
    "a column of SQL": (lambda facts: with_users(facts, columns=['id") SELECT 1; --']), "release"),
    "a computed column": (lambda facts: with_users(facts, columns=["search_text"]), "release"),
    "fewer than no rows": (lambda facts: with_users(facts, rows=-1), "damaged"),
    "a table that stays behind": (
        lambda facts: facts | {"tables": {"auth_totp": facts["tables"]["users"]}},
        "release",
    ),
    "a release that is a page": (
        lambda facts: facts | {"format": 2, "version": "x\u001b[2J" * 1000},
        "release",
    ),
    "more than a megabyte": (lambda facts: facts | {"x": "x" * 1024 * 1024}, "has more than"),
}  # fmt: skip


def with_users(facts: dict[str, Any], **values: object) -> dict[str, Any]:
    users = facts["tables"]["users"] | values
    return facts | {"tables": facts["tables"] | {"users": users}}


@pytest.mark.parametrize("name", FACTS)
def test_the_facts_are_of_their_shape(refuse: Refuse, export: Path, name: str) -> None:
    change, words = FACTS[name]
    file = export / "community.json"
    facts = change(json.loads(file.read_text(encoding="utf-8")))
    file.write_text(json.dumps(facts), encoding="utf-8")
    refuse(words)


# What is written


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_umask")
def test_an_export_is_its_owners_alone_and_has_no_file_of_another_program(
    linky: Linky, own_database: str, other_database: str, data_dir: Path, tmp_path: Path
) -> None:
    fill(own_database, data_dir)
    (data_dir / "storage" / "images" / "notes.txt").write_text("x", encoding="utf-8")
    folder = tmp_path / "below" / "export"
    exported = linky("export", "community", str(folder), LINKY_DATABASE_URL=own_database)
    assert exported.returncode == 0, exported.stderr
    assert [path.name for path in (folder / "pictures").rglob("*.*")] == ["full.webp"]
    for path in (folder, *folder.rglob("*")):
        mode = 0o700 if path.is_dir() else 0o600
        assert path.stat().st_mode & 0o777 == mode, path
    brought = linky("import", "community", str(folder), LINKY_DATABASE_URL=other_database)
    assert brought.returncode == 0, brought.stderr


# Where it may go


@pytest.mark.parametrize("kind", ["user", "lounge"])
def test_an_installation_with_users_or_lounges_keeps_them(
    bring: Bring, other_database: str, kind: str
) -> None:
    """Either alone: the rows of an import replace all that a table has."""
    if kind == "user":
        add_user(other_database, "first")
    else:
        add_lounge(other_database)
    counts = "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM lounges)"
    before = rows(other_database, counts)
    refused(bring(other_database), "has users or lounges")
    assert rows(other_database, counts) == before
