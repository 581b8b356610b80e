"""What the web client keeps: positions, lists, what is gone, the stream's text, and the copy.

The modules run in a page of a real browser. They come from a folder: no server and no client.
"""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from app.dev.page import static_file
from tests.support.chromium import SECONDS
from tests.support.front import QuietServer

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journey")]

CLIENT = Path(static_file.__wrapped__.__code__.co_filename).parent / "client"

LIST = """
const { Store } = await import("/store.js");
const plain = { post_id: "p", parent_id: null, reply_count: 0, author: { id: "a" } };
const comment = (id, more = {}) => ({ ...plain, id, body: id, ...more });
const badge = (unread) => ({ topic: "me", kind: "badge", unread });
const tell = (as_of, ...changes) => store.told({ as_of, changes });
const put = (thing) => ({ topic: "post:p", kind: "comment", id: thing.id, put: thing });
const gone = (kind, id) => ({ topic: "post:p", kind, id, gone: true });
const page = (...items) => ({ items, next_cursor: null });
const more = (...items) => ({ items, next_cursor: "more" });
const store = new Store();
const ids = (name = "comments:p") => store.items(name).map((item) => item.id);
store.takePage("comments:p", page(comment("1"), comment("3")), "e.10", true);
"""

FORGET = """async () => {
    for (const { name } of await indexedDB.databases()) {
        await new Promise((done) => { indexedDB.deleteDatabase(name).onsuccess = done; });
    }
}"""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    handler = partial(QuietHandler, directory=str(CLIENT))
    server = QuietServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """No log."""


@pytest.fixture(scope="module")
def window(chromium: Browser) -> Iterator[Page]:
    """One for all tests: a process for each costs more than what they do."""
    context = chromium.new_context()
    context.set_default_timeout(SECONDS)
    yield context.new_page()
    context.close()


@pytest.fixture
def page(site: str, window: Page) -> Page:
    """A page that has loaded none of the modules yet, in a browser that keeps nothing."""
    window.goto(f"{site}/words.js")
    window.evaluate(FORGET)
    return window


def result(page: Page, script: str) -> Any:
    return page.evaluate(f"async () => {{ {script} }}")


def test_of_one_epoch_the_higher_position_is_later(page: Page) -> None:
    script = """
    const { isLater, isAsLate } = await import("/positions.js");
    return [isLater("e.10", "e.9"), isLater("e.9", "e.10"), isLater("e.9", "e.9"),
        isAsLate("e.9", "e.9"),
        isLater("f.1", "e.9"), isLater("e.1", null), isLater(null, "e.1"), isLater(null, null)];
    """
    assert result(page, script) == [True, False, False, True, True, True, False, False]


def test_no_thing_goes_back_whatever_comes_late(page: Page) -> None:
    script = (
        LIST
        + """
    tell("e.20", put(comment("1", { body: "new" })), gone("comment", "3"), put(comment("2")));
    const told = ids();
    // An answer that was asked before, and arrives now, and an event that comes twice.
    store.takePage("comments:p", page(comment("1", { body: "old" }), comment("3")), "e.15", true);
    tell("e.12", put(comment("3")));
    const late = [ids(), store.get("comment", "1").body];
    // It was hidden and came back.
    tell("e.30", put(comment("3")));
    return [told, ...late, ids()];
    """
    )
    assert result(page, script) == [["1", "2"], ["1", "2"], "new", ["1", "2", "3"]]


def test_a_list_has_what_it_would_have_on_the_server(page: Page) -> None:
    script = (
        LIST
        + """
    store.takePage("posts", more({ id: "8" }, { id: "6" }), "e.10", true);
    const post = (id) => ({ topic: "lounge:l", kind: "post", id, put: { id } });
    // The last one stands behind what is loaded: the next page brings it.
    tell("e.11", post("9"), post("7"), post("5"));
    const first = ids("posts");
    store.takePage("posts", page({ id: "5" }, { id: "4" }), "e.12", false);
    tell("e.13", put(comment("4", { parent_id: "1" })));
    return [first, ids("posts"), ids()];
    """
    )
    assert result(page, script) == [
        ["9", "8", "7", "6"],
        ["9", "8", "7", "6", "5", "4"],
        ["1", "3"],
    ]


