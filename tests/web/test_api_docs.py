"""`/docs`: a page for each operation, in one language, which loads nothing and keeps no token."""

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from html import unescape
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from app.main import create_app
from app.web.api_docs.catalog import CATALOG, japanese
from app.web.api_docs.reference import Reference
from app.web.api_docs.texts import WORDS
from tests.architecture.source import ROOT
from tests.support.apps import SettingsOfTests

GENERATED = ROOT / "clients/dart/linky/lib/src/generated"
ASIDE = r"<(style|script|pre|textarea).*?</\1>|<.*?>"
LETTERS = re.compile(r"[ぁ-んァ-ヶ一-龠]")


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    return create_app(SettingsOfTests(data_dir=tmp_path))


@cache
def dart(name: str) -> str:
    return (GENERATED / name).read_text("utf-8")


async def get(app: FastAPI, path: str, language: str) -> httpx.Response:
    headers = {"Accept-Language": language, "Accept": "text/html"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test", headers=headers
    ) as http:
        return await http.get(path)


def test_each_english_text_has_a_japanese_one(app: FastAPI) -> None:
    shown: dict[str, str] = {}
    reference = Reference(app.openapi(), "en", lambda text: shown.setdefault(text, text))
    for operation_id in reference.operations:
        reference.details(operation_id)
    file = CATALOG.relative_to(ROOT)
    missing, unused = shown.keys() - japanese().keys(), japanese().keys() - shown.keys()
    assert not missing, f"write the Japanese of these into {file}: {sorted(missing)}"
    assert not unused, f"remove these from {file}, no page shows them: {sorted(unused)}"


def test_a_japanese_text_is_japanese_and_keeps_each_code() -> None:
    code = re.compile(r"`[^`]+`")
    for english, text in japanese().items():
        assert LETTERS.search(text) or english == "1, 7 or 30", english
        assert set(code.findall(text)) <= set(code.findall(english)), english


def test_the_pages_name_each_operation_and_each_example_of_dart_is_one(
    app: FastAPI,
) -> None:
    document = app.openapi()
    reference = Reference(document, "en", str)
    operations = [each for path in document["paths"].values() for each in path.values()]
    assert {each["operationId"] for each in operations} == reference.operations.keys()
    assert sum(len(listed) for _, _, listed in reference.groups) == len(operations)
    samples = [text for each in reference.operations if (text := reference.details(each).dart)]
    assert len(samples) > 80
    for sample in samples:
        (method,) = re.findall(r"linky\.\w+\.(\w+)\(", sample)
        assert f"> {method}(" in dart("apis.dart"), sample
        for made in re.findall(r"\b([A-Z]\w+)\(\n", sample):
            assert f"const {made}(" in dart("models.dart"), sample
        for enum, value in re.findall(r"\b([A-Z]\w+)\.(\w+)\b(?!\()", sample):
            assert f"static const {enum} {value} " in dart("enums.dart"), sample


@pytest.mark.anyio
@pytest.mark.parametrize("language", ["en", "ja"])
async def test_a_page_is_in_one_language_and_loads_nothing(app: FastAPI, language: str) -> None:
    for path in ("/docs", "/docs/create_post", "/docs/list_reports"):
        page = await get(app, path, language)
        assert page.status_code == 200
        assert f'<html lang="{language}">' in page.text
        assert page.headers["content-language"] == language
        assert page.headers["vary"] == "Accept-Language"
        # The examples are what people write, in Japanese.
        text = unescape(re.sub(ASIDE, "", page.text, flags=re.DOTALL))
        assert (LETTERS.search(text) is None) == (language == "en"), path
        policy = page.headers["content-security-policy"]
        for kind in ("script", "style"):
            (inline,) = re.findall(f"<{kind}>(.*?)</{kind}>", page.text, re.DOTALL)
            assert f"'sha256-{b64encode(sha256(inline.encode()).digest()).decode()}'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert "Storage" not in page.text  # The token of the page stays in its memory.
        assert not re.findall(r'(?:src|href)="(?:\w+:)?//', page.text)


@pytest.mark.anyio
async def test_the_texts_are_those_of_the_language(app: FastAPI) -> None:
    for language in ("en", "ja"):
        page = (await get(app, "/docs/create_post", language)).text
        for word in (WORDS["find"].in_(language), WORDS["try_it"].in_(language)):
            assert word in page


@pytest.mark.anyio
async def test_an_unknown_operation_is_not_found(app: FastAPI) -> None:
    headers = {"Accept": "application/json"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test", headers=headers
    ) as http:
        answer = await http.get("/docs/no_such_operation")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
