"""While an author's whole content is hidden, nothing of it is shown by itself (ADR 0080).

It is shown, and told, when the whole is.
"""

from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from app.api import JOBS
from tests.support.api import Api, expect
from tests.support.changes import Follower
from tests.support.console import Browser, leads_to, shown, signed_in, undo
from tests.support.counts import wrong_counts
from tests.support.fakes import FakeClock
from tests.support.jobs import run_jobs
from tests.support.moderating import ban, last_act
from tests.support.notifications import notification_kinds
from tests.support.sql import count, sql
from tests.support.world import World

WHY = {"reason": "規約違反"}
HIDE = {"status": "suspended", "hide_content": True, **WHY}
RESTORE = {"status": "active", **WHY}
BANNED = "ばくだん"


class Scene(NamedTuple):
    """The author's post, comment and reply are held from their beginning."""

    world: World
    admin: Api
    author: Api
    reader: Api
    subscriber: Api
    post: dict[str, Any]
    comment: dict[str, Any]
    reply: dict[str, Any]

    @property
    def held(self) -> list[str]:
        kinds = {"posts": [self.post], "comments": [self.comment, self.reply]}
        return [f"/{kind}/{thing['id']}" for kind, things in kinds.items() for thing in things]

    async def change(self, form: dict[str, Any]) -> None:
        path = f"/admin/users/{self.author.id}"
        expect(await self.admin.patch(path, json=form), 200)
        await run_jobs(self.world, JOBS)

    async def admin_does(self, verb: str, path: str) -> None:
        expect(await self.admin.post(f"/admin{path}/{verb}", json=WHY), 204)
        await run_jobs(self.world, JOBS)

    async def seen(self) -> list[int]:
        return [(await self.reader.get(path)).status_code for path in self.held]

    async def told(self) -> list[tuple[str, str | None]]:
        """What the reader and the subscriber have been told of the author's content."""
        mine = {self.comment["id"], self.reply["id"]}
        of_reader = [(k, id_) for k, id_ in await notification_kinds(self.reader) if id_ in mine]
        return [*of_reader, *await notification_kinds(self.subscriber)]

    @property
    def all_told(self) -> list[tuple[str, str | None]]:
        of_reader = [("comment", self.comment["id"]), ("reply", self.reply["id"])]
        return [*of_reader, ("watched", self.comment["id"]), ("lounge_post", None)]


@pytest.fixture
async def scene(world: World) -> Scene:
    admin, author, reader, subscriber = [
        await world.admin(),
        *[await world.member() for _ in range(3)],
    ]
    await ban(admin, BANNED)
    lounge = await world.lounge()
    level = {"level": "all"}
    path = f"/lounges/{lounge['id']}/notifications"
    expect(await subscriber.put(path, json=level), 204)
    others = await world.post(reader)
    expect(await subscriber.put(f"/posts/{others['id']}/watch"), 204)
    top = await world.comment(reader, others)
    await run_jobs(world, JOBS)
    expect(await subscriber.post("/notifications/read", json={"all": True}), 204)
    await sql(world, "DELETE FROM notifications")
    return Scene(
        *(world, admin, author, reader, subscriber),
        await world.post(author, lounge, body=BANNED),
        await world.comment(author, others, BANNED),
        await world.comment(author, others, BANNED, top),
    )


async def test_a_release_ends_the_review_of_the_posts_pictures(scene: Scene) -> None:
    """A moderator has looked at them, although they are shown with the whole."""
    image = await scene.world.image(scene.author)
    await sql(scene.world, "UPDATE images SET needs_review = true")
    post = await scene.world.post(scene.author, image_ids=[image["id"]])
    assert post["moderation"] == "held"
    await scene.change(HIDE)
    await scene.admin_does("restore", f"/posts/{post['id']}")
    assert await count(scene.world, "images", "needs_review") == 0
    assert (await scene.reader.get(f"/posts/{post['id']}")).status_code == 404


@pytest.mark.parametrize("between", [(), ({"hide_content": True},), (RESTORE, HIDE)])
async def test_a_release_is_shown_and_told_when_the_whole_is(
    scene: Scene, between: tuple[dict[str, Any], ...]
) -> None:
    """Any act in between changes nothing of it."""
    await scene.change(HIDE)
    follower = await Follower(scene.reader).start()
    for path in scene.held:
        await scene.admin_does("restore", path)
    assert await scene.seen() == [404] * 3
    assert await scene.told() == []
    entry = await last_act(scene.admin)
    assert (entry["action"], entry["before"]) == ("comment.restored", {"moderation": "held"})
    assert entry["after"] == {"moderation": "hidden", "with_author": True}
    assert not any(change["kind"] == "notification" for change in await follower.look())
    for form in between:
        await scene.change(form)
    await scene.change(RESTORE)
    assert await scene.seen() == [200] * 3
    assert sorted(map(str, await scene.told())) == sorted(map(str, scene.all_told))
    ids = {scene.comment["id"], scene.reply["id"]}
    told = [c for c in await follower.look() if c["kind"] == "notification" and "put" in c]
    assert {c["put"]["comment_id"] for c in told} == ids
    assert await wrong_counts(scene.world) == []
    # Once.
    await scene.change(HIDE)
    await scene.change(RESTORE)
    assert len(await scene.told()) == len(scene.all_told)


