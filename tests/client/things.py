"""Things as the server sends them, for tests without one."""

TIME = "2026-11-25T01:34:56.953846Z"


def post(id_: str) -> dict[str, object]:
    return {
        "id": id_, "lounge": {"id": "l1", "name": "猫"},
        "author": {"id": "another", "nickname": "人", "avatar_url": None},
        "title": "題", "body": "本文", "images": [], "comment_count": 0, "like_count": 0,
        "liked": False, "watching": False, "moderation": "visible", "created_at": TIME,
        "updated_at": TIME, "url": f"https://example.com/p/{id_}",
    }  # fmt: skip
