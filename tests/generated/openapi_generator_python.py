"""The journey with the client that openapi-generator makes with `-g python` (pydantic, urllib3)."""

import secrets
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pydantic_client as linky
from pydantic_client.exceptions import (
    ApiException,
    NotFoundException,
    UnprocessableEntityException,
)


class Caller:
    """A member who has just registered, and the groups of calls."""

    def __init__(self, url: str, nickname: str) -> None:
        form = linky.Register(
            email=f"g-{secrets.token_hex(4)}@example.com",
            password="kawa-no-nagare-4817",
            nickname=nickname,
        )
        visitor = linky.ApiClient(linky.Configuration(host=url))
        signed_in = linky.AuthApi(visitor).register(form)
        assert signed_in.user.nickname == nickname
        token = signed_in.tokens.access_token
        client = linky.ApiClient(linky.Configuration(host=url, access_token=token))
        self.lounges = linky.LoungesApi(client)
        self.images = linky.ImagesApi(client)
        self.posts = linky.PostsApi(client)
        self.comments = linky.CommentsApi(client)
        self.notifications = linky.NotificationsApi(client)


def main(url: str, picture: Path) -> None:
    writer, reader = Caller(url, "書く人"), Caller(url, "読む人")
    post = publish(writer, picture)
    change_only_the_title(writer, post)
    comment(writer, reader, post)
    read_notifications(writer)
    meet_problems(writer, post)
    writer.posts.delete_post(post.id)
    assert problem(NotFoundException, writer.posts.get_post, post.id) == "post_not_found"


def publish(writer: Caller, picture: Path) -> Any:
    lounge = writer.lounges.list_lounges(limit=1).items[0]
    image = writer.images.upload_image(("photo.jpg", picture.read_bytes()), str(uuid4()))
    form = linky.PostCreate(
        lounge_id=lounge.id, title="朝の散歩", body="川沿いを歩きました。", image_ids=[image.id]
    )
    key = str(uuid4())
    post = writer.posts.create_post(form, idempotency_key=key)
    assert [each.id for each in post.images] == [image.id]
    assert writer.posts.create_post(form, idempotency_key=key).id == post.id
    without_pictures = linky.PostCreate(lounge_id=lounge.id, title="写真なし", body="言葉だけ")
    assert writer.posts.create_post(without_pictures).images == []
    return post


def change_only_the_title(writer: Caller, post: Any) -> None:
    # The generator copies the headers into a plain dict, so their case matters.
    tag = writer.posts.get_post_with_http_info(post.id).headers["etag"]
    # The generator makes an error of a 304.
    assert status(writer.posts.get_post, post.id, if_none_match=tag) == 304
    changed = writer.posts.update_post(post.id, linky.PostUpdate(title="夕方の散歩"), if_match=tag)
    assert changed.title == "夕方の散歩"
    assert changed.body == post.body
    assert changed.images == post.images
    stale = linky.PostUpdate(title="夜の散歩")
    assert status(writer.posts.update_post, post.id, stale, if_match=tag) == 412


def comment(writer: Caller, reader: Caller, post: Any) -> None:
    for caller, words in ((writer, "写真は朝のものです。"), (reader, "きれいですね。")):
        caller.comments.create_comment(post.id, linky.CommentCreate(body=words), str(uuid4()))
    first = writer.comments.list_comments(post.id, limit=1)
    second = writer.comments.list_comments(post.id, limit=1, cursor=first.next_cursor)
    assert [each.body for each in (*first.items, *second.items)] == [
        "写真は朝のものです。",
        "きれいですね。",
    ]
    assert second.next_cursor is None


def read_notifications(writer: Caller) -> None:
    item = writer.notifications.list_notifications(unread=True).items[0]
    assert (item.type, item.read, item.actor.nickname) == ("comment", False, "読む人")
    newer = linky.NotificationItem.from_dict({**item.to_dict(), "type": "of_a_newer_server"})
    assert newer is not None
    assert newer.type == "of_a_newer_server"
    unread = writer.notifications.count_unread_notifications().count
    assert unread >= 1
    writer.notifications.mark_notifications_read(linky.MarkRead())
    assert writer.notifications.count_unread_notifications().count == unread
    writer.notifications.mark_notifications_read(linky.MarkRead(all=True))
    assert writer.notifications.count_unread_notifications().count == 0


def meet_problems(writer: Caller, post: Any) -> None:
    assert problem(NotFoundException, writer.posts.get_post, uuid4()) == "post_not_found"
    form = linky.PostUpdate(image_ids=[uuid4()])
    code = problem(UnprocessableEntityException, writer.posts.update_post, post.id, form)
    assert code == "image_not_available"


def problem(error: type[Exception], call: Any, *arguments: Any) -> str:
    """The code of the problem that a call must end with."""
    try:
        call(*arguments)
    except error as raised:
        found: Any = raised
        assert isinstance(found.data, linky.Problem)
        return str(found.data.code)
    raise AssertionError(f"no {error.__name__}")


def status(call: Any, *arguments: Any, **more: Any) -> int:
    try:
        call(*arguments, **more)
    except ApiException as error:
        return int(error.status)
    return 200


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
