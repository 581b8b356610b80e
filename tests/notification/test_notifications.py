"""Who is told what, and what becomes of it: the list, the count, reading."""

import random
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.core.errors import NotFound
from app.notification.enums import NotificationType
from app.notification.service import NewNotification, NotificationService
from app.runtime.context import Context
from tests.support.api import UNKNOWN_ID, Api, expect
from tests.support.notifications import told, unread_count
from tests.support.world import World

pytestmark = pytest.mark.anyio

FIELDS = {
    *("id", "type", "read", "created_at", "actor", "post_id", "comment_id", "lounge_id"),
    *("lounge_request_id", "title", "body"),
}
ROUTES = [
    ("GET", "/notifications", None),
    ("GET", "/notifications/unread-count", None),
    ("POST", "/notifications/read", {"all": True}),
    ("GET", "/notifications/settings", None),
    ("PATCH", "/notifications/settings", {"comment": True}),
    ("PUT", "/notifications/devices/i-1", {"kind": "fid", "value": "v", "platform": "web"}),
    ("DELETE", "/notifications/devices/i-1", None),
]


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
async def test_every_route_asks_who_is_calling_and_takes_a_guest(
    world: World, method: str, path: str, body: dict[str, Any] | None
) -> None:
    refused = await world.anonymous().call(method, path, json=body)
    expect(refused, 401, "not_authenticated")
    assert refused.headers["www-authenticate"].startswith("Bearer")
    for api in (await world.guest(), await world.member()):
        assert (await api.call(method, path, json=body)).is_success


# Who is told


async def test_a_comment_tells_the_author_of_the_post(world: World) -> None:
    author, reader = await world.member(), await world.member("読者")
    lounge = await world.lounge()
    post = await world.post(author, lounge, title="お茶の話")
    comment = await world.comment(reader, post, "熱いのが\n好きです")
    (note,) = await author.items("/notifications")
    assert set(note) >= FIELDS
    assert note == {
        **note,
        "type": "comment",
        "read": False,
        "actor": {"id": reader.id, "nickname": "読者", "avatar_url": None},
        "post_id": post["id"],
        "comment_id": comment["id"],
        "lounge_id": lounge["id"],
        "lounge_request_id": None,
        "title": "読者さんが「お茶の話」にコメントしました",
        "body": "熱いのが 好きです",
    }
    assert note["created_at"].endswith("Z")
    assert await unread_count(author) == 1
    assert await told(reader) == []


async def test_a_reply_tells_the_author_of_its_parent_and_of_the_post(world: World) -> None:
    author, first, second = [await world.member() for _ in range(3)]
    post = await world.post(author)
    parent = await world.comment(first, post)
    reply = await world.comment(second, post, "返信", parent)
    assert await told(first) == [("reply", reply["id"])]
    assert await told(author) == [("comment", reply["id"]), ("comment", parent["id"])]
    assert await told(second) == []


async def test_who_wrote_both_the_post_and_the_parent_is_told_once(world: World) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    parent = await world.comment(author, post)
    reply = await world.comment(reader, post, "返信", parent)
    assert await told(author) == [("reply", reply["id"])]


async def test_ones_own_acts_tell_nobody(world: World) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    own = await world.comment(author, post)
    await world.comment(author, post, "自分に", own)
    assert await told(author) == []
    theirs = await world.comment(reader, post)
    mine = await world.comment(reader, post, "自分に返信", theirs)
    assert await told(reader) == []
    assert await told(author) == [("comment", mine["id"]), ("comment", theirs["id"])]


async def test_who_was_blocked_before_is_never_heard_of(world: World) -> None:
    author, troll, reader = [await world.member() for _ in range(3)]
    post = await world.post(author)
    expect(await author.put(f"/users/{troll.id}/block"), 204)
    await world.comment(troll, post)
    heard = await world.comment(reader, post)
    assert await told(author) == [("comment", heard["id"])]
    assert await unread_count(author) == 1
    expect(await author.delete(f"/users/{troll.id}/block"), 204)
    assert await told(author) == [("comment", heard["id"])]
    again = await world.comment(troll, post)
    assert await told(author) == [("comment", again["id"]), ("comment", heard["id"])]


async def test_who_is_blocked_later_vanishes_and_comes_back(world: World) -> None:
    author, troll, reader = [await world.member() for _ in range(3)]
    post = await world.post(author)
    first = await world.comment(troll, post)
    second = await world.comment(reader, post)
    everything = [("comment", second["id"]), ("comment", first["id"])]
    assert await told(author) == everything
    expect(await author.put(f"/users/{troll.id}/block"), 204)
    assert await told(author) == everything[:1]
    assert await unread_count(author) == 1
    expect(await author.delete(f"/users/{troll.id}/block"), 204)
    assert await told(author) == everything
    assert await unread_count(author) == 2