def test_what_is_told_while_a_list_is_on_its_way_is_in_it(page: Page) -> None:
    script = (
        LIST
        + """
    const other = (id) => comment(id, { post_id: "q" });
    tell("e.20", put(other("2")), put(other("9")), put(comment("7")));
    store.takePage("comments:q", more(other("1"), other("3")), "e.15", true);
    const first = ids("comments:q");
    store.takePage("comments:q", page(other("4")), "e.16", false);
    return [first, ids("comments:q"), ids()];
    """
    )
    assert result(page, script) == [["1", "2", "3"], ["1", "2", "3", "4", "9"], ["1", "3", "7"]]


def test_what_is_gone_takes_along_what_hangs_below_it(page: Page) -> None:
    script = (
        LIST
        + """
    store.takePage("replies:p:1", page(comment("5", { parent_id: "1" })), "e.10", true);
    tell("e.11", gone("comment", "1"));
    const afterComment = [ids(), ids("replies:p:1"), store.isGone("comment", "5")];
    tell("e.12", put(comment("1", { reply_count: 1 })));
    const isFetchedAgain = store.list("replies:p:1").isStale;
    tell("e.13", gone("post", "p"));
    return [...afterComment, isFetchedAgain, ids()];
    """
    )
    assert result(page, script) == [["3"], [], True, True, []]


def test_a_page_that_was_read_before_its_author_left_brings_nothing_back(page: Page) -> None:
    script = (
        LIST
        + """
    tell("e.20", { topic: "me", kind: "author", id: "b", gone: true });
    const of = (id, author) => comment(id, { author: { id: author } });
    store.takePage("comments:p", page(comment("1"), of("2", "b"), of("4", "c")), "e.15", true);
    const late = ids();
    // As of a later position the author is back: they were blocked, and are no longer.
    store.takePage("comments:p", page(comment("1"), of("2", "b")), "e.20", true);
    return [late, ids()];
    """
    )
    assert result(page, script) == [["1", "4"], ["1", "2"]]


def test_of_an_author_who_is_gone_all_goes_but_what_is_told_later(page: Page) -> None:
    script = (
        LIST
        + """
    store.takePage("notifications", page({ id: "n", actor: { id: "a" } }), "e.10", true);
    const placeholder = comment("1", { author: { id: null }, deleted: true, reply_count: 1 });
    tell("e.11", put(placeholder), { topic: "me", kind: "author", id: "a", gone: true });
    return [ids(), ids("notifications")];
    """
    )
    assert result(page, script) == [["1"], []]


def test_a_reset_and_a_reload_have_lists_fetched_again(page: Page) -> None:
    script = (
        LIST
        + """
    const reload = { topic: "me", kind: "reload" };
    tell("e.9", reload);
    const older = store.list("comments:p").isStale;
    tell("e.20", reload);
    const stale = store.list("comments:p").isStale;
    store.takePage("comments:p", page(comment("1")), "e.15", true);  // Asked before the change.
    const still = store.list("comments:p").isStale;
    store.takePage("comments:p", page(comment("1")), "e.20", true);
    const fresh = store.list("comments:p").isStale;
    store.reset("f.1");
    const after = store.list("comments:p").isStale;
    store.takePage("comments:p", page(comment("1", { body: "other epoch" })), "f.2", true);
    const { isStale } = store.list("comments:p");
    return [older, stale, still, fresh, after, isStale, store.get("comment", "1").body];
    """
    )
    assert result(page, script) == [False, True, True, False, True, False, "other epoch"]


def test_what_only_the_user_makes_is_not_told_and_stays(page: Page) -> None:
    script = (
        LIST
        + """
    store.take("post", { id: "p", liked: true, like_count: 1 }, "e.10");
    tell("e.11", { topic: "post:p", kind: "post", id: "p", put: { id: "p", like_count: 2 } },
        badge(3));
    store.takeUnread(7, "e.10");
    store.made("comment", comment("4"));
    tell("e.12", put(comment("4", { body: "told" })));
    store.made("comment", comment("4"));
    return [store.get("post", "p"), store.unread, ids(), store.get("comment", "4").body];
    """
    )
    post = {"id": "p", "liked": True, "like_count": 2}
    assert result(page, script) == [post, 3, ["1", "3", "4"], "told"]


