"""The answer to a report: one's own reports, and the notification of the decision."""

from typing import Any

import pytest

from tests.support.api import Api, expect
from tests.support.changes import Follower
from tests.support.fakes import FakePush
from tests.support.jobs import NOTIFICATION_JOBS, run_jobs
from tests.support.moderating import case_of, report
from tests.support.notifications import register_device
from tests.support.world import World

IDS = ("post_id", "comment_id", "parent_id", "lounge_id", "lounge_request_id")
TITLES = {
    ("post", "hide", "ja"): "通報された投稿を確認し、対応しました",
    ("post", "hide", "en"): "We reviewed the post you reported and took action",
    ("comment", "suspend", "en"): "We reviewed the comment you reported and took action",
    ("comment", "dismiss", "ja"): "通報されたコメントに、規約違反は見つかりませんでした",
    ("user", "dismiss", "en"): "We reviewed the user you reported and found no violation",
    ("lounge", "dismiss", "ja"): "通報されたラウンジに、規約違反は見つかりませんでした",
}

type Item = dict[str, Any]


async def decide(admin: Api, target_id: str, action: str) -> None:
    path = f"/admin/reports/{(await case_of(admin, target_id))['id']}/resolve"
    expect(await admin.post(path, json={"action": action, "note": "内部のメモ"}), 200)


async def answer_of(reporter: Api) -> Item:
    (answer,) = await reporter.items("/notifications")
    assert answer["type"] == "report_resolved"
    return answer


def ids_of(answer: Item) -> Item:
    return {name: answer[name] for name in IDS if answer[name] is not None}


async def test_reporters_see_their_own_reports_newest_first_with_the_outcome(world: World) -> None:
    reporter, other, admin = await world.member(), await world.member(), await world.admin()
    posts = [await world.post(await world.member()) for _ in range(4)]
    made = [await report(reporter, "post", post["id"]) for post in posts]
    for one in made:
        assert (one["status"], one["outcome"], one["decided_at"]) == ("open", None, None)
    await report(other, "post", posts[0]["id"], "violence")
    outcomes = {"dismiss": "no_violation", "hide": "acted", "suspend": "acted"}
    for post, action in zip(posts, outcomes, strict=False):
        await decide(admin, post["id"], action)
    own = await reporter.items("/reports")
    assert [one["id"] for one in own] == [one["id"] for one in reversed(made)]
    shown = [(one["status"], one["outcome"]) for one in reversed(own)]
    assert shown == [*(("resolved", outcome) for outcome in outcomes.values()), ("open", None)]
    assert all((one["decided_at"] is None) == (one["status"] == "open") for one in own)
    assert [one["reason"] for one in await other.items("/reports")] == ["violence"]
    assert await admin.items("/reports") == []
    exported = expect(await reporter.get("/users/me/export"), 200)["reports"]
    assert {(one["id"], one["outcome"]) for one in exported} == {
        (one["id"], one["outcome"]) for one in own
    }
    assert "内部のメモ" not in str((own, exported))


@pytest.mark.parametrize("kind", ["post", "comment", "user"])
async def test_nobody_reports_themselves(world: World, kind: str) -> None:
    author, other = await world.member(), await world.member()
    post = await world.post(author)
    things = {"post": post, "comment": await world.comment(author, post), "user": author.user}
    form = {"target_type": kind, "target_id": things[kind]["id"], "reason": "spam"}
    expect(await author.post("/reports", json=form), 422, "cannot_report_self")
    assert await author.items("/reports") == []
    expect(await other.post("/reports", json=form), 201)


@pytest.mark.parametrize(("kind", "action", "locale"), list(TITLES))
async def test_the_answer_names_what_was_reported_and_the_outcome(
    world: World, push: FakePush, kind: str, action: str, locale: str
) -> None:
    author, reporter, admin = await world.member(), await world.member(), await world.admin()
    expect(await reporter.patch("/users/me", json={"locale": locale}), 200)
    await register_device(reporter, "phone")
    lounge = await world.lounge()
    post = await world.post(author, lounge, title="ないしょの題")
    parent = await world.comment(author, post, "ないしょの親")
    comment = await world.comment(author, post, "ないしょの返信", parent)
    in_post = {"post_id": post["id"]}
    thing, about = {
        "post": (post, in_post),
        "comment": (
            comment,
            {**in_post, "comment_id": comment["id"], "parent_id": parent["id"]},
        ),
        "user": (author.user, {}),
        "lounge": (lounge, {"lounge_id": lounge["id"]}),
    }[kind]
    url = None if kind == "user" or action == "hide" else thing.get("url")
    if kind == "lounge":
        url = expect(await reporter.get(f"/lounges/{lounge['id']}"), 200)["url"]
    await report(reporter, kind, thing["id"])
    await decide(admin, thing["id"], action)
    answer = await answer_of(reporter)
    assert (answer["title"], answer["body"]) == (TITLES[kind, action, locale], "")
    assert (ids_of(answer), answer["url"], answer["actor"]) == (about, url, None)
    await run_jobs(world, NOTIFICATION_JOBS)
    ((message, _),) = push.sent
    assert (message.title, message.body) == (answer["title"], "")
    data = {"type": "report_resolved", "notification_id": answer["id"], **about}
    assert message.data == data | ({"url": url} if url else {})


@pytest.mark.parametrize("kind", ["post", "comment"])
async def test_the_answer_opens_a_thing_exactly_while_the_reporter_sees_it(
    world: World, kind: str
) -> None:
    author, reporter, admin = await world.member(), await world.member(), await world.admin()
    post = await world.post(await world.member() if kind == "comment" else author)
    thing = post if kind == "post" else await world.comment(author, post)
    path, why = f"/admin/{kind}s/{thing['id']}", {"reason": "理由"}
    await report(reporter, kind, thing["id"])
    await decide(admin, thing["id"], "hide")
    hidden = await answer_of(reporter)
    assert hidden["url"] is None
    follower = await Follower(reporter).start()
    expect(await admin.post(f"{path}/restore", json=why), 204)
    (change,) = [each for each in await follower.look() if each["kind"] == "notification"]
    assert change["put"] == await answer_of(reporter) == hidden | {"url": thing["url"]}
    for away in (f"/users/{author.id}/block", f"/posts/{post['id']}/mute"):
        expect(await reporter.put(away), 204)
        assert await answer_of(reporter) == hidden
        expect(await reporter.delete(away), 204)
    assert (await answer_of(reporter))["url"] == thing["url"]
    expect(await author.delete(f"/{kind}s/{thing['id']}"), 204)
    assert await answer_of(reporter) == hidden
