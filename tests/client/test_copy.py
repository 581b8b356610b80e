"""The offline copy without a server: what it shows after what it was told, in whatever order."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from linky_client import FileCopyStore, MemoryCopyStore, OfflineCopy, models
from linky_client.copy_bounds import LOOSE_ITEMS, MOST_TOPICS
from linky_client.copy_gone import MOST
from linky_client.copy_records import Listing
from linky_client.copy_store import CopyStore
from linky_client.cursors import Cursor

from tests.client.things import ME, OTHER, comment, notification, post

TOPIC = "post:p1"
COVERED = ("me", TOPIC)


def at(position: int, epoch: str = "e") -> Cursor:
    return Cursor(epoch, position)


class Told:
    """A copy of one post, and what it is told."""

    def __init__(self, store: CopyStore | None = None, most_items: int = 2_000) -> None:
        self.store = store or MemoryCopyStore()
        self.copy = OfflineCopy(self.store, most_items=most_items)
        self.copy.open(ME)
        self.post, self.comments = self.copy.use(Listing("post", TOPIC), Listing("comments", TOPIC))
        if self.copy.cursor is None:
            self.copy.start(at(10))

    def load(self, as_of: int, *comments: Mapping[str, object], author: str = OTHER) -> None:
        self.list_post(as_of, author)
        self.list_comments(as_of, *comments)

    def list_post(self, as_of: int, author: str = OTHER) -> None:
        self.copy.put_page(self.post, "", [post("p1", author)], None, as_of)
        self.copy.set_loaded(self.post, [("", None)], as_of)

    def list_comments(self, as_of: int, *comments: Mapping[str, object]) -> None:
        self.copy.put_page(self.comments, "", [*comments], None, as_of)
        self.copy.set_loaded(self.comments, [("c9", None)], as_of)

    def tell(self, position: int, *changes: Mapping[str, object]) -> None:
        parsed = [models.Change.parse({"topic": TOPIC, **change}) for change in changes]
        self.copy.apply(parsed, at(position), at(position), COVERED)

    def put(self, position: int, id_: str, body: str, author: str = OTHER) -> None:
        value = comment(id_, body, author)
        self.tell(position, {"kind": "comment", "id": id_, "put": value})

    def gone(self, position: int, kind: str, id_: str) -> None:
        self.tell(position, {"kind": kind, "id": id_, "gone": True})

    @property
    def shown(self) -> dict[str, str]:
        return {one.id: one.body for one in self.copy.comments_of("p1")}

    def reopened(self) -> "Told":
        return Told(self.store)


def test_a_list_shows_what_was_loaded_and_told() -> None:
    told = Told()
    told.load(12, comment("c1", "一"), comment("c2", "二"))
    told.put(13, "c2", "改")
    told.put(14, "c3", "三")
    told.gone(15, "comment", "c1")
    assert told.shown == {"c2": "改", "c3": "三"}
    assert told.copy.cursor == at(15)


def test_an_older_list_takes_nothing_back() -> None:
    told = Told()
    told.load(12, comment("c1", "一"), comment("c2", "二"))
    told.put(20, "c1", "新")
    told.gone(21, "comment", "c2")
    told.put(22, "c3", "三")
    told.load(15, comment("c1", "旧"), comment("c2", "二"))
    assert told.shown == {"c1": "新", "c3": "三"}


def test_an_older_change_takes_nothing_back() -> None:
    told = Told()
    told.load(30, comment("c1", "新"))
    told.put(20, "c1", "旧")
    told.gone(21, "comment", "c1")
    told.tell(22, {"topic": "me", "kind": "author", "id": OTHER, "gone": True})
    assert told.shown == {"c1": "新"}


def test_a_page_that_was_read_before_its_author_left_brings_nothing_back() -> None:
    told = Told()
    told.load(12, comment("c1", "一"), author="third")
    told.tell(20, {"topic": "me", "kind": "author", "id": "left", "gone": True})
    late = [comment("c1", "一"), comment("c2", "去った人の", "left")]
    told.list_comments(15, *late)
    assert told.shown == {"c1": "一"}
    again = told.reopened()
    late.append(comment("c3", "去った人のもう一つ", "left"))  # The copy has nothing of it.
    again.list_comments(19, *late)
    assert again.shown == {"c1": "一"}, "it is stored with the copy"
    again.list_comments(20, *late)  # They were blocked only, and are no longer.
    assert again.shown.keys() == {"c1", "c2", "c3"}


def test_of_those_who_left_a_bounded_number_is_kept() -> None:
    told = Told()
    told.load(12, author="third")
    for position in range(13, 13 + MOST + 10):
        told.tell(position, {"topic": "me", "kind": "author", "id": str(position), "gone": True})
    assert len(json.loads(told.store.read_all()["gone_authors"])) == MOST
    assert not told.copy.takes(told.comments, at(21)), "what was forgotten could come back"
    assert told.copy.takes(told.comments, at(22))


def test_marks_of_the_reader_stay_as_they_were() -> None:
    told = Told()
    told.load(12)
    told.copy.mark("post", "p1", {"liked": True})
    value = {**post("p1", OTHER), "title": "新しい題"}
    del value["liked"], value["watching"]
    told.tell(13, {"kind": "post", "id": "p1", "put": value})
    shown = told.copy.post("p1")
    assert shown is not None
    assert (shown.title, shown.liked) == ("新しい題", True)


def test_a_page_that_was_asked_for_before_a_mark_does_not_take_it_back() -> None:
    told = Told()
    told.load(12)

    def liked_after(as_of: int, asked: int) -> bool:
        told.copy.put_page(told.post, "", [post("p1", OTHER)], None, as_of, asked)
        shown = told.copy.post("p1")
        assert shown is not None
        return shown.liked

    asked = told.copy.marks.moment
    told.copy.mark("post", "p1", {"liked": True})
    assert liked_after(13, asked)
    assert not liked_after(14, told.copy.marks.moment)  # It was unliked on another phone.
    other_post = post("p2", OTHER)
    told.copy.mark("post", "p2", {"liked": True})  # It comes later than its mark.
    listing, *_ = told.copy.use(Listing("post", "post:p2"))
    told.copy.put_page(listing, "", [other_post], None, 15, asked)
    shown = told.copy.post("p2")
    assert shown is not None
    assert shown.liked


def marked(told: Told, position: int, **marks: object) -> None:
    put = {"thing": "post", **marks}
    told.tell(position, {"topic": "me", "kind": "mark", "id": "p1", "put": put})


def test_marks_from_another_device_show_at_once_and_stay() -> None:
    told = Told()
    told.load(12)
    marked(told, 13, liked=True, watching=True, of_a_later_release=1)
    told = told.reopened()
    shown = told.copy.post("p1")
    assert shown is not None
    assert (shown.liked, shown.watching) == (True, True)
    value = {**post("p1", OTHER), "title": "新しい題"}
    del value["liked"], value["watching"]
    told.tell(14, {"kind": "post", "id": "p1", "put": value})
    shown = told.copy.post("p1")
    assert shown is not None
    assert (shown.title, shown.liked) == ("新しい題", True)


def test_a_page_that_is_older_than_a_told_mark_does_not_take_it_back() -> None:
    told = Told()
    told.load(12)
    marked(told, 15, liked=True)
    for as_of, liked in ((14, True), (15, False), (16, False)):  # Newer pages know better.
        told.copy.put_page(told.post, "", [post("p1", OTHER)], None, as_of)
        shown = told.copy.post("p1")
        assert shown is not None
        assert shown.liked is liked
    told.copy.reset(None, at(3, "another log"), COVERED)
    told.copy.put_page(told.post, "", [post("p1", OTHER)], None, 3)
    shown = told.copy.post("p1")
    assert shown is not None
    assert not shown.liked


def test_what_is_gone_keeps_its_marks_for_its_return() -> None:
    told = Told()
    told.load(12)
    told.copy.mark("post", "p1", {"liked": True})
    told.gone(13, "post", "p1")
    marked(told, 14, liked=False, watching=True)
    value = post("p1", OTHER)
    del value["liked"], value["watching"]
    told.tell(15, {"kind": "post", "id": "p1", "put": value})
    shown = told.copy.post("p1")
    assert shown is not None
    assert (shown.liked, shown.watching) == (False, True)


def test_what_is_below_something_gone_goes_and_is_loaded_when_it_is_back() -> None:
    told = Told()
    told.load(12, comment("c1", "一"))
    told.gone(13, "post", "p1")
    assert told.shown == {}
    assert told.copy.due() == []
    value = post("p1", OTHER)
    told.tell(14, {"kind": "post", "id": "p1", "put": value})
    assert told.copy.due() == [told.comments]
    assert not told.copy.takes(told.comments, at(13))
    told.list_comments(14, comment("c1", "一"))
    assert told.shown == {"c1": "一"}


def test_an_own_comment_below_a_post_of_a_blocked_author_disappears() -> None:
    """The server goes on telling of it: it is one's own. But no list leads to it."""
    told = Told()
    told.load(12, comment("c1", "自分の", ME), comment("c2", "他の人の", "third"), author=OTHER)
    told.tell(
        13,
        {"topic": "me", "kind": "author", "id": OTHER, "gone": True},
        {"topic": "me", "kind": "reload"},
    )
    assert told.shown == {}
    told.put(14, "c1", "書き直した", ME)
    assert told.shown == {}
    told.copy.note_missing(told.post, "post_not_found", 14)
    assert told.copy.due() == []
    assert told.reopened().shown == {}


