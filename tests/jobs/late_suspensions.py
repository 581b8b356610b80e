"""Jobs about suspensions, reports and appeals, and webhooks about them."""

from datetime import timedelta
from uuid import UUID

from app.admin.jobs import end_suspensions
from app.integrations.push.base import PushOutcome
from app.reports.enums import Resolution
from app.reports.service import ReportService
from app.suspension.jobs import begin_to_forget
from app.webhook.enums import WebhookEvent
from app.webhook.service import WebhookService
from tests.support.api import UNKNOWN_ID, expect
from tests.support.late import (
    LEFT,
    VERIFIED,
    Act,
    LateJob,
    Stage,
    by_sql,
    called,
    in_turn,
    later,
    run,
    take,
    uses_a_webhook,
)
from tests.support.moderating import ban, case_of, report
from tests.support.notifications import register_device

WHY = {"reason": "規約違反のため"}
MAIL_STANDING, PUSH_SUSPENSION = "sanction.mail_standing", "sanction.push_suspension"
MAIL, PUSH = frozenset({"mail"}), frozenset({"push"})


def changed(**fields: object) -> Act:
    """An admin changes the user's suspension."""
    return called("admin", "PATCH", "/admin/users/{user}", 200, **fields)


SUSPENDED = changed(status="suspended", **WHY)
LIFTED = changed(status="active")
ADDRESS_IS_NOT_VERIFIED = by_sql("UPDATE users SET email_verified_at = NULL WHERE id = :user")
ADDRESS_IS_ANOTHER = by_sql("UPDATE users SET email = 'another@example.com' WHERE id = :user")


async def suspended_for_five_minutes(stage: Stage) -> None:
    await VERIFIED(stage)
    until = (stage.clock() + timedelta(minutes=5)).isoformat()
    await changed(status="suspended", until=until, **WHY)(stage)


async def suspended_with_a_phone(stage: Stage) -> None:
    await register_device(stage.user, "phone")
    await suspended_for_five_minutes(stage)


async def one_phone_was_out_of_reach(stage: Stage) -> None:
    """It gets a job of its own."""
    await register_device(stage.user, "tablet")
    await suspended_with_a_phone(stage)
    stage.push.outcomes = {"value of phone": PushOutcome.LATER}
    await run(stage, PUSH_SUSPENSION, await take(stage, PUSH_SUSPENSION))
    stage.push.outcomes = {}


async def lifted(stage: Stage) -> None:
    await VERIFIED(stage)
    await SUSPENDED(stage)
    await take(stage, MAIL_STANDING)
    await LIFTED(stage)


async def suspension_is_over(stage: Stage) -> None:
    await suspended_for_five_minutes(stage)
    stage.clock.advance(minutes=6)
    async with stage.world.runtime.writing() as ctx:
        await end_suspensions(ctx)


async def other_has_the_phone(stage: Stage) -> None:
    await register_device(stage.other, "phone")


PHONE_IS_GONE = by_sql("DELETE FROM user_devices WHERE install_id = 'phone'")
OF_A_PHONE: dict[str, Act] = {
    "another user has the phone": other_has_the_phone,
    "the phone is gone": PHONE_IS_GONE,
}
OF_A_SUSPENSION: dict[str, Act] = {
    "lifted": LIFTED,
    "lifted, and suspended again": in_turn(LIFTED, SUSPENDED),
    "over": later(minutes=6),
    "left": LEFT,
}
ENDS_LATER = changed(until="2035-01-01T00:00:00Z")
"""It is the same suspension: what is sent has its present end."""

OF_AN_ADDRESS: dict[str, Act] = {
    "the address is another": ADDRESS_IS_ANOTHER,
    "the address is not verified": ADDRESS_IS_NOT_VERIFIED,
}

SUSPENSIONS = [
    LateJob(
        MAIL_STANDING,
        suspended_for_five_minutes,
        MAIL,
        OF_A_SUSPENSION | OF_AN_ADDRESS,
        {"its end was changed": (ENDS_LATER, MAIL)},
        about="a suspension",
    ),
    LateJob(
        MAIL_STANDING,
        lifted,
        MAIL,
        {"suspended again": SUSPENDED, "left": LEFT} | OF_AN_ADDRESS,
        about="its end",
    ),
    LateJob(
        PUSH_SUSPENSION,
        suspended_with_a_phone,
        PUSH,
        OF_A_SUSPENSION | OF_A_PHONE,
        {"its end was changed": (ENDS_LATER, PUSH)},
    ),
    LateJob(
        PUSH_SUSPENSION,
        one_phone_was_out_of_reach,
        PUSH,
        {"lifted": LIFTED, **OF_A_PHONE},
        about="again to one phone",
    ),
    LateJob(
        "admin.end_suspension",
        suspension_is_over,
        frozenset({"users", "audit_log"}),
        {
            "ended already": LIFTED,
            "its end was changed": by_sql(
                "UPDATE users SET suspended_until = suspended_until + interval '1 day'"
                " WHERE id = :user"
            ),
            "suspended for good": by_sql(
                "UPDATE users SET suspended_until = NULL WHERE id = :user"
            ),
            "left": LEFT,
        },
    ),
]


# Content of a suspended user


async def all_content_is_to_be_hidden(stage: Stage) -> None:
    await stage.world.post(stage.user)
    await changed(status="suspended", hide_content=True, **WHY)(stage)


