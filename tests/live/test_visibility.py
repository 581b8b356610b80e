"""One truth about who sees what: GET, `GET /changes` and the filter of streams agree.

Every state of posts and comments, seen by every kind of viewer. Each text has a word of its own,
which is looked for in the raw bytes of the answers.
"""

from uuid import UUID

from app.live.policy import LoadedView, items_of, latest, topics_of
from app.live.service.personal import PersonalService
from app.live.service.resolving import LiveService
from app.live_log.changes import Kind
from tests.live.visibility import Stage, ensure_no_word_leaks, puts, seen_by_get, short
from tests.support.changes import Follower
from tests.support.world import World


async def test_all_ways_to_see_agree(world: World) -> None:
    stage = await Stage(world).start()
    followers = {
        name: await Follower(
            api, f"post:{stage.host_post['id']}", f"lounge:{stage.lounge['id']}"
        ).start()
        for name, api in stage.viewers.items()
    }
    await stage.settle()
    async with world.runtime.writing() as ctx:
        for change in stage.logged():
            ctx.changed(change.topic, Kind(change.kind), change.subject)
    for name, follower in followers.items():
        seen = await seen_by_get(stage, follower.api)
        changes = await follower.look()
        assert puts(changes) == seen, name
        ensure_no_word_leaks(stage, follower.raw, seen)
        assert await _told_to_a_stream(stage, follower) == short(changes), name
    # The test has all that it is about.
    assert len({frozenset(await seen_by_get(stage, api)) for api in stage.viewers.values()}) > 3


async def _told_to_a_stream(stage: Stage, follower: Follower) -> list[tuple[str, bool]]:
    """As the hub tells it: loaded once, filtered by the viewer's exclusions."""
    viewer_id = UUID(follower.api.id)
    topics = topics_of(viewer_id, ",".join(follower.topics))
    changes = latest(stage.logged(), topics)
    async with stage.world.runtime.reading() as ctx:
        live = ctx.service(LiveService)
        loaded = await live.load(changes)
        view = LoadedView(loaded, await live.exclusions_of(viewer_id))
        personal = await ctx.service(PersonalService).read({viewer_id: changes})
        return short(items_of(changes, topics, view, personal[viewer_id]))
