"""Texts of any code points: each is stored or refused as a plain model of the contract says."""

import json
import re
import unicodedata
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.pool import Connection
from tests.support.api import Api, expect
from tests.support.chance import tried
from tests.support.rolled_back import undone
from tests.support.world import World


@dataclass(frozen=True)
class Field:
    """A text of the API: where it is set, and its limits in code points."""

    path: str
    name: str
    shortest: int
    longest: int
    is_long: bool
    """Whether it may have tabs and newlines."""


FIELDS = (
    Field("/posts/{post_id}", "title", 1, 100, is_long=False),
    Field("/comments/{comment_id}", "body", 1, 2000, is_long=True),
    Field("/users/me", "bio", 0, 500, is_long=True),
)

MOST_MARKS = 30
FORBIDDEN = ("Cc", "Cs", "Zl", "Zp")

IGNORABLE = (
    *(("\u034f", "\u034f"), ("\u17b4", "\u17b5"), ("\u180b", "\u180d"), ("\u180f", "\u180f")),
    *(("\u2065", "\u2065"), ("\ufe00", "\ufe0f"), ("\ufff0", "\ufff8")),
    ("\U000e0000", "\U000e0fff"),
)
"""From the first to the last: what is default ignorable in Unicode, besides Cf and the fillers."""

PIECES = (
    *("a", "あ", "漢", "か\u3099", "が", "ｶﾞ", "ﷺ", "e\u0301", "é", "\u1100\u1161\u11a8"),
    *(" ", "\u3000", "\u00a0", "\u2028", "\u2029", "\n", "\r", "\r\n", "\t", "\x0b", "\x85"),
    *("\0", "\x1b", "\x7f", "\ud800", "\udc00", "\ud83d\ude00"),
    *("\u200b", "\u200d", "\ufeff", "\u202e", "\u2066", "\u3164", "\u2800", "\u00ad"),
    *("\ufe0f", "\u034f", "\u180b", "\U000e0100", "\ufff0"),
    *("👨‍👩‍👧", "🇯🇵", "👍🏽", "\u0344", "\ufb2c", "\U0001d15e", "\u0301" * 30, "\u0301" * 31),
)
"""Composed and not, wide, white, invisible, forbidden, and what grows or shrinks in NFC."""

ANY = st.characters(categories=None)
TEXTS = st.lists(st.sampled_from(PIECES) | ANY, max_size=12).map("".join)


FILLS = st.none() | st.tuples(st.sampled_from(("あ", "か\u3099", "a\n")), st.integers(-1, 1))
"""Fills a text up to the limit of its field, or to one less or more."""


def filled(text: str, fill: tuple[str, int] | None, longest: int) -> str:
    if fill is None:
        return text
    filler, more = fill
    return text + filler * ((longest + more - len(text)) // len(filler))


def model(field: Field, sent: str) -> tuple[str, set[str]]:
    """What is stored, and the codes of all that is wrong with it."""
    text = re.sub("\r\n|\u2028|\u2029", "\n", sent) if field.is_long else sent
    text = trimmed(text)
    wrong = set()
    allowed = "\t\n" if field.is_long else ""
    if any(unicodedata.category(c) in FORBIDDEN and c not in allowed for c in text):
        wrong.add("forbidden_character")
    if longest_run_of_marks(text) > MOST_MARKS:
        wrong.add("too_many_marks")
    text = unicodedata.normalize("NFC", text)
    if not any(is_visible(c) for c in text):
        text = ""
    if len(text) > field.longest:
        wrong.add("string_too_long")
    if len(text) < field.shortest:
        wrong.add("string_too_short")
    return text, wrong


def trimmed(text: str) -> str:
    def is_white(char: str) -> bool:
        return char in "\t\n\r" or unicodedata.category(char) in ("Zs", "Zl", "Zp")

    start, end = 0, len(text)
    while start < end and is_white(text[start]):
        start += 1
    while start < end and is_white(text[end - 1]):
        end -= 1
    return text[start:end]


def longest_run_of_marks(text: str) -> int:
    longest = run = 0
    for char in text:
        is_mark = unicodedata.combining(char) > 0 or char in "\u0f73\u0f75\u0f81\uff9e\uff9f"
        run = run + 1 if is_mark else 0
        longest = max(longest, run)
    return longest


def is_visible(char: str) -> bool:
    """Not a sign without a shape, nor one of the letters that are drawn as nothing."""
    without_shape = unicodedata.category(char) in ("Cc", "Cf", "Zs", "Zl", "Zp")
    is_ignorable = any(first <= char <= last for first, last in IGNORABLE)
    return not (without_shape or is_ignorable) and char not in "\u115f\u1160\u3164\uffa0\u2800"


class Author:
    """A member with a post and a comment to edit."""

    def __init__(self, api: Api, ids: dict[str, str]) -> None:
        self.api = api
        self.ids = ids

    async def send(self, field: Field, text: str) -> tuple[str | None, set[str]]:
        """What the server stores of a text, or the codes of its refusal."""
        answer = await self.api.patch(
            field.path.format(**self.ids),
            # Lone surrogates can be sent only as escapes.
            content=json.dumps({field.name: text}).encode(),
            headers={"Content-Type": "application/json"},
        )
        if answer.status_code == 422:
            return None, {error["code"] for error in answer.json()["errors"]}
        return str(expect(answer, 200)[field.name]), set()


@pytest.fixture
async def author(world: World) -> Author:
    api = await world.member()
    post = await world.post(api)
    comment = await world.comment(api, post)
    return Author(api, {"post_id": post["id"], "comment_id": comment["id"]})


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: str(field.name))
@tried(60)
@given(text=TEXTS, fill=FILLS)
async def test_a_text_is_stored_or_refused_as_the_model_says(
    author: Author, connection: Connection, field: Field, text: str, fill: tuple[str, int] | None
) -> None:
    # Two halves of a pair become one letter on the way.
    sent = json.loads(json.dumps(filled(text, fill, field.longest)))
    stored, wrong = model(field, sent)
    async with undone(connection):
        seen, refusals = await author.send(field, sent)
    assert (seen is None) == bool(wrong)
    assert refusals <= wrong
    assert seen in (None, stored)


NEVER_IN_NAMES = (
    "\u200b\u2060\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


@tried(30)
@given(before=st.sampled_from(("", "a", "あ", "ع")), sign=st.sampled_from(NEVER_IN_NAMES))
async def test_a_nickname_has_no_bidirectional_or_zero_width_sign(
    author: Author, connection: Connection, before: str, sign: str
) -> None:
    field = Field("/users/me", "nickname", 1, 30, is_long=False)
    async with undone(connection):
        seen, refusals = await author.send(field, f"{before}{sign}い")
    assert (seen, refusals) == (None, {"forbidden_character"})