def test_a_block_of_this_device_hides_at_once_also_what_is_on_its_way() -> None:
    told = Told()
    told.load(12, comment("c1", "一"), comment("c2", "二", "third"), author="third")
    told.copy.hide_author(OTHER)
    told.put(13, "c3", "三")
    assert told.shown == {"c2": "二"}
    assert told.reopened().shown == {"c2": "二"}
    told.tell(14, {"topic": "me", "kind": "reload"})
    told.load(14, comment("c1", "一"), comment("c2", "二", "third"), author="third")
    assert told.shown == {"c1": "一", "c2": "二"}, "it was unblocked"


def test_a_reload_asks_for_lists_that_are_newer() -> None:
    told = Told()
    told.load(12, comment("c1", "一"))
    told.tell(15, {"topic": "me", "kind": "reload"})
    assert told.shown == {"c1": "一"}
    assert told.copy.due() == [told.post, told.comments]
    assert not told.copy.takes(told.comments, at(14))
    assert told.copy.takes(told.comments, at(15))
    assert not told.copy.takes(told.comments, at(99, "other"))


def test_an_app_that_ends_before_it_reloads_does_so_at_the_next_start() -> None:
    told = Told()
    told.load(12, comment("c1", "一"))
    told.tell(15, {"topic": "me", "kind": "reload"})
    again = told.reopened()
    assert again.copy.cursor == at(15)
    assert [one.kind for one in again.copy.due()] == ["post", "comments"]


