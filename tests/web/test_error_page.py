"""A browser that opens an address of ours gets a page for an error; programs get a problem."""

import re

import httpx
import pytest
from fastapi import FastAPI

from app.web import entry
from app.web.problems import CONTENT_TYPE
from tests.support.api import PREFIX
from tests.web.raw_http import RawClient

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
INTERNALS = "himitsu"


@pytest.fixture
def breakable(app: FastAPI) -> FastAPI:
    async def broken() -> None:
        raise RuntimeError(INTERNALS)

    async def away() -> None:
        raise ConnectionRefusedError(INTERNALS)

    app.add_api_route("/broken", broken, include_in_schema=False)
    app.add_api_route("/away", away, include_in_schema=False)
    return app


@pytest.mark.parametrize(
    ("path", "status"), [("/nothing", 404), ("/p", 404), ("/broken", 500), ("/away", 503)]
)
async def test_an_error_is_a_page_for_a_browser_and_a_problem_for_all_others(
    breakable: FastAPI, http: httpx.AsyncClient, path: str, status: int
) -> None:
    for language, word in (("ja", "。"), ("en", ".")):
        page = await http.get(path, headers={**BROWSER, "Accept-Language": language})
        problem = await http.get(path, headers={"Accept-Language": language})
        assert (page.status_code, problem.status_code) == (status, status)
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.headers["content-language"] == language
        assert page.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert problem.headers["content-type"] == CONTENT_TYPE
        body = problem.json()
        assert f"<h1>{body['title']}</h1>" in page.text
        assert "<bdi>Linky</bdi>" in page.text
        assert '<a class="open" href="linky://">' in page.text
        assert body["detail"].endswith(word)
        assert INTERNALS not in page.text
        assert page.headers.get("retry-after") == problem.headers.get("retry-after")


async def test_a_page_says_which_methods_there_are(http: httpx.AsyncClient) -> None:
    page = await http.delete("/docs", headers=BROWSER)
    assert page.status_code == 405
    assert page.headers["allow"] == "GET, HEAD"
    assert "<h1>" in page.text


async def test_the_api_answers_with_problems_whoever_asks(http: httpx.AsyncClient) -> None:
    for path, status in ((f"{PREFIX}/nothing", 404), (f"{PREFIX}/posts", 401)):
        answer = await http.get(path, headers=BROWSER)
        assert (answer.status_code, answer.headers["content-type"]) == (status, CONTENT_TYPE)


async def test_a_busy_server_has_a_page_too(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry.reads, "most", 0)
    client = await RawClient.connect(port)
    page = await client.ask("GET", "/p/1", BROWSER)
    assert (page.status, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert page.headers["retry-after"] == "2"
    assert b"<h1>" in page.body
    head = await client.ask("HEAD", "/p/1", BROWSER)
    assert (head.status, head.body) == (503, b"")
    await client.close()


async def test_each_page_finds_its_icon(http: httpx.AsyncClient) -> None:
    icon = await http.get("/favicon.ico")
    assert (icon.status_code, icon.headers["content-type"]) == (200, "image/svg+xml")
    assert icon.content.startswith(b"<svg")
    for path in ("/account/delete", "/account/appeal?token=x", "/p/1"):
        policy = (await http.get(path, headers=BROWSER)).headers["content-security-policy"]
        assert re.search(r"img-src [^;]*'self'", policy), path
