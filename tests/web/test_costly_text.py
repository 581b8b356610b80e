"""Text that is expensive to normalise is refused before any work, by its length or by the number of
marks on a letter. The tests look at what is normalised of it: that takes quadratic time.
"""

import json
import sys
import unicodedata
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Literal
from urllib.parse import quote, urlencode

import httpx
import pytest
from fastapi import FastAPI

from app.auth.exceptions import PasswordTooWeak
from app.auth.policy import ensure_strong
from app.auth.service.social import nickname_from
from app.core.combining_marks import MAX_MARKS, has_too_many_marks, limit_marks
from app.core.text import MAX_COMPOSED, clean, fold
from tests.support.api import expect
from tests.support.console import signed_in
from tests.support.routes import JSON, Stage, json_routes, operations, refused
from tests.support.world import World

BODY_BYTES, URL_BYTES = 20_000, 1_500
LIMITED = 30 + 1 + MAX_MARKS
"""The longest piece that may be normalised of a text whose marks are limited first. Its harmless
beginning has 30 letters.
"""

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NO_REFUSAL = ("/auth/logout", "/auth/oauth/line")
"""Signing out accepts unknown tokens, and a sign-in with LINE finds no provider here."""

_ACUTE, _CEDILLA, _VOICING = "\u0301", "\u0327", "\uff9e"


