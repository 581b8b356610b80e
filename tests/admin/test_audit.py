"""Each audit log entry has actor, action, target, change, reason and address."""

from typing import Any

import httpx

from tests.support.api import Api, expect
from tests.support.moderating import ask, case_of, last_act, report
from tests.support.world import World

WHY = {"reason": "規約違反のため"}


async def acts(world: World) -> list[tuple[str, str, Any, str, dict[str, Any], dict[str, Any]]]:
    """Every act: the request, its name in the log, and the expected `before` and `after`."""
    member = await world.member()
    lounge, post = await world.lounge(), await world.post(member)
    comment = await world.comment(await world.member(), post)
    to_approve, to_reject = await ask(member), await ask(member)
    await report(member, "lounge", lounge["id"])
    case = await case_of(await world.admin(), lounge["id"])
    shown, hidden = {"moderation": "visible"}, {"moderation": "hidden"}
    pending = {"status": "pending"}
    new = {"name": "新しい部屋", "description": "話す"}
    return [
        (
            *("POST", f"lounge-requests/{to_approve['id']}/approve", None),
            *("lounge_request.approved", pending, {"status": "approved"}),
        ),
        (
            *("POST", f"lounge-requests/{to_reject['id']}/reject", WHY),
            *("lounge_request.rejected", pending, {"status": "rejected"}),
        ),
        ("POST", f"posts/{post['id']}/hide", WHY, "post.hidden", shown, hidden),
        ("POST", f"posts/{post['id']}/hide", WHY, "post.hidden", hidden, hidden),
        ("POST", f"posts/{post['id']}/restore", WHY, "post.restored", hidden, shown),
        ("POST", f"comments/{comment['id']}/hide", WHY, "comment.hidden", shown, hidden),
        ("POST", f"comments/{comment['id']}/restore", WHY, "comment.restored", hidden, shown),
        (
            *("PATCH", f"users/{member.id}", {"status": "suspended", **WHY}, "user.changed"),
            *({"status": "active"}, {"status": "suspended"}),
        ),
        ("POST", "lounges", new, "lounge.opened", {}, new),
        (
            *("PATCH", f"lounges/{lounge['id']}", {"name": "別の名前"}, "lounge.changed"),
            *({"name": lounge["name"]}, {"name": "別の名前"}),
        ),
        (
            *("DELETE", f"lounges/{lounge['id']}", None),
            *("lounge.closed", {"open": True}, {"open": False}),
        ),
        (
            *("POST", f"reports/{case['id']}/resolve", {"action": "dismiss", "note": "無事"}),
            *("report.resolved", {"status": "open"}, {"status": "resolved", "action": "dismiss"}),
        ),
        (
            *("PUT", "banned-words", {"words": ["ばくだん"]}, "banned_words.changed"),
            *({"exceptions": []}, {"words": ["ばくだん"]}),
        ),
    ]


async def test_every_act_is_logged_completely(world: World) -> None:
    admin = await world.admin()
    transport = httpx.ASGITransport(world.app, client=("203.0.113.7", 50123))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        caller = Api(world.app, http)
        caller.access = admin.access
        for method, path, body, name, before, after in await acts(world):
            answer = await caller.call(method, f"/admin/{path}", json=body)
            assert answer.is_success, (path, answer.text)
            entry = await last_act(admin)
            assert (entry["action"], entry["actor"]["id"]) == (name, admin.id)
            assert before.items() <= entry["before"].items(), path
            assert after.items() <= entry["after"].items(), path
            assert entry["address"] == "203.0.113.7"
            assert (entry["target_name"] is None) == (path == "banned-words"), path
            parts = path.split("/")
            assert len(parts) == 1 or entry["target_id"] == parts[1]
            reason = (body or {}).get("reason") or (body or {}).get("note", "")
            assert entry["reason"] == reason


async def test_releasing_a_held_post_is_logged_as_held_to_visible(world: World) -> None:
    author, admin = await world.member(), await world.admin()
    form = {"words": ["ばくだん"], "exceptions": []}
    expect(await admin.put("/admin/banned-words", json=form), 200)
    post = await world.post(author, title="ばくだん")
    expect(await admin.post(f"/admin/posts/{post['id']}/restore", json=WHY), 204)
    entry = await last_act(admin)
    assert (entry["before"], entry["after"]) == ({"moderation": "held"}, {"moderation": "visible"})
    assert await author.items("/notifications") == []
