"""`GET /changes`: cursors, topics, pages and resets."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from app.core.clock import utc_now
from app.live_log.changes import Kind
from tests.support.api import Api, expect
from tests.support.sql import sql
from tests.support.world import World


async def changes(api: Api, since: str | None = None, *topics: str) -> dict[str, Any]:
    params = {"topics": ",".join(topics)} | ({} if since is None else {"since": since})
    return dict(expect(await api.get("/changes", params=params), 200))


async def change(world: World, topic: UUID, times: int = 1) -> None:
    """Say so many times that some comment changed, which is in no list."""
    async with world.runtime.writing() as ctx:
        for _ in range(times):
            ctx.changed(topic, Kind.COMMENT, uuid4())


async def test_without_since_the_answer_is_the_cursor_of_now(world: World) -> None:
    member = await world.member()
    await change(world, uuid4())
    now = await changes(member)
    assert now["changes"] == []
    assert (now["more"], now["reset"]) == (False, None)
    assert now["as_of"] == now["cursor"]
    again = await changes(member, now["cursor"])
    assert (again["changes"], again["cursor"]) == ([], now["cursor"])


async def test_topics_have_a_form_and_a_number(world: World) -> None:
    member = await world.member()
    right = [f"post:{uuid4()}" for _ in range(20)]
    expect(await member.get("/changes", params={"topics": ",".join(right)}), 200)
    expect(await member.get("/changes", params={"topics": ",".join([*right, "me"])}), 200)
    one_more = f"lounge:{uuid4()}"
    for topics in (",".join([*right, one_more]), [*right, one_more], ",".join([one_more] * 1_000)):
        response = await member.get("/changes", params={"topics": topics})
        expect(response, 422, "too_many_topics")
    wrong = ("post", "post:", "post:1", f"user:{uuid4()}", f"post:{uuid4()},", "post:*", "あ")
    long = ("post:" * 1_000, f"post:{'0' * 5_000}", ",".join(["a"] * 5_000))
    for topic in (*wrong, *long, f"post:{str(uuid4()).upper()}", f"post:{uuid4().hex}"):
        response = await member.get("/changes", params={"topics": topic})
        expect(response, 422, "invalid_topic")


async def test_a_foreign_cursor_is_refused_or_a_reset(world: World) -> None:
    member = await world.member()
    await change(world, uuid4())
    now = (await changes(member))["cursor"]
    epoch, position = now.split(".")
    positions = ("", ".", ".-1", ".01", ".1 ", f".{2**63}", ".١", ".1.2", "x.1")
    for cursor in ("", "x", "a" * 9000, *(epoch + position for position in positions)):
        response = await member.get("/changes", params={"since": cursor})
        expect(response, 422, "invalid_cursor")
    for cursor, reason in (
        (f"{epoch}.{int(position) + 1}", "ahead"),
        (f"{'0' * 8}.{position}", "other_epoch"),
    ):
        answer = await changes(member, cursor)
        assert answer["reset"] == {"reason": reason, "topics": None}
        assert (answer["cursor"], answer["changes"], answer["more"]) == (now, [], False)
    await world.runtime.live_log.reset()
    assert (await changes(member, now))["reset"]["reason"] == "other_epoch"


async def test_what_was_pruned_is_a_reset(world: World) -> None:
    member = await world.member()
    start = (await changes(member))["cursor"]
    await change(world, uuid4(), 3)
    log = world.runtime.live_log
    state = await log.advance()
    await sql(world, "UPDATE live_changes SET at = at - interval '25 hours' WHERE pos < :top",
              top=state.top)  # fmt: skip
    before = utc_now() - timedelta(hours=24)
    assert await log.prune(before, 1_000_000, 5_000) >= 2
    assert (await changes(member, start))["reset"] == {"reason": "too_old", "topics": None}
    last = await changes(member, f"{state.epoch}.{state.top - 1}")
    assert last["reset"] is None
    # The newest rows are kept by their number, and the top stays when none is left.
    assert await log.prune(before, 0, 5_000) == 1
    assert await log.advance() == type(state)(state.epoch, state.top, state.top)


async def test_pages_and_too_much(world: World) -> None:
    member = await world.member()
    start = (await changes(member))["cursor"]
    topics = [uuid4() for _ in range(5)]
    names = [f"post:{topic}" for topic in topics]
    for topic in topics[:2]:
        await change(world, topic, 400)
    first = await changes(member, start, *names)
    assert first["more"]
    rest = await changes(member, first["cursor"], *names)
    assert (rest["more"], rest["cursor"]) == (False, rest["as_of"])
    await change(world, topics[0], 101)
    # One topic has too much: the others are told.
    much = await changes(member, start, *names)
    assert much["reset"] == {"reason": "too_much", "topics": names[:1]}
    assert not much["more"]
    for topic in topics[1:]:
        await change(world, topic, 500 if topic != topics[1] else 100)
    assert (await changes(member, start, *names[1:]))["reset"] is None
    await change(world, UUID(member.id))
    async with world.runtime.writing() as ctx:
        ctx.changed(UUID(member.id), Kind.BADGE, UUID(member.id))
    all_of_it = await changes(member, start, *names[1:])
    assert all_of_it["reset"] == {"reason": "too_much", "topics": None}
    assert (all_of_it["changes"], all_of_it["cursor"]) == ([], all_of_it["as_of"])


async def test_changes_ask_for_session_and_status(world: World) -> None:
    anonymous, member, guest = world.anonymous(), await world.member(), await world.guest()
    expect(await anonymous.get("/changes"), 401, "not_authenticated")
    expect(await guest.get("/changes"), 200)
    await sql(world, "UPDATE users SET status = 'suspended' WHERE id = :id", id=member.id)
    expect(await member.get("/changes"), 403, "account_suspended")
    await sql(world, "UPDATE users SET status = 'active' WHERE id = :id", id=member.id)
    expect(await member.delete("/auth/sessions"), 204)
    expect(await member.get("/changes"), 200)
    await sql(world, "UPDATE user_sessions SET ended_at = now() WHERE user_id = :id", id=member.id)
    expect(await member.get("/changes"), 401, "session_revoked")


async def test_the_topic_of_another_user_says_nothing(world: World) -> None:
    one, other = await world.member(), await world.member()
    start = (await changes(one))["cursor"]
    async with world.runtime.writing() as ctx:
        ctx.changed(UUID(other.id), Kind.BADGE, UUID(other.id))
        ctx.changed(UUID(other.id), Kind.VISIBILITY, UUID(one.id))
    assert (await changes(one, start, f"post:{other.id}", f"lounge:{other.id}"))["changes"] == []
    assert [item["kind"] for item in (await changes(other, start))["changes"]] == [
        "reload",
        "badge",
    ]


async def test_ids_that_are_no_posts_do_not_count_towards_the_limits(world: World) -> None:
    """How much happens to another user is not told, and one's own counts once."""
    one, other = await world.member(), await world.member()
    start = (await changes(one))["cursor"]
    for user, times in ((other, 501), (one, 300)):
        async with world.runtime.writing() as ctx:
            for _ in range(times):
                ctx.changed(UUID(user.id), Kind.VISIBILITY, uuid4())
    topics = [f"post:{other.id}", f"lounge:{one.id}", f"post:{UUID(int=0)}"]
    answer = await changes(one, start, *topics)
    assert (answer["reset"], answer["more"]) == (None, False)
    assert [change["kind"] for change in answer["changes"]] == ["reload", "badge"]
    assert {change["topic"] for change in answer["changes"]} == {"me"}
    async with world.runtime.writing() as ctx:
        for _ in range(201):
            ctx.changed(UUID(one.id), Kind.VISIBILITY, uuid4())
    reset = (await changes(one, start, *topics))["reset"]
    assert reset == {"reason": "too_much", "topics": ["me"]}


async def test_topics_of_several_parameters_are_all_followed(world: World) -> None:
    author, reader = await world.member(), await world.member()
    posts = [await world.post(author) for _ in range(3)]
    topics = [f"post:{post['id']}" for post in posts]
    since = (await changes(reader))["cursor"]
    for post in posts:
        expect(await author.patch(f"/posts/{post['id']}", json={"title": "新しい題"}), 200)
    params = {"since": since, "topics": [topics[0], "", ",".join(topics[1:])]}
    answer = expect(await reader.get("/changes", params=params), 200)
    assert [change["topic"] for change in answer["changes"]] == topics