def alternating(size: int) -> str:
    """Combining marks of two kinds, which normalising has to sort."""
    return "a" + (_ACUTE + _CEDILLA) * ((size - 1) // 4)


def half_width(size: int) -> str:
    """Voicing marks that become combining marks only through NFKC."""
    return "ｶ" + (_ACUTE + _VOICING) * ((size - 3) // 5)


def among_letters(size: int) -> str:
    """Hostile text behind harmless text: checking only the beginning would miss it."""
    return "あ" * 30 + alternating(size - 90)


HOSTILE = [alternating, half_width, among_letters]


@contextmanager
def noting_normalised() -> Iterator[list[str]]:
    """The pieces of hostile text that are normalised during the block, in any form.

    The app and its libraries call `unicodedata.normalize` by this name. No C or Rust that a user's
    text passes through normalises it, and PostgreSQL only the names and addresses that it stores.
    """
    normalize, pieces = unicodedata.normalize, list[str]()

    def noting(form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str, /) -> str:
        if _ACUTE in text:
            pieces.append(text)
        return normalize(form, text)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unicodedata, "normalize", noting)
        yield pieces


async def hostile_answers(
    send: Callable[[str], Awaitable[httpx.Response]], size: int, most: int = 0
) -> list[httpx.Response]:
    """The answer to each hostile text, of which no longer piece than that is normalised."""
    answers = []
    for make in HOSTILE:
        with noting_normalised() as pieces:
            answers.append(await send(make(size)))
        assert max(map(len, pieces), default=0) <= most, (make.__name__, pieces)
    return answers


async def ensure_cheap(send: Callable[[str], Awaitable[httpx.Response]], size: int) -> None:
    """Check that every hostile text gets a 4xx, and nothing of it is normalised."""
    for answer in await hostile_answers(send, size):
        if not answer.request.url.path.endswith(NO_REFUSAL):
            refused(answer)


def text_fields(schema: dict[str, Any]) -> Iterator[tuple[str, int | None, bool]]:
    """Each field of text: its name, its longest text, and whether it is a list."""
    for name, field in schema["properties"].items():
        for option in field.get("anyOf", [field]):
            is_list = option.get("type") == "array"
            text = option.get("items", {}) if is_list else option
            if text.get("type") == "string" and "enum" not in text:
                yield name, text.get("maxLength"), is_list


async def test_hostile_text_is_refused_cheaply_in_every_field_of_every_route(
    app: FastAPI, stage: Stage
) -> None:
    seen = 0
    for method, path, schema in json_routes(app):
        for field, longest, is_list in text_fields(schema):

            async def send(text: str) -> httpx.Response:
                value = [text] if is_list else text  # noqa: B023
                sent = json.dumps({field: value}, ensure_ascii=False).encode()  # noqa: B023
                return await stage.api.call(
                    method,  # noqa: B023
                    stage.path(path),  # noqa: B023
                    content=sent,
                    headers=JSON,
                )

            await ensure_cheap(send, BODY_BYTES)
            # In a shorter field, such as that for a code, no text takes long.
            if longest is not None and longest > 3 * MAX_MARKS:
                await ensure_cheap(send, longest * 2)
            seen += 1
    assert seen > 30


async def test_hostile_text_is_refused_cheaply_in_every_query_and_header(
    app: FastAPI, stage: Stage
) -> None:
    seen = 0
    for method, path, operation in operations(app):
        for parameter in operation.get("parameters", ()):
            if parameter["in"] != "query" or not _is_text(parameter["schema"]):
                continue

            async def send(text: str) -> httpx.Response:
                query = urlencode({parameter["name"]: text})  # noqa: B023
                return await stage.api.call(method, f"{stage.path(path)}?{query}")  # noqa: B023

            await ensure_cheap(send, URL_BYTES)
            seen += 1
    assert seen > 30


def _is_text(schema: dict[str, Any]) -> bool:
    kinds = schema.get("anyOf", [schema])
    return any(kind.get("type") == "string" and "format" not in kind for kind in kinds)


FORMS: dict[str, dict[str, str]] = {
    "/auth/login": {"email": "a@example.com", "password": "x"},
    "/auth/register": {"email": "a@example.com", "password": "x", "nickname": "花子"},
    "/auth/password/reset": {"token": "x", "new_password": "x"},
    "/auth/password/change": {"current_password": "x", "new_password": "x"},
    "/auth/oauth/exchange": {"code": "x", "code_verifier": "x"},
}


@pytest.mark.parametrize("path", FORMS)
async def test_a_whole_form_with_a_hostile_secret_is_refused_cheaply(
    world: World, stage: Stage, path: str
) -> None:
    for name in FORMS[path]:

        async def send(text: str) -> httpx.Response:
            return await stage.api.post(path, json=FORMS[path] | {name: text})  # noqa: B023

        await ensure_cheap(send, BODY_BYTES)


async def test_a_search_is_answered_up_to_the_limit_of_marks(stage: Stage) -> None:
    for path in ("/posts", "/lounges", "/admin/users"):
        answer = await stage.api.get(path, params={"q": "e" + "\u0301" * MAX_MARKS})
        expect(answer, 200)
        too_many = await stage.api.get(path, params={"q": "e" + "\u0301" * (MAX_MARKS + 1)})
        errors = expect(too_many, 422, "validation_failed")["errors"]
        assert [(error["field"], error["code"]) for error in errors] == [
            ("query.q", "too_many_marks")
        ]


async def test_text_that_is_too_long_in_any_normal_form_is_reported_as_too_long(
    world: World,
) -> None:
    member = await world.member()
    for bio in ("a" * 2001, "\u0301" * 2001, "ᾂ" * 501, unicodedata.normalize("NFD", "ᾂ" * 501)):
        errors = expect(await member.patch("/users/me", json={"bio": bio}), 422)["errors"]
        assert [(error["field"], error["code"]) for error in errors] == [
            ("body.bio", "string_too_long")
        ]
        assert "500" in errors[0]["message"]


@pytest.mark.parametrize("letter", ["ᾂ", "각", "が", "ấ", "é", "あ", "🍣"])
async def test_the_longest_text_is_accepted_in_any_normal_form(world: World, letter: str) -> None:
    member = await world.member()
    decomposed = unicodedata.normalize("NFD", letter * 500)
    assert len(decomposed) <= MAX_COMPOSED * 500
    sent = "\n \t" * 2000 + decomposed + "　" * 2000
    me = expect(await member.patch("/users/me", json={"bio": sent}), 200)
    assert me["bio"] == letter * 500


CONSOLE_FORMS = [
    ("/sign-in", "email", {"password": "x"}),
    ("/sign-in", "password", {"email": "a@example.com"}),
    ("/lounges", "name", {"description": "x"}),
    ("/lounges", "description", {"name": "x"}),
    ("/words", "words", {}),
    ("/words", "exceptions", {}),
]
PAGE_FORMS = [
    ("/account/delete", {"email": ""}),
    ("/account/reset-password", {"token": "x", "new_password": ""}),
    ("/account/verify-email", {"token": ""}),
]


@pytest.mark.parametrize(("path", "name", "others"), CONSOLE_FORMS)
async def test_a_hostile_form_of_the_console_is_refused_cheaply(
    world: World, path: str, name: str, others: dict[str, str]
) -> None:
    browser = await signed_in(world, await world.admin())
    page = path if path == "/sign-in" else "/words"
    form = {"token": await browser.token(page), **others}

    async def send(text: str) -> httpx.Response:
        return await browser.http.post(
            f"/admin{path}", content=urlencode(form | {name: text}), headers=FORM
        )

    await _ensure_form_is_cheap(send)


@pytest.mark.parametrize(("path", "form"), PAGE_FORMS)
async def test_a_hostile_form_of_a_page_is_refused_cheaply(
    world: World, path: str, form: dict[str, str]
) -> None:
    async def send(text: str) -> httpx.Response:
        content = urlencode(form | {list(form)[-1]: text})
        return await world.http.post(path, content=content, headers=FORM)

    await _ensure_form_is_cheap(send)


async def _ensure_form_is_cheap(send: Callable[[str], Awaitable[httpx.Response]]) -> None:
    for answer in await hostile_answers(send, BODY_BYTES):
        assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("page", ["users", "lounges"])
async def test_hostile_searches_in_the_console_are_cheap(world: World, page: str) -> None:
    browser = await signed_in(world, await world.admin())

    async def send(text: str) -> httpx.Response:
        return await browser.get(f"/{page}?q={quote(text)}")

    for answer in await hostile_answers(send, URL_BYTES, most=LIMITED):
        assert answer.status_code == 200


@pytest.mark.parametrize("make", HOSTILE)
def test_text_that_does_not_come_by_http_is_bounded_too(make: Callable[[int], str]) -> None:
    def judge(password: str) -> None:
        with pytest.raises(PasswordTooWeak):
            ensure_strong(password)

    for act in (partial(nickname_from, app_name="Linky"), fold, judge):
        with noting_normalised() as pieces:
            act(make(BODY_BYTES))
        assert max(map(len, pieces), default=0) <= LIMITED, act


def test_what_is_normalised_can_be_counted() -> None:
    """The name `unicodedata.normalize` is looked up for each call, so that tests can replace it."""
    normalize = unicodedata.normalize
    with noting_normalised() as pieces:
        clean("e\u0301", longest=10, multiline=False)
    assert pieces == ["e\u0301"]
    loaded = [module for name, module in sys.modules.items() if name.startswith("app.")]
    assert not any(getattr(module, "normalize", None) is normalize for module in loaded)


def test_every_mark_of_unicode_is_counted() -> None:
    marks = [chr(code) for code in range(0x110000) if _becomes_a_mark(chr(code))]
    assert len(marks) > 900
    assert [mark for mark in marks if not has_too_many_marks(mark * (MAX_MARKS + 1))] == []
    assert not any(has_too_many_marks(mark * MAX_MARKS) for mark in marks)
    assert limit_marks("が" + "".join(marks) + "あ") == "が" + "".join(marks[:MAX_MARKS]) + "あ"


def _becomes_a_mark(char: str) -> bool:
    first = unicodedata.normalize("NFKD", char)[0]
    return unicodedata.combining(char) != 0 or unicodedata.combining(first) != 0
