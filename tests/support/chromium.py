"""Debian's Chromium, driven by Playwright, and what axe-core finds on a page."""

import os
import shutil
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page, expect

from tests.support.waiting import HANG_SECONDS

_NAMES = (
    (os.environ["CHROMIUM"],)
    if "CHROMIUM" in os.environ
    else ("chromium-headless-shell", "chromium")
)
CHROMIUM = next(filter(None, map(shutil.which, _NAMES)), None)
"""Debian's Chromium without windows: a page costs it a fifth of what it costs the whole browser."""

FLAGS = (
    # The first two are for machines without a user namespace or a graphics card. The others stop
    # requests to other hosts.
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)

PHONE, DESKTOP = {"width": 375, "height": 740}, {"width": 1280, "height": 800}

SECONDS = 1000 * HANG_SECONDS

# Playwright's own five seconds are too few for a busy machine.
expect.set_options(timeout=SECONDS)


def fits(page: Page) -> None:
    """Check that nothing needs sideways scrolling, and that a thumb can hit all on a phone."""
    # Right after a click on a link the new page may have no root element yet.
    page.wait_for_load_state("domcontentloaded")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if page.evaluate("innerWidth") <= PHONE["width"]:
        assert too_low_for_a_thumb(page) == []


THUMB = 44
"""What a thumb hits without aim, in CSS pixels: the figure of Apple's guidelines and of WCAG."""

# Links inside of a sentence are as high as its lines. A small box is hit by its label.
TAPPED = "button, summary, select, textarea, nav a, a.button, a.act, a.plain, a.back, input, label"
LOW = """([tapped, least]) => [...document.querySelectorAll(tapped)]
    .filter(each => each.checkVisibility({ visibilityProperty: true }) && !each.closest(".hidden"))
    .filter(each => each.localName !== "label" || each.querySelector("input"))
    .filter(each => each.localName !== "input" || !each.closest("label"))
    .filter(each => each.getBoundingClientRect().height < least - 0.5)
    .map(each => `${each.localName}.${each.className} ${each.textContent.trim()}`)
"""


def too_low_for_a_thumb(page: Page) -> list[str]:
    found: list[str] = page.evaluate(LOW, [TAPPED, THUMB])
    return found


AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def serious(page: Page, *rules: str) -> list[str]:
    """Serious and critical findings of axe on a page, by all rules or only by these."""
    if not page.evaluate("'axe' in window"):
        # The debugger evaluates it: the page's Content-Security-Policy does not apply there.
        page.evaluate(AXE)
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    results = page.evaluate("options => axe.run(document, options)", options)
    assert results["passes"]
    return [
        f"{violation['id']} {node['target']} {node['failureSummary']}"
        for violation in results["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
