"""What streams send to whom: an open one and one that goes on agree with GET, over all states."""

from contextlib import AsyncExitStack

from app.live_log.changes import Kind
from tests.live.visibility import Stage, ensure_no_word_leaks, puts, seen_by_get, short
from tests.support.changes import Follower
from tests.support.live import LiveStream, live
from tests.support.sql import count
from tests.support.waiting import until
from tests.support.world import World


async def has_positions(world: World) -> bool:
    """Whether all changes are where a look finds them."""
    return await count(world, "live_inbox") == 0


async def test_streams_agree_with_what_each_viewer_sees(committed_world: World) -> None:
    world = committed_world
    stage = await Stage(world).start()
    topics = f"post:{stage.host_post['id']}", f"lounge:{stage.lounge['id']}"
    followers = {name: await Follower(api, *topics).start() for name, api in stage.viewers.items()}
    starts = {name: follower.cursor for name, follower in followers.items()}
    async with AsyncExitStack() as stack:
        streams: dict[str, LiveStream] = {}
        for name, api in stage.viewers.items():
            streams[name] = await stack.enter_async_context(live(api, *topics))
            await streams[name].wait("hello")
        await stage.settle()
        async with world.runtime.writing() as ctx:
            for change in stage.logged():
                ctx.changed(change.topic, Kind(change.kind), change.subject)
        # A look does not wait for the streams, which may be giving positions in this moment.
        await until(lambda: has_positions(world))
        wanted = {name: await follower.look() for name, follower in followers.items()}
        told = {
            name: (await stream.wait("changes")).data["changes"] if wanted[name] else []
            for name, stream in streams.items()
        }
    # Who blocked the author is sent nothing at all, though the others were.
    assert [name for name, changes in wanted.items() if not changes] == ["blocker"]
    assert b"changes" not in streams["blocker"].raw
    for name, follower in followers.items():
        seen = await seen_by_get(stage, follower.api)
        expected = sorted(short(wanted[name]))
        assert sorted(short(told[name])) == expected, name
        assert puts(told[name]) == seen, name
        ensure_no_word_leaks(stage, streams[name].raw.decode(), seen)
        if not expected:
            continue
        async with live(follower.api, *topics, last=starts[name]) as resumed:
            changes = (await resumed.wait("changes")).data["changes"]
            assert sorted(short(changes)) == expected, name
            ensure_no_word_leaks(stage, resumed.raw.decode(), seen)
