"""A user with thousands of posts and comments in every state, made by SQL past the app."""

from uuid import UUID

import asyncpg

_POSTS = """
INSERT INTO posts (lounge_id, author_id, title, body, moderation, deleted_at)
SELECT CASE WHEN n <= $4::int / 2 THEN $2::uuid ELSE $3::uuid END, $1::uuid, '題 ' || n, '本文です',
       CASE WHEN n % 50 = 1 THEN 'hidden' WHEN n % 50 = 2 THEN 'held' ELSE 'visible' END,
       CASE WHEN n % 50 = 3 THEN now() END
FROM generate_series(1, $4::int) n
"""
_COMMENTS = """
INSERT INTO comments (post_id, author_id, body, moderation, deleted_at)
SELECT $2::uuid, $1::uuid, '言葉 ' || n,
       CASE WHEN n % 50 = 1 THEN 'hidden' WHEN n % 50 = 2 THEN 'held' ELSE 'visible' END,
       CASE WHEN n % 50 = 3 THEN now() END
FROM generate_series(1, $3::int) n
"""
_REPLIES = """
INSERT INTO comments (post_id, parent_id, author_id, body)
SELECT post_id, id, $1::uuid, '返信' FROM comments
WHERE post_id = $2 AND parent_id IS NULL AND deleted_at IS NULL AND moderation = 'visible'
"""


async def add_much_content(
    url: str,
    author: str,
    other: str,
    *,
    lounges: tuple[str, str],
    other_post: str,
    posts: int,
    comments: int,
) -> None:
    """Add posts, the newer half in the second lounge, and comments with a reply of each of the two.

    Of fifty each, one is hidden, one is held, and one is deleted. The counts are not right yet:
    `linky recount` corrects them.
    """
    author_id, other_id, post_id = UUID(author), UUID(other), UUID(other_post)
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_POSTS, author_id, *map(UUID, lounges), posts)
        await connection.execute(_COMMENTS, author_id, post_id, comments)
        await connection.execute(_REPLIES, other_id, post_id)
        await connection.execute(_REPLIES, author_id, post_id)
        await connection.execute("ANALYZE")
    finally:
        await connection.close()
