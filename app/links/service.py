"""What a guest sees of a lounge, post or comment. Links in a browser are opened anonymously."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson

from app.comment.exceptions import CommentNotFound
from app.comment.service.reading import CommentService
from app.core.json import to_json
from app.core.keyset import FIRST_ID, PageRequest
from app.core.links import lounge_url
from app.links.rows import LinkedAuthor, LinkedContent, LinkedLounge, LinkedPicture, Listed
from app.lounge.service import LoungeService
from app.post.rows import Post
from app.post.service.reading import PostService
from app.runtime.context import Needs, Service
from app.user.enums import Role
from app.user.policy import Viewer
from app.user.rows import Author

STRANGER = Viewer(FIRST_ID, FIRST_ID, Role.GUEST)
"""A guest whose id no user has, so they have blocked no user and own nothing."""


NEWEST_POSTS = 5
"""Of a lounge, on its page."""


class LinkService(Service):
    _lounges = Needs(LoungeService)
    _posts = Needs(PostService)
    _comments = Needs(CommentService)

    async def open_lounge(self, lounge_id: UUID) -> LinkedContent:
        """Raises LoungeNotFound."""
        lounge = await self._lounges.get(STRANGER, lounge_id)
        newest = PageRequest.first(NEWEST_POSTS, self._ctx.settings)
        posts = await self._posts.list_of_lounge(STRANGER, lounge_id, newest)
        return LinkedContent(
            kind="lounge",
            path=f"l/{lounge.id}",
            url=lounge.url,
            title=lounge.name,
            text=lounge.description,
            pictures=[LinkedPicture(lounge.cover_url)] if lounge.cover_url else [],
            created_at=lounge.created_at,
            post_count=lounge.post_count,
            newest=tuple(
                Listed(post.url, post.title, post.author.nickname, post.created_at)
                for post in posts.items
            ),
        )

    async def open_post(self, post_id: UUID) -> LinkedContent:
        """Raises PostNotFound."""
        post = await self._posts.get(STRANGER, post_id)
        return LinkedContent(
            kind="post",
            path=f"p/{post.id}",
            url=post.url,
            title=post.title,
            text=post.body,
            pictures=_pictures(post),
            created_at=post.created_at,
            author=_person(post.author),
            lounge=self._lounge_of(post),
            comment_count=post.comment_count,
            like_count=post.like_count,
        )

    async def open_comment(self, post_id: UUID, comment_id: UUID) -> LinkedContent:
        """Raises CommentNotFound, also for the comment of another post; and PostNotFound."""
        comment = await self._comments.get(STRANGER, comment_id)
        if comment.post_id != post_id:
            raise CommentNotFound
        post = await self._posts.get(STRANGER, post_id)
        return LinkedContent(
            kind="comment",
            path=f"p/{post.id}/c/{comment.id}",
            url=comment.url,
            title=post.title,
            text=comment.body,
            pictures=_pictures(post),
            created_at=comment.created_at,
            author=_person(comment.author),
            lounge=self._lounge_of(post),
        )

    def _lounge_of(self, post: Post) -> LinkedLounge:
        url = lounge_url(self._ctx.settings.base_url, post.lounge.id)
        return LinkedLounge(post.lounge.name, url)


def _person(author: Author) -> LinkedAuthor:
    return LinkedAuthor(author.nickname, author.avatar_url)


def _pictures(post: Post) -> list[LinkedPicture]:
    # The database gives the pictures as JSON, for the answers of the API.
    pictures: Sequence[dict[str, Any]] = orjson.loads(to_json(post.images))
    return [
        LinkedPicture(each["url"], each["thumbnail_url"], each["width"], each["height"])
        for each in pictures
    ]
