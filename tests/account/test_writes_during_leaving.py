"""Each write of a user that waits while the same user leaves is refused."""

from uuid import UUID

from sqlalchemy import text

from app.live_log.changes import EVERYONE, Kind
from app.user.service.users import UserService
from tests.matrix import rules
from tests.matrix.routes import WRITES, filled
from tests.support.api import UNKNOWN_ID, expect
from tests.support.moderating import ask
from tests.support.races import start, until_settled
from tests.support.storage import stored
from tests.support.world import World

_LEFT = text("""
    WITH ended AS (UPDATE user_sessions SET ended_at = now() WHERE user_id = CAST(:id AS uuid))
    UPDATE users SET left_at = now() WHERE id = CAST(:id AS uuid)
""")


async def test_every_write_during_leaving_is_refused(committed_world: World) -> None:
    world = committed_world
    stayer = await world.member()
    post = await world.post(stayer)
    for name, route in WRITES.items():
        leaver = await (world.guest() if "/guest/" in name else world.member())
        author = stayer if "/guest/" in name else leaver
        own_post = await world.post(author)
        is_own = route.rules.get("post_id") is rules.change_post
        ids = {
            "post_id": own_post["id"] if is_own else post["id"],
            "comment_id": (await world.comment(author, post))["id"],
            "lounge_id": post["lounge"]["id"],
            "request_id": (await ask(author))["id"],
            "user_id": stayer.id,
            "install_id": "phone",
            "provider": "email",
            "target_type": "post",
            "notification_id": UNKNOWN_ID,
            "session_id": (await leaver.ids("/auth/sessions"))[0],
        }
        method, _, path = name.format(**ids).partition(" ")
        body = filled(route.body, ids)
        how = {"files": body} if "file" in body else {"json": body} if body else {}
        async with world.runtime.writing() as ctx:
            await UserService(ctx).exclusive(UUID(leaver.id))
            call = start(leaver.call(method, path, **how))
            await until_settled(world, call)
            assert not call.done(), (
                f"{name} does not wait for its caller, who is leaving: {call.result().text}. Does "
                "it lock its caller, and does tests/matrix/routes.py have all that its body needs?"
            )
            await ctx.db.execute(_LEFT, id=leaver.id)
            ctx.changed(EVERYONE, Kind.AUTHOR, UUID(leaver.id))
        expect(await call, 401, "session_revoked")
    assert stored(world) == []