async def test_what_was_hidden_before_anybody_saw_it_is_told_too(scene: Scene) -> None:
    for path in scene.held:
        await scene.admin_does("hide", path)
    await scene.change(HIDE)
    for path in scene.held:
        await scene.admin_does("restore", path)
    assert await scene.seen() == [404] * 3
    await scene.change(RESTORE)
    assert await scene.seen() == [200] * 3
    assert len(await scene.told()) == len(scene.all_told)


async def test_the_end_of_a_timed_suspension_shows_it(scene: Scene, clock: FakeClock) -> None:
    until = (clock() + timedelta(minutes=1)).isoformat()
    await scene.change({**HIDE, "until": until})
    await scene.admin_does("restore", scene.held[0])
    assert await scene.seen() == [404] * 3
    clock.advance(seconds=61)
    # The end is not noted yet. But the suspension is over: the job shows all.
    await scene.admin_does("restore", scene.held[1])
    assert await scene.seen() == [200, 200, 404]


async def test_an_appeal_that_succeeds_waits_for_the_whole(scene: Scene) -> None:
    world, admin, author = scene.world, scene.admin, scene.author
    post = await world.post(author)
    await scene.admin_does("hide", f"/posts/{post['id']}")
    (told,) = await author.items("/notifications")
    form = {"notification_id": told["id"], "text": "誤解です"}
    appeal = expect(await author.post("/appeals", json=form), 201)
    await scene.change(HIDE)
    path = f"/admin/appeals/{appeal['id']}/decide"
    decision = {"decision": "overturn", "note": "見直しました"}
    expect(await admin.post(path, json=decision), 200)
    await run_jobs(world, JOBS)
    assert (await scene.reader.get(f"/posts/{post['id']}")).status_code == 404
    await scene.change(RESTORE)
    expect(await scene.reader.get(f"/posts/{post['id']}"), 200)


async def test_the_console_says_so(scene: Scene) -> None:
    browser = await signed_in(scene.world, scene.admin)
    await scene.change(HIDE)
    answer = await browser.post(f"/held/post/{scene.post['id']}/release")
    leads_to(answer, "/admin/held?done=withheld")
    assert "利用停止が終わると表示されます" in shown(await browser.get("/held?done=withheld"))
    await undo(browser, "/held?done=withheld")
    states = "SELECT moderation, hidden_with_author FROM posts WHERE body = :body"
    (row,) = await sql(scene.world, states, body=BANNED)
    assert tuple(row.values()) == ("held", False)
    content = f"/users/{scene.author.id}/content"
    await bulk(browser, content, "restore", f"withheld&number={len(scene.held)}", scene)
    await run_jobs(scene.world, JOBS)
    assert await scene.seen() == [404] * 3
    await scene.change(RESTORE)
    assert await scene.seen() == [200] * 3
    assert len(await scene.told()) == len(scene.all_told)


async def test_undoing_a_hide_or_lifting_shows_nothing_by_itself(scene: Scene) -> None:
    browser = await signed_in(scene.world, scene.admin)
    for path in scene.held:
        await scene.admin_does("restore", path)
    content = f"/users/{scene.author.id}/content"
    await bulk(browser, content, "hide", "bulk-hidden", scene)
    hidden = browser.act
    await scene.change(HIDE)
    browser.act = hidden
    await undo(browser, f"{content}?done=bulk-hidden")
    await run_jobs(scene.world, JOBS)
    assert await scene.seen() == [404] * 3
    entry = await last_act(scene.admin)
    assert entry["after"] == {"moderation": "hidden", "with_author": True}
    await scene.change(RESTORE)
    assert await scene.seen() == [200] * 3
    assert await wrong_counts(scene.world) == []


async def test_undoing_a_restore_keeps_that_nobody_has_seen_it(scene: Scene) -> None:
    """Otherwise the next restore would tell no one."""
    for path in scene.held:
        await scene.admin_does("hide", path)
    browser = await signed_in(scene.world, scene.admin)
    content = f"/users/{scene.author.id}/content"
    await bulk(browser, content, "restore", "bulk-restored", scene)
    await undo(browser, f"{content}?done=bulk-restored")
    await sql(scene.world, "DELETE FROM pgqueuer")
    assert await scene.seen() == [404] * 3
    assert await scene.told() == []
    for path in scene.held:
        await scene.admin_does("restore", path)
    assert len(await scene.told()) == len(scene.all_told)


async def bulk(browser: Browser, page: str, verb: str, done: str, scene: Scene) -> None:
    things = [path.removeprefix("/").replace("s/", ":") for path in scene.held]
    form = {"token": await browser.token(), "verb": verb, "item": things, "reason": "理由"}
    leads_to(await browser.http.post(f"/admin{page}", data=form), f"/admin{page}?done={done}")
