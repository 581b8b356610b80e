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


FIND = """async (rules) => {
    // A finding is as bad as its rule says: a rule for less than serious can find nothing for us.
    const known = axe._audit.rules.filter((rule) => !rules || rules.includes(rule.id));
    const isMild = (rule) => ["minor", "moderate"].includes(rule.impact);
    const off = (rule) => [rule.id, { enabled: false }];
    const options = {
        resultTypes: ["violations"], rules: Object.fromEntries(known.filter(isMild).map(off)),
    };
    if (rules) options.runOnly = rules;
    const results = await axe.run(document, options);
    const bad = results.violations.filter((each) => ["serious", "critical"].includes(each.impact));
    return {
        passes: results.passes.length,
        found: bad.flatMap((each) => each.nodes.map(
            (node) => `${each.id} ${node.target} ${node.failureSummary}`)),
    };
}"""

OF_COLOURS = ("color-contrast", "link-in-text-block")
"""The rules whose answer depends on the colours. The others look at the structure of a page."""


def keep_axe(page: Page) -> None:
    """Give axe to each page that this window opens. Once is cheaper than for each page."""
    page.add_init_script(AXE)


def serious(page: Page, *rules: str) -> list[str]:
    """Serious and critical findings of axe on a page, by all rules or only by these."""
    if not page.evaluate("'axe' in window"):
        # The debugger evaluates it: the page's Content-Security-Policy does not apply there.
        page.evaluate(AXE)
    results = page.evaluate(FIND, list(rules) or None)
    assert results["passes"]
    found: list[str] = results["found"]
    return found


def looks_good(*pages: Page) -> None:
    """Check windows of one size. Axe looks once at those with the very same elements."""
    seen: list[object] = []
    for page in pages:
        fits(page)
        if (shown := page.evaluate(SHOWN)) not in seen:
            assert serious(page) == []
            seen.append(shown)


# Elements and their attributes, and what no attribute tells: values, the focus, and the scrolling.
SHOWN = """() => [
    document.documentElement.outerHTML,
    [...document.querySelectorAll("input, textarea, select")].map(
        (each) => [each.value, each.checked, each.disabled]),
    [...document.querySelectorAll("*")].indexOf(document.activeElement), scrollX, scrollY,
]"""


def serious_in_light_and_dark(page: Page) -> list[str]:
    """The same in both schemes. In the second one only what depends on the colours.

    It begins with the scheme that the page has, since a change paints all of it again.
    """
    is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    first, second = ("dark", "light") if is_dark else ("light", "dark")
    found = [f"{first}: {problem}" for problem in serious(page)]
    page.emulate_media(color_scheme=second)  # type: ignore[arg-type]
    return found + [f"{second}: {problem}" for problem in serious(page, *OF_COLOURS)]
