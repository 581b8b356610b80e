"""Finding posts and comments by text, id or address, in any state."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.comment.exceptions import CommentNotFound
from app.comment.rows import CommentFilter, ManagedComment
from app.comment.service.finding import CommentFindingService
from app.core.keyset import Page, PageRequest
from app.core.text import fold, words_of
from app.post.enums import Moderation
from app.post.exceptions import PostNotFound
from app.post.rows import ManagedPost, PostFilter
from app.post.service.searching import PostSearchService
from app.runtime.context import Needs, Service

LOOKS = 5
"""Statements by which a page of a search looks, at most."""

_ID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_ADDRESS = re.compile(
    rf"(?:\w+://)\S*?/(?:l/(?P<lounge>{_ID})|p/(?P<post>{_ID})(?:/c/(?P<comment>{_ID}))?)"
    r"/?(?:[?#]\S*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Address:
    """What the address of a link names. A comment's names its post, too."""

    lounge: UUID | None = None
    post: UUID | None = None
    comment: UUID | None = None


@dataclass(frozen=True, slots=True)
class ContentFilter:
    """What narrows a list of posts or comments."""

    query: str | None = None
    """Text, an id, or the address of a link."""

    author_id: UUID | None = None
    lounge_id: UUID | None = None
    moderation: Moderation | None = None


@dataclass(frozen=True, slots=True)
class PostThread:
    """A post, and some of its comments, the oldest first."""

    post: ManagedPost
    comments: Sequence[ManagedComment]


def as_id(query: str) -> UUID | None:
    """The id that was pasted; None if it is text."""
    query = query.strip()
    return UUID(query) if re.fullmatch(_ID, query, re.IGNORECASE) else None


def _as_address(query: str) -> Address | None:
    """What a pasted address names; None if it is text."""
    if (found := _ADDRESS.fullmatch(query.strip())) is None:
        return None
    return Address(**{name: UUID(id_) for name, id_ in found.groupdict().items() if id_})


class ContentFindingService(Service):
    _posts = Needs(PostSearchService)
    _comments = Needs(CommentFindingService)

    async def list_posts(
        self, page: PageRequest, sought: ContentFilter, looks: int = LOOKS
    ) -> Page[ManagedPost]:
        """The newest first. A page may be short, or empty, before the end.

        `looks` says by how many statements a search looks at most.
        """
        named = self._named(sought.query)
        if named is not None:
            posts = await self._posts.list_managed([named.post] if named.post else [])
            return Page([post for post in posts if _passes(post, sought)], None)
        chosen = PostFilter(
            sought.lounge_id, sought.author_id, for_staff=True, moderation=sought.moderation
        )
        return await self._posts.list_for_staff(page, chosen, sought.query, looks)

    async def list_comments(
        self, page: PageRequest, sought: ContentFilter, looks: int = LOOKS
    ) -> Page[ManagedComment]:
        """As `list_posts`."""
        named = self._named(sought.query)
        if named is not None:
            ids = [named.comment] if named.comment else []
            comments = await self._comments.list_managed(ids)
            return Page([each for each in comments if _passes(each, sought)], None)
        words = words_of(fold(sought.query or ""))
        chosen = CommentFilter(words, sought.author_id, sought.lounge_id, sought.moderation)
        return await self._comments.list_page(page, chosen, looks)

    async def get_thread(self, post_id: UUID, comment_id: UUID | None) -> PostThread:
        """A post with the comments around one of them, or its first ones. Raises PostNotFound."""
        post = await self.get_post(post_id)
        return PostThread(post, await self._comments.list_thread(post_id, comment_id))

    async def get_post(self, post_id: UUID) -> ManagedPost:
        """Raises PostNotFound."""
        posts = await self._posts.list_managed([post_id])
        if not posts:
            raise PostNotFound
        return posts[0]

    async def get_comment(self, comment_id: UUID) -> ManagedComment:
        """Raises CommentNotFound."""
        comments = await self._comments.list_managed([comment_id])
        if not comments:
            raise CommentNotFound
        return comments[0]

    def _named(self, query: str | None) -> Address | None:
        """What an id or an address names. An id may be a post's or a comment's."""
        if query is None:
            return None
        if (id_ := as_id(query)) is not None:
            return Address(post=id_, comment=id_)
        return _as_address(query)


def _passes(found: ManagedPost | ManagedComment, sought: ContentFilter) -> bool:
    return (
        sought.author_id in (None, found.author.id)
        and sought.lounge_id in (None, found.lounge.id)
        and sought.moderation in (None, found.moderation)
    )
