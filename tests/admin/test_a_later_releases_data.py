"""What a later release wrote does not stop this one: both serve at once, and one may go back.

Enumerations in answers are open in the document (`x-extensible-enum`).
"""

from tests.support.api import expect
from tests.support.console import shown, signed_in
from tests.support.moderating import ban, case_of, report
from tests.support.sql import sql
from tests.support.world import World


async def test_the_log_shows_an_act_on_a_kind_of_thing_that_is_new(world: World) -> None:
    admin = await world.admin()
    await ban(admin, "ばくだん")
    await sql(world, "ALTER TABLE audit_log DROP CONSTRAINT audit_log_target_type_check")
    act = """
        INSERT INTO audit_log (actor_id, action, target_type, target_id, reason, before, after,
            address)
        SELECT actor_id, 'badge.given', 'badge', target_id, reason, before, after, address
        FROM audit_log
    """
    await sql(world, act)
    newest = (await admin.items("/admin/audit-log"))[0]
    assert (newest["action"], newest["target_type"]) == ("badge.given", "badge")
    assert "badge" in shown(await (await signed_in(world, admin)).get("/audit"))


async def test_the_inbox_shows_a_notification_of_a_new_type(world: World) -> None:
    member = await world.member()
    await sql(world, "ALTER TABLE notifications DROP CONSTRAINT notifications_type_check")
    told = "INSERT INTO notifications (user_id, type, params) VALUES (:id, 'badge', '{}')"
    await sql(world, told, id=member.id)
    (item,) = await member.items("/notifications")
    assert (item["type"], item["title"]) == ("badge", "通知があります")
    assert expect(await member.get("/notifications/unread-count"), 200)["count"] == 1


async def test_the_queue_shows_a_report_with_a_new_reason(world: World) -> None:
    admin = await world.admin()
    post = await world.post(await world.member())
    await report(await world.member(), "post", post["id"])
    await sql(world, "UPDATE report_cases SET reasons = ARRAY['hoax']")
    assert (await case_of(admin, post["id"]))["reasons"] == ["hoax"]
