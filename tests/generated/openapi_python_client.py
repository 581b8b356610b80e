"""The journey with the client that openapi-python-client makes (httpx, attrs).

Its calls raise nothing: `parsed` is the answer or a `Problem`.
"""

import io
import secrets
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

from httpx_client import AuthenticatedClient, Client
from httpx_client.api.auth import register
from httpx_client.api.comments import create_comment, list_comments
from httpx_client.api.images import upload_image
from httpx_client.api.lounges import list_lounges
from httpx_client.api.notifications import (
    count_unread_notifications,
    list_notifications,
    mark_notifications_read,
)
from httpx_client.api.posts import create_post, delete_post, get_post, update_post
from httpx_client.models import (
    CommentCreate,
    MarkRead,
    NotificationItem,
    PostCreate,
    PostUpdate,
    Problem,
    Register,
    UploadImageBody,
)
from httpx_client.types import File


def main(url: str, picture: Path) -> None:
    writer, reader = sign_up(url, "書く人"), sign_up(url, "読む人")
    post = publish(writer, picture)
    change_only_the_title(writer, post)
    comment(writer, reader, post)
    read_notifications(writer)
    meet_problems(writer, post)
    assert delete_post.sync_detailed(post.id, client=writer).status_code == 204
    assert code(get_post.sync_detailed(post.id, client=writer), 404) == "post_not_found"


def sign_up(url: str, nickname: str) -> Any:
    form = Register(
        email=f"g-{secrets.token_hex(4)}@example.com",
        password="kawa-no-nagare-4817",
        nickname=nickname,
    )
    visitor = Client(base_url=url, raise_on_unexpected_status=True)
    signed_in = register.sync(client=visitor, body=form)
    assert signed_in.user.nickname == nickname
    token = signed_in.tokens.access_token
    return AuthenticatedClient(base_url=url, token=token, raise_on_unexpected_status=True)


def publish(writer: Any, picture: Path) -> Any:
    lounge = list_lounges.sync(client=writer, limit=1).items[0]
    file = File(payload=io.BytesIO(picture.read_bytes()), file_name="photo.jpg")
    image = upload_image.sync(
        client=writer, body=UploadImageBody(file=file), idempotency_key=str(uuid4())
    )
    form = PostCreate(
        lounge_id=lounge.id, title="朝の散歩", body="川沿いを歩きました。", image_ids=[image.id]
    )
    key = str(uuid4())
    post = create_post.sync(client=writer, body=form, idempotency_key=key)
    assert [each.id for each in post.images] == [image.id]
    assert create_post.sync(client=writer, body=form, idempotency_key=key).id == post.id
    without_pictures = PostCreate(lounge_id=lounge.id, title="写真なし", body="言葉だけ")
    assert create_post.sync(client=writer, body=without_pictures).images == []
    return post


def change_only_the_title(writer: Any, post: Any) -> None:
    tag = get_post.sync_detailed(post.id, client=writer).headers["ETag"]
    same = get_post.sync_detailed(post.id, client=writer, if_none_match=tag)
    assert (same.status_code, same.parsed) == (304, None)
    form = PostUpdate(title="夕方の散歩")
    changed = update_post.sync(post.id, client=writer, body=form, if_match=tag)
    assert changed.title == "夕方の散歩"
    assert changed.body == post.body
    assert changed.images == post.images
    stale = PostUpdate(title="夜の散歩")
    refused = update_post.sync_detailed(post.id, client=writer, body=stale, if_match=tag)
    assert code(refused, 412) == "precondition_failed"


def comment(writer: Any, reader: Any, post: Any) -> None:
    for caller, words in ((writer, "写真は朝のものです。"), (reader, "きれいですね。")):
        form = CommentCreate(body=words)
        create_comment.sync(post.id, client=caller, body=form, idempotency_key=str(uuid4()))
    first = list_comments.sync(post.id, client=writer, limit=1)
    second = list_comments.sync(post.id, client=writer, limit=1, cursor=first.next_cursor)
    assert [each.body for each in (*first.items, *second.items)] == [
        "写真は朝のものです。",
        "きれいですね。",
    ]
    assert second.next_cursor is None


def read_notifications(writer: Any) -> None:
    item = list_notifications.sync(client=writer, unread=True).items[0]
    assert (item.type_, item.read, item.actor.nickname) == ("comment", False, "読む人")
    newer = NotificationItem.from_dict({**item.to_dict(), "type": "of_a_newer_server"})
    assert newer.type_ == "of_a_newer_server"
    unread = count_unread_notifications.sync(client=writer).count
    assert unread >= 1
    mark_notifications_read.sync_detailed(client=writer, body=MarkRead())
    assert count_unread_notifications.sync(client=writer).count == unread
    mark_notifications_read.sync_detailed(client=writer, body=MarkRead(all_=True))
    assert count_unread_notifications.sync(client=writer).count == 0


def meet_problems(writer: Any, post: Any) -> None:
    assert code(get_post.sync_detailed(uuid4(), client=writer), 404) == "post_not_found"
    form = PostUpdate(image_ids=[uuid4()])
    refused = update_post.sync_detailed(post.id, client=writer, body=form)
    assert code(refused, 422) == "image_not_available"


def code(answer: Any, status: int) -> str:
    """The code of the problem that a call must end with."""
    assert answer.status_code == status, answer
    assert isinstance(answer.parsed, Problem)
    return str(answer.parsed.code)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
