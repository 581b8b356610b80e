"""The demo community with what it lacks: appeals, suspended users, announcements and more."""

from tests.support.fake_providers import signed_in
from tests.support.person import Person
from tests.support.server import Server

ADMIN_PASSWORD = "asagiri-no-minato"
"""The demo's own (`linky_dev/seed/members.py`)."""


def add_suspensions(server: Server) -> str:
    """Warn, suspend and announce. Returns the address of a suspended user's page."""
    admin = signed_in(server, "admin")
    names = ("ken", "jun", "toru", "ryo")
    ken, jun, toru, ryo = (signed_in(server, f"{name}@example.com") for name in names)
    reason = "ほかの人を傷つける書きこみが続いたためです。"
    for person in (jun, ryo):
        admin.call("POST", f"/admin/users/{person.id}/warn", 201, json={"reason": reason})
    _appeal(jun, "冗談のつもりでした。")
    appeal_id = _appeal(ryo, "人ちがいではありませんか。")
    form = {"decision": "overturn", "note": "見直しました。警告を取り消します。"}
    admin.call("POST", f"/admin/appeals/{appeal_id}/decide", 200, json=form)
    for title, push in (("ラウンジの通知が届くようになりました", True), ("年末年始の対応", False)):
        words = {"title_en": "News", "body_en": "See what is new."} if push else {}
        news = {
            "title_ja": title,
            "body_ja": "くわしくは設定をご覧ください。",
            "push": push,
            **words,
        }
        admin.call("POST", "/admin/announcements", 201, json=news)
    lounge = ken.items("/lounges")[0]["id"]
    post = ken.publish(lounge, "朝の川" * 30)
    hide = f"/admin/posts/{post['id']}/hide"
    admin.call("POST", hide, 204, json={"reason": "題名が長すぎます。"})
    suspend = {"status": "suspended", "reason": reason, "hide_content": True}
    admin.call("PATCH", f"/admin/users/{toru.id}", 200, json=suspend)
    refused = toru.call("PATCH", "/users/me", 403, json={"bio": "…"})
    return server.url + "/account/appeal?" + str(refused["appeal_url"]).partition("?")[2]


def _appeal(person: Person, text: str) -> str:
    """Appeal against a warning. Returns the appeal's id."""
    warning = next(n for n in person.items("/notifications") if n["type"] == "warning")
    form = {"notification_id": warning["id"], "text": text}
    return str(person.call("POST", "/appeals", 201, json=form)["id"])
