"""The links of the site: where a document's link leads on its page, and whether to something."""

from pathlib import Path

import pytest

from tools import ROOT
from tools.site import __main__ as site
from tools.site.pages import DOCS, REPOSITORY, target_of, urls, with_links


@pytest.mark.parametrize(
    ("target", "source", "expected"),
    [
        ("clients.md#errors", "docs/runbook.md", "../clients/#errors"),
        ("clients.ja.md", "docs/clients.md", "../ja/clients/"),
        ("../README.md", "docs/clients.md", "../"),
        ("docs/adr/README.md", "README.md", "adr/"),
        ("docs/images/app-phone.png", "README.ja.md", "../images/app-phone.png"),
        ("../app/core", "docs/architecture.md", f"{REPOSITORY}/tree/main/app/core"),
        ("../Makefile", "docs/testing.md", f"{REPOSITORY}/blob/main/Makefile"),
        ("#errors", "docs/clients.md", "#errors"),
        ("https://example.com/a.md", "docs/clients.md", "https://example.com/a.md"),
    ],
)
def test_a_link_of_a_document_leads_to_the_same_from_its_page(
    target: str, source: str, expected: str
) -> None:
    assert target_of(target, ROOT / source, urls()[ROOT / source]) == expected


def test_code_keeps_what_looks_like_a_link_and_a_picture_may_be_a_link() -> None:
    text = "```\n[a](clients.md)\n```\n[![b](images/app-phone.png)](clients.md)\n"
    made = with_links(text, DOCS / "runbook.md", "runbook/")
    assert made == "```\n[a](clients.md)\n```\n[![b](../images/app-phone.png)](../clients/)\n"


def test_a_link_that_leads_to_no_page_or_heading_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "SITE", tmp_path)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "index.html").write_text('<h1 id="x"></h1><a href="..">', encoding="utf-8")
    links = ("a/", "a/#x", "a/#y", "b/", "https://example.com/b/", "#z")
    text = "".join(f'<a href="{link}"></a>' for link in links)
    (tmp_path / "index.html").write_text(text, encoding="utf-8")
    assert list(site.broken(site.pages())) == [
        "index.html: a/#y: there is no such heading",
        "index.html: b/ leads nowhere",
        "index.html: #z: there is no such heading",
    ]
