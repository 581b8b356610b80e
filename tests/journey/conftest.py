"""A real browser for the journeys in pages, and the servers that it looks at."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journey.console_windows import Town
from tests.support.chromium import CHROMIUM, FLAGS, SECONDS
from tests.support.demo import Site, demo_behind_a_proxy, demo_server
from tests.support.fake_providers import signed_in
from tests.support.installation import copy_installation
from tests.support.person import Person
from tests.support.quick_linky import QUICK_LINKY
from tests.support.server import Server


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser a module, not longer: Playwright keeps an event loop running in this thread."""
    if CHROMIUM is None:
        pytest.skip("no Chromium: apt-get install chromium-headless-shell")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(FLAGS), timeout=SECONDS
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(
    server_url: str, shared_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """`linky dev` with the demo community, for a module without a server of its own.

    Where there is a browser, too, `usefixtures` makes the server first: the browser keeps an event
    loop running in this thread.
    """
    with demo_server(server_url, shared_folder, tmp_path_factory.mktemp("dev")) as server:
        yield server


@pytest.fixture
def taro(server: Server) -> Person:
    return signed_in(server, "taro@example.com")


@pytest.fixture(scope="module")
def site(
    server_url: str, shared_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The same behind a proxy that can cut it off. It is made before the browser, too."""
    with demo_behind_a_proxy(server_url, shared_folder, tmp_path_factory.mktemp("app")) as both:
        yield both


@pytest.fixture(scope="module")
def town(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A server for the console, with its admin and members, of one module."""
    data_dir = tmp_path_factory.mktemp("town") / "data"
    copy_installation(shared_folder, data_dir)
    server = Server(data_dir, [*QUICK_LINKY, "serve"])
    try:
        server.start()
        yield Town(server)
    finally:
        server.clean_up()


@pytest.fixture(autouse=True)
def empty_review_queue(request: pytest.FixtureRequest) -> None:
    """A test of the console finds its own work on the first page, after any other test."""
    if "town" in request.fixturenames:
        town: Town = request.getfixturevalue("town")
        town.empty_review_queue()