def test_a_reset_of_another_log_keeps_the_screen_until_the_lists_are_loaded() -> None:
    told = Told()
    told.load(500, comment("c1", "一"), comment("c2", "二"))
    told.gone(501, "comment", "c2")
    told.copy.reset(None, at(3, "f"), COVERED)
    assert told.shown == {"c1": "一"}
    told.load(4, comment("c2", "二"))
    assert told.shown == {"c2": "二"}


def test_after_a_reset_of_a_topic_its_lists_must_be_as_new_as_the_changes_that_follow() -> None:
    """The reset has the old cursor if changes follow it, so that a cut loses none of them."""
    told = Told()
    told.load(12, comment("c1", "一"))
    told.copy.reset([TOPIC], at(12), COVERED)
    told.tell(40, {"topic": "me", "kind": "badge", "unread": 2, "more": False})
    assert not told.copy.takes(told.comments, at(39))
    assert told.copy.unread == 2


def test_a_topic_that_the_stream_does_not_cover_is_loaded_again() -> None:
    told = Told()
    told.load(12, comment("c1", "一"))
    told.copy.apply((), at(20), at(20), ("me",))
    assert told.copy.due() == [told.post, told.comments]


def test_a_part_of_a_list_shows_nothing_beyond_it() -> None:
    told = Told()
    told.list_post(12)
    told.copy.put_page(told.comments, "", [comment("c1", "一"), comment("c3", "三")], "c3", 12)
    told.copy.set_loaded(told.comments, [("c3", "next")], 12)
    told.put(13, "c2", "二")
    told.put(13, "c5", "五")
    assert [*told.shown] == ["c1", "c2", "c3"]
    # The next page is older than what was told of it.
    told.copy.put_page(told.comments, "c3", [comment("c4", "四"), comment("c5", "旧")], None, 12)
    told.copy.set_loaded(told.comments, [("c3", "next"), ("c5", None)], 12)
    assert [*told.shown.items()][2:] == [("c3", "三"), ("c4", "四"), ("c5", "五")]


def test_notifications_come_newest_first_and_the_badge_with_them() -> None:
    told = Told()
    (listing,) = told.copy.use(Listing("notifications", "me"))
    told.copy.put_page(listing, "", [notification("n2"), notification("n1")], None, 12)
    told.copy.set_loaded(listing, [("n1", None)], 12)
    told.tell(13, {"topic": "me", "kind": "notification", "id": "n3", "put": notification("n3")})
    told.tell(14, {"topic": "me", "kind": "author", "id": OTHER, "gone": True})
    assert [one.id for one in told.copy.notifications()] == []
    told.tell(15, {"topic": "me", "kind": "badge", "unread": 0, "more": False})
    assert told.copy.unread == 0


def test_kinds_of_a_newer_server_are_left_alone() -> None:
    told = Told()
    told.load(12, comment("c1", "一"))
    told.tell(13, {"kind": "poll", "id": "x", "put": {}})
    assert told.shown == {"c1": "一"}
    assert told.copy.cursor == at(13)