def test_an_answer_that_was_asked_for_before_a_mark_does_not_undo_it(page: Page) -> None:
    script = (
        LIST
        + """
    const { Loader } = await import("/loader.js");
    const loader = new Loader(store);
    const post = { id: "p", lounge: { id: "l" }, liked: false, like_count: 0 };
    const liked = () => store.get("post", "p").liked;
    const seen = [];
    let answer;
    window.fetch = () => new Promise((resolve) => { answer = resolve; });
    const answered = (body, position) => answer(new Response(
        JSON.stringify(body), { headers: { "Linky-As-Of": position } }));
    store.made("post", post);

    let loading = loader.thing("post", "p", "/posts/p");
    store.mark("post", "p", { liked: true });
    answered(post, "e.11");
    await loading;
    seen.push(liked());

    loading = loader.thing("post", "p", "/posts/p");  // It was unliked on another phone.
    answered(post, "e.12");
    await loading;
    seen.push(liked());

    loading = loader.first("posts");
    store.mark("post", "p", { liked: true });
    answered(page(post), "e.13");
    await loading;
    seen.push(liked());
    return seen;
    """
    )
    assert result(page, script) == [True, False, True]


def test_an_event_counts_once_it_is_whole_and_silence_ends_the_stream(page: Page) -> None:
    script = r"""
    const { eventsOf, Silent } = await import("/stream.js");
    const parts = ["retry: 700\nid: e.1\nevent: hello\nda", 'ta: {"topics":[]}\n',
        "\nid: e.2\nevent: beat\ndata: {}\n\nid: e.3\nevent: chan"];
    const bytes = new ReadableStream({ start(to) {
        for (const part of parts) to.enqueue(new TextEncoder().encode(part));
    } });
    const seen = [];
    try {
        for await (const event of eventsOf(bytes, 100)) {
            seen.push([event.name, event.cursor, event.retry]);
        }
    } catch (error) {
        seen.push(error instanceof Silent);
    }
    return seen;
    """
    assert result(page, script) == [["hello", "e.1", 700], ["beat", "e.2", None], True]


def test_clients_come_back_at_different_times_and_ever_later(page: Page) -> None:
    script = """
    const { delayAfter } = await import("/live.js");
    const delay = (failures, random) => delayAfter(failures, 1000, random);
    return [delay(1, 0), delay(1, 1), delay(3, 0.5), delay(30, 0.5)];
    """
    soonest, latest, third, longest = result(page, script)
    assert (round(soonest), round(latest), round(third), round(longest)) == (
        700, 1300, 4000, 60000,
    )  # fmt: skip


def test_the_copy_has_the_cursor_with_what_was_told_up_to_it(page: Page) -> None:
    script = (
        LIST
        + """
    const shelf = await import("/shelf.js");
    await shelf.load("me");
    const saver = new shelf.Saver("me", store);
    tell("e.20", put(comment("2")), gone("comment", "3"), badge(4));
    saver.mark("e.20");
    let copy;
    do copy = await shelf.load("me"); while (copy.cursor !== "e.20");
    const other = new Store();
    other.restore(copy);
    const things = copy.things.map((thing) => thing.id);
    const shown = other.items("comments:p").map((item) => item.id);
    const kept = [copy.cursor, things, shown, other.unread];
    const another = await shelf.load("another");
    return [...kept, other.list("comments:p").isStale, another.things.length, another.cursor];
    """
    )
    # "1" was there before the copy began.
    assert result(page, script) == ["e.20", ["2"], ["2"], 4, True, 0, None]


def test_another_windows_newer_thing_stays_in_the_copy(page: Page) -> None:
    script = (
        LIST
        + """
    const shelf = await import("/shelf.js");
    await shelf.load("me");
    const [here, there] = [new Store(), new Store()];
    for (const [each, body, asOf] of [[here, "newer", "e.30"], [there, "older", "e.20"]]) {
        const saver = new shelf.Saver("me", each);
        each.take("comment", comment("1", { body }), asOf);
        saver.mark(asOf);
        for (let copy = {}; copy.cursor !== asOf;) copy = await shelf.load("me");
    }
    return (await shelf.load("me")).things[0].value.body;
    """
    )
    assert result(page, script) == "newer"


def test_the_worker_keeps_each_file_of_the_client() -> None:
    worker = (CLIENT / "worker.js").read_text(encoding="utf-8")
    files = {path.name for path in CLIENT.iterdir()} - {"index.html", "worker.js"}
    assert {name for name in files if f'"{name}"' not in worker} == set()