async def test_who_mutes_a_post_hears_nothing_of_it(world: World) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    before = await world.comment(reader, post)
    assert await told(author) == [("comment", before["id"])]
    expect(await author.put(f"/posts/{post['id']}/mute"), 204)
    await world.comment(reader, post, "聞こえない")
    assert await told(author) == []
    assert await unread_count(author) == 0
    expect(await author.delete(f"/posts/{post['id']}/mute"), 204)
    assert await told(author) == [("comment", before["id"])]
    after = await world.comment(reader, post)
    assert await told(author) == [("comment", after["id"]), ("comment", before["id"])]


async def test_another_readers_mute_or_block_changes_nothing(world: World) -> None:
    author, reader, other = [await world.member() for _ in range(3)]
    post = await world.post(author)
    expect(await other.put(f"/posts/{post['id']}/mute"), 204)
    expect(await other.put(f"/users/{reader.id}/block"), 204)
    comment = await world.comment(reader, post)
    assert await told(author) == [("comment", comment["id"])]


async def test_a_reply_on_a_post_whose_author_is_blocked_is_not_told(world: World) -> None:
    author, reader, other = [await world.member() for _ in range(3)]
    post = await world.post(author)
    parent = await world.comment(reader, post)
    heard = await world.comment(other, post, "聞こえる", parent)
    assert await told(reader) == [("reply", heard["id"])]
    expect(await reader.put(f"/users/{author.id}/block"), 204)
    await world.comment(other, post, "聞こえない", parent)
    assert await told(reader) == []
    assert await unread_count(reader) == 0
    expect(await reader.delete(f"/users/{author.id}/block"), 204)
    assert await told(reader) == [("reply", heard["id"])]


async def test_what_is_told_follows_the_comment_and_the_post_it_is_about(world: World) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    comment = await world.comment(reader, post)
    there = [("comment", comment["id"])]
    assert await told(author) == there
    await world.hide_comment(comment)
    assert await told(author) == []
    await world.restore_comment(comment)
    assert await told(author) == there
    await world.hide_post(post)
    assert (await told(author), await unread_count(author)) == ([], 0)
    # The one does not bring back what the other has taken.
    await world.hide_comment(comment)
    await world.restore_post(post)
    assert (await told(author), await unread_count(author)) == ([], 0)
    await world.restore_comment(comment)
    assert (await told(author), await unread_count(author)) == (there, 1)
    expect(await reader.delete(f"/comments/{comment['id']}"), 204)
    assert (await told(author), await unread_count(author)) == ([], 0)
    await world.comment(reader, post)
    assert await unread_count(author) == 1
    expect(await author.delete(f"/posts/{post['id']}"), 204)
    assert (await told(author), await unread_count(author)) == ([], 0)


async def test_a_refused_comment_tells_nobody(world: World) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    form = {"body": "返信", "parent_id": UNKNOWN_ID}
    expect(await reader.post(f"/posts/{post['id']}/comments", json=form), 422, "invalid_parent")
    assert await told(author) == []
    comment = await world.comment(reader, post)
    assert await told(author) == [("comment", comment["id"])]


# What it says


async def test_the_text_is_in_the_readers_locale_and_not_in_the_requests(world: World) -> None:
    author, reader = await world.member(), await world.member("Aoi")
    post = await world.post(author, title="Tea")
    parent = await world.comment(author, post)
    await world.comment(reader, post, "hello")
    await world.comment(reader, post, "hello", parent)
    titles = [one["title"] for one in await author.items("/notifications")]
    assert titles == [
        "Aoiさんがあなたのコメントに返信しました",
        "Aoiさんが「Tea」にコメントしました",
    ]
    expect(await author.patch("/users/me", json={"locale": "en"}), 200)
    answer = await author.get("/notifications", headers={"Accept-Language": "ja"})
    titles = [one["title"] for one in expect(answer, 200)["items"]]
    assert titles == ["Aoi replied to your comment", "Aoi commented on “Tea”"]


async def test_names_with_braces_are_shown_as_they_are(world: World) -> None:
    author, reader = await world.member(), await world.member("{post}%s")
    post = await world.post(author, title="{actor}{0}")
    await world.comment(reader, post, "{body}")
    (note,) = await author.items("/notifications")
    assert note["title"] == "{post}%sさんが「{actor}{0}」にコメントしました"
    assert note["body"] == "{body}"


async def test_a_long_comment_is_cut_and_its_actor_goes_by_todays_name(world: World) -> None:
    author, reader = await world.member(), await world.member("旧")
    post = await world.post(author)
    await world.comment(reader, post, "長" * 2000)
    expect(await reader.patch("/users/me", json={"nickname": "新"}), 200)
    (note,) = await author.items("/notifications")
    assert note["body"] == "長" * 119 + "…"
    assert note["actor"]["nickname"] == "新"
    assert note["title"].startswith("新さん")