async def all_content_is_to_be_shown(stage: Stage) -> None:
    await all_content_is_to_be_hidden(stage)
    name = "sanction.settle_content"
    await run(stage, name, await take(stage, name))
    await take(stage, name)
    await LIFTED(stage)


LOOKS_AGAIN = frozenset({"job sanction.settle_content"})
"""A job that hides looks once more for what was being written."""

CONTENT = [
    LateJob(
        "sanction.settle_content",
        all_content_is_to_be_hidden,
        frozenset({"posts"}),
        {
            "lifted": LIFTED,
            "hides no more": changed(hide_content=False),
            "lifted, and suspended without hiding": in_turn(LIFTED, SUSPENDED),
        },
        about="to hide",
    ),
    LateJob(
        "sanction.settle_content",
        all_content_is_to_be_shown,
        frozenset({"posts"}),
        {},
        {"suspended again": (changed(status="suspended", hide_content=True, **WHY), LOOKS_AGAIN)},
        about="to show",
    ),
]


# Appeals and reports


async def appeal_is_decided(stage: Stage) -> None:
    """The user is suspended, so that the decision is mailed."""
    await VERIFIED(stage)
    warning = await stage.admin.post(f"/admin/users/{stage.user.id}/warn", json=WHY)
    expect(warning, 201)
    (told,) = await stage.user.items("/notifications")
    form = {"notification_id": told["id"], "text": "誤解です"}
    appeal = expect(await stage.user.post("/appeals", json=form), 201)
    await SUSPENDED(stage)
    decision = {"decision": "uphold", "note": "見直しました"}
    expect(await stage.admin.post(f"/admin/appeals/{appeal['id']}/decide", json=decision), 200)


async def case_with_two_reporters_is_closed(stage: Stage) -> None:
    """The first one is notified at once, and the other one by the job."""
    post = await stage.world.post(await stage.world.member())
    first, second = await stage.world.member(), await stage.world.member()
    for reporter in (first, second):
        await report(reporter, "post", post["id"])
    # Reporters are notified in the order of their ids.
    stage.user = max(first, second, key=lambda each: UUID(each.id))
    stage.facts["case"] = (await case_of(stage.admin, post["id"]))["id"]
    await close_case(stage)


async def close_case(stage: Stage) -> None:
    case, admin = UUID(stage.facts["case"]), UUID(stage.admin.id)
    async with stage.world.runtime.writing() as ctx:
        await ReportService(ctx).close(case, Resolution.DISMISS, "", admin, at_once=1)


async def reopen_case(stage: Stage) -> None:
    async with stage.world.runtime.writing() as ctx:
        await ReportService(ctx).reopen(UUID(stage.facts["case"]))


async def decide_again(stage: Stage) -> None:
    await reopen_case(stage)
    stage.clock.advance(seconds=1)
    await close_case(stage)


async def nickname_gets_a_banned_word(stage: Stage) -> None:
    await stage.run_sql("UPDATE users SET nickname = 'ばくだん太郎' WHERE id = :user")
    await ban(stage.admin, "ばくだん")


async def is_reported(stage: Stage) -> None:
    await report(stage.other, "user", stage.user.id)


async def old_notifications_go(stage: Stage) -> None:
    await stage.world.comment(stage.other, await stage.world.post(stage.user))
    await stage.run_sql("UPDATE notifications SET created_at = created_at - interval '9 years'")
    async with stage.world.runtime.writing() as ctx:
        await begin_to_forget(ctx)


async def something_is_announced(stage: Stage) -> None:
    await uses_a_webhook(stage)
    async with stage.world.runtime.writing() as ctx:
        await WebhookService(ctx).announce(WebhookEvent.USER_SUSPENDED, UUID(UNKNOWN_ID))


async def webhook_is_switched_off(stage: Stage) -> None:
    settings = stage.world.runtime.settings
    stage.world.runtime.settings = settings.model_copy(update={"webhook_url": None})


OTHERS = [
    LateJob(
        "sanction.mail_decision",
        appeal_is_decided,
        MAIL,
        {
            "left": LEFT,
            "the address is another": ADDRESS_IS_ANOTHER,
            "the appeal is gone": by_sql("DELETE FROM appeals"),
        },
    ),
    LateJob(
        "moderation.notify_reporters",
        case_with_two_reporters_is_closed,
        frozenset({"notifications", "job notification.send_push"}),
        {"taken back": reopen_case, "decided again": decide_again, "the reporter left": LEFT},
    ),
    LateJob(
        "moderation.check_nicknames",
        nickname_gets_a_banned_word,
        frozenset({"report_cases"}),
        {
            "left": LEFT,
            "renamed": by_sql("UPDATE users SET nickname = '花子' WHERE id = :user"),
            "the word is off the list": by_sql("DELETE FROM banned_words"),
            "reported meanwhile": is_reported,
        },
    ),
    LateJob(
        "sanction.forget_notifications",
        old_notifications_go,
        frozenset({"notifications"}),
        {
            "its hour is over": later(minutes=61),
            "gone already": by_sql("DELETE FROM notifications"),
            "kept for longer": by_sql("UPDATE notifications SET created_at = now()"),
        },
    ),
    # An event is no state: it happened, and the console shows what became of it.
    LateJob(
        "webhook.send",
        something_is_announced,
        frozenset({"webhook"}),
        {"switched off": webhook_is_switched_off},
    ),
]

ROWS = [*SUSPENSIONS, *CONTENT, *OTHERS]