def test_what_the_app_made_shows_at_once_and_changes_nothing_that_was_told() -> None:
    told = Told()
    told.load(12)
    told.copy.show("comment", comment("c1", "私の", ME))
    assert told.shown == {"c1": "私の"}
    told.gone(13, "comment", "c1")
    told.copy.show("comment", comment("c1", "私の", ME))
    assert told.shown == {}, "a moderator was faster than the answer"


def test_another_user_finds_nothing_of_the_one_before(tmp_path: Path) -> None:
    store = FileCopyStore(tmp_path / "copy")
    told = Told(store)
    told.load(12, comment("c1", "秘密"))
    copy = OfflineCopy(FileCopyStore(tmp_path / "copy"))
    copy.open("another")
    assert copy.comments_of("p1") == []
    assert "秘密" not in (tmp_path / "copy").read_text() if (tmp_path / "copy").exists() else True


def test_an_item_that_this_version_cannot_read_is_loaded_again(tmp_path: Path) -> None:
    store = FileCopyStore(tmp_path / "copy")
    told = Told(store)
    told.load(12, comment("c1", "一"), comment("c2", "二"))
    values = store.read_all()
    as_of, value, marks = json.loads(values["item/comment/c1"])
    value.pop("url")
    store.apply({"item/comment/c1": json.dumps([as_of, value, marks])}, ())
    again = Told(FileCopyStore(tmp_path / "copy"))
    assert again.shown == {}
    assert [one.kind for one in again.copy.due()] == ["post", "comments"]


@pytest.mark.parametrize(
    "rubbish", [b"", b"{", b'[{"head": "{}"}, []]\n', b'[{"head": "3"}, []]\n']
)
def test_rubbish_in_the_file_is_an_empty_copy(tmp_path: Path, rubbish: bytes) -> None:
    (tmp_path / "copy").write_bytes(rubbish)
    told = Told(FileCopyStore(tmp_path / "copy"))
    told.load(12, comment("c1", "一"))
    assert Told(FileCopyStore(tmp_path / "copy")).shown == {"c1": "一"}


def test_a_line_torn_at_any_byte_leaves_a_copy_of_before(tmp_path: Path) -> None:
    """The cursor is never newer than the data: what is shown is what was shown at that cursor."""
    path = tmp_path / "copy"
    told = Told(FileCopyStore(path))
    told.load(12, comment("c1", "一"))
    seen = {10: told.shown}
    for position in range(13, 18):
        told.put(position, f"c{position}", f"言葉{position}")
        seen[position] = told.shown
    whole = path.read_bytes()
    begin = whole.rindex(b"\n", 0, whole.index(b"e.13")) + 1
    for length in range(begin, len(whole), 7):
        torn = tmp_path / "torn"
        torn.write_bytes(whole[:length])
        copy = OfflineCopy(FileCopyStore(torn))
        copy.open(ME)
        assert copy.cursor is not None
        assert {one.id: one.body for one in copy.comments_of("p1")} == seen[copy.cursor.position]
        again = Told(FileCopyStore(torn))  # A new line must not join the torn one.
        again.put(30, "c30", "後")
        assert Told(FileCopyStore(torn)).shown == again.shown


def test_the_file_does_not_grow_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "copy"
    told = Told(FileCopyStore(path))
    told.load(12, comment("c1", "一"))
    largest = 0
    for position in range(13, 1_500):
        told.put(position, "c1", "長い言葉" * 100)
        largest = max(largest, path.stat().st_size)
    assert largest < 400_000
    assert path.stat().st_mode & 0o077 == 0


def test_the_copy_keeps_no_more_topics_than_a_stream_takes() -> None:
    copy = OfflineCopy(MemoryCopyStore())
    copy.open(ME)
    for number in range(MOST_TOPICS + 5):
        copy.use(Listing("post", f"post:{number}"))
    copy.use(Listing("post", "post:5"))
    copy.use(Listing("post", "post:new"))
    assert len(copy.topics) == MOST_TOPICS
    assert "post:5" in copy.topics, "it was used last"
    assert "post:6" not in copy.topics


def test_the_copy_keeps_a_bounded_number_of_items() -> None:
    told = Told(most_items=100)
    told.load(12)
    for position in range(13, 2_000):
        told.put(position, f"c{position:05}", "言葉")
        told.gone(position, "comment", f"c{position:05}")
    assert len(told.store.read_all()) < 2 * LOOSE_ITEMS
    assert not told.copy.takes(told.comments, at(13)), "what was forgotten could come back"
    assert told.copy.post("p1") is not None