@pytest.mark.parametrize("kind", list(NotificationType))
@pytest.mark.parametrize("locale", ["ja", "en"])
async def test_every_type_has_a_title_without_an_actor_and_without_a_name(
    world: World, kind: NotificationType, locale: str
) -> None:
    reader = await world.member()
    expect(await reader.patch("/users/me", json={"locale": locale}), 200)
    async with world.runtime.unit_of_work() as ctx:
        await NotificationService(ctx).notify(
            NewNotification(UUID(reader.id), kind, params={"body": "理由"})
        )
    (note,) = await reader.items("/notifications")
    assert (note["type"], note["actor"], note["body"]) == (kind, None, "理由")
    assert "{" not in note["title"]
    assert note["title"].isascii() == (locale == "en" and "“" not in note["title"])
    assert await unread_count(reader) == 1


# Reading them


async def notes(world: World, count: int = 3) -> tuple[Api, Api, list[str]]:
    """Somebody with so many notifications, their writer, and the ids, the newest first."""
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    for _ in range(count):
        await world.comment(reader, post)
    return author, reader, await author.ids("/notifications")


async def test_some_are_read_then_all(world: World) -> None:
    author, _, ids = await notes(world)
    expect(await author.post("/notifications/read", json={"ids": [ids[1]]}), 204)
    listed = await author.items("/notifications")
    assert [one["read"] for one in listed] == [False, True, False]
    assert await author.ids("/notifications", unread=True) == [ids[0], ids[2]]
    assert await author.ids("/notifications", unread=False) == ids
    assert await unread_count(author) == 2
    expect(await author.post("/notifications/read", json={"ids": ids, "all": None}), 204)
    assert await unread_count(author) == 0
    expect(await author.post("/notifications/read", json={"all": True}), 204)
    assert await author.items("/notifications", unread=True) == []
    assert [one["read"] for one in await author.items("/notifications")] == [True] * 3


async def test_all_are_read_at_once_and_what_comes_later_is_not(world: World) -> None:
    author, reader, ids = await notes(world)
    other, _, _ = await notes(world, 1)
    expect(await author.post("/notifications/read", json={"all": True}), 204)
    assert await unread_count(author) == 0
    assert await unread_count(other) == 1
    post = await world.post(author)
    await world.comment(reader, post)
    assert await unread_count(author) == 1
    assert [one["read"] for one in await author.items("/notifications")] == [False, *[True] * 3]
    assert len(ids) == 3


async def test_another_persons_notifications_stay_unread(world: World) -> None:
    author, reader, ids = await notes(world)
    form = {"ids": [*ids, UNKNOWN_ID]}
    expect(await reader.post("/notifications/read", json=form), 204)
    assert await unread_count(author) == 3
    assert await author.ids("/notifications", unread=True) == ids
    expect(await author.post("/notifications/read", json=form), 204)
    assert await unread_count(author) == 0


async def test_the_moment_of_reading_stays_the_first_one(world: World) -> None:
    author, _, ids = await notes(world, 1)

    async def read_at() -> Any:
        async with world.runtime.reads() as session:
            return await session.scalar(text("SELECT read_at FROM notifications"))

    expect(await author.post("/notifications/read", json={"ids": ids}), 204)
    first = await read_at()
    expect(await author.post("/notifications/read", json={"ids": ids}), 204)
    assert await read_at() == first is not None


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"ids": []},
        {"ids": None},
        {"ids": ["x"]},
        {"ids": [UNKNOWN_ID.upper().replace("0", "A")]},
        {"ids": UNKNOWN_ID},
        {"ids": [UNKNOWN_ID] * 101},
        {"all": False},
        {"all": "true"},
        {"all": 1},
        {"all": 1.0},
        {"all": [True]},
        {"ids": [UNKNOWN_ID], "all": True},
        {"all": True, "user_id": UNKNOWN_ID},
        [],
    ],
)
async def test_what_to_read_is_said_clearly_or_nothing_is_read(world: World, form: Any) -> None:
    author, _, ids = await notes(world, 1)
    refused = await author.post("/notifications/read", json=form)
    expect(refused, 422, "validation_failed")
    assert await unread_count(author) == 1
    expect(await author.post("/notifications/read", json={"ids": [*ids, *[UNKNOWN_ID] * 99]}), 204)
    assert await unread_count(author) == 0


async def test_the_unread_filter_is_a_boolean(world: World) -> None:
    author, _, ids = await notes(world, 1)
    refused = await author.get("/notifications", params={"unread": "maybe"})
    expect(refused, 422, "validation_failed")
    assert await author.ids("/notifications", unread="true") == ids


# The badge


class Badge:
    """People who do all that changes what one of them is told."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.world = world
        self.chance = chance
        self.comments: list[tuple[Api, dict[str, Any]]] = []
        self.hidden: set[str] = set()

    async def start(self) -> "Badge":
        self.reader, *self.others = [await self.world.member() for _ in range(3)]
        lounge = await self.world.lounge()
        self.posts = [await self.world.post(self.reader, lounge) for _ in range(2)]
        self.posts += [await self.world.post(one, lounge) for one in self.others]
        for post in self.posts:
            await self.comment(self.reader, post)
            for other in self.others:
                await self.comment(other, post)
        return self

    async def comment(
        self, writer: Api, post: dict[str, Any], parent: dict[str, Any] | None = None
    ) -> None:
        form = {"body": "x"} | ({"parent_id": parent["id"]} if parent else {})
        answer = await writer.post(f"/posts/{post['id']}/comments", json=form)
        assert answer.status_code in (201, 404, 422)
        if answer.status_code == 201:
            self.comments.append((writer, answer.json()))

    async def step(self) -> None:
        other, post = self.chance.choice(self.others), self.chance.choice(self.posts)
        writer, comment = self.chance.choice(self.comments)
        match self.chance.randrange(20):
            case 0 | 1 | 2 | 3 | 4 | 5 | 6:
                await self.comment(other, post)
            case 7 | 8 | 9:
                await self.comment(other, {"id": comment["post_id"]}, comment)
            case 10:
                await writer.delete(f"/comments/{comment['id']}")
            case 11 | 12:
                await self.moderate("comment", comment)
            case 13 | 14:
                await self.moderate("post", post)
            case 15 | 16:
                method = self.chance.choice(["PUT", "DELETE", "DELETE"])
                expect(await self.reader.call(method, f"/users/{other.id}/block"), 204)
            case 17 | 18:
                method = self.chance.choice(["PUT", "DELETE", "DELETE"])
                await self.reader.call(method, f"/posts/{post['id']}/mute")
            case 19:
                listed = await self.reader.ids("/notifications")
                ids = self.chance.sample(listed, min(2, len(listed))) or [UNKNOWN_ID]
                form: dict[str, Any] = {"ids": ids} if self.chance.random() < 0.9 else {"all": True}
                expect(await self.reader.post("/notifications/read", json=form), 204)

    async def moderate(self, kind: str, target: dict[str, Any]) -> None:
        act = "restore" if target["id"] in self.hidden else "hide"
        with suppress(NotFound):
            await getattr(self.world, f"{act}_{kind}")(target)
            self.hidden ^= {target["id"]}

    async def delete_a_post(self) -> None:
        """Of the reader's own, which most of what they are told is about."""
        for post_id in (await self.reader.ids("/users/me/posts"))[:1]:
            expect(await self.reader.delete(f"/posts/{post_id}"), 204)

    async def check(self) -> int:
        listed = await self.reader.items("/notifications")
        unread = await self.reader.ids("/notifications", unread=True)
        assert unread == [one["id"] for one in listed if not one["read"]]
        assert await unread_count(self.reader) == len(unread)
        for note in listed:
            # Whatever is told leads to something that is there to be read.
            path = f"/posts/{note['post_id']}"
            expect(await self.reader.get(path), 200)
        assert self.reader.id not in [one["actor"]["id"] for one in listed]
        return len(unread)


@pytest.mark.parametrize("seed", range(4))
async def test_the_unread_count_is_the_length_of_the_unread_list_whatever_is_done(
    world: World, seed: int
) -> None:
    badge = await Badge(world, random.Random(seed)).start()
    seen = {await badge.check()}
    for _ in range(40):
        await badge.step()
        seen.add(await badge.check())
    await badge.delete_a_post()
    seen.add(await badge.check())
    assert len(seen) > 3, "nothing much has happened"


async def test_what_is_told_exists_if_and_only_if_its_cause_does(world: World) -> None:
    reader = await world.member()

    async def notify_reader(ctx: Context) -> None:
        new = NewNotification(UUID(reader.id), NotificationType.MODERATION, params={"body": "理由"})
        await NotificationService(ctx).notify(new)

    async def waiting() -> int:
        async with world.runtime.reads() as session:
            return (
                await session.scalar(
                    text("SELECT count(*) FROM pgqueuer WHERE entrypoint LIKE 'notification.%'")
                )
                or 0
            )

    async def fail() -> None:
        async with world.runtime.unit_of_work() as ctx:
            await notify_reader(ctx)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert (await unread_count(reader), await waiting()) == (0, 0)
    async with world.runtime.unit_of_work() as ctx:
        await notify_reader(ctx)
    assert (await unread_count(reader), await waiting()) == (1, 1)
