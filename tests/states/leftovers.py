"""Leftovers that must not exist: objects without a row, waiting jobs, data of erased users."""

from collections import Counter
from collections.abc import Iterable, Iterator

from sqlalchemy import text

from app.integrations.storage.keys import hidden_key
from tests.states.facts import Facts, Row
from tests.states.view import ABOUT_A_COMMENT
from tests.support.beside import beside
from tests.support.leaving import KEPT
from tests.support.storage import stored
from tests.support.world import World


async def leftovers(world: World, facts: Facts, erased: Iterable[str]) -> list[str]:
    """A line for each leftover. `erased` has the ids of the users who have left."""
    lines = [*_wrong_objects(world, facts), *_wrong_rows(facts)]
    lines += await _wrong_addresses(world, facts)
    return lines + [
        f"{table} still names {user_id}, who has left: {row}"
        for table, rows in (await _all_rows(world)).items()
        for row in rows
        for user_id in erased
        # Columns of bytes are shown in hexadecimal.
        if user_id in row or user_id.encode().hex() in row
    ]


async def _all_rows(world: World) -> dict[str, list[str]]:
    """Each row of each table as one text, except the tables that are kept by law.

    What an admin may take back is kept for seconds, until the next act.
    """
    async with beside(world.runtime) as db:
        names = await db.all(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        tables = [name for name in names if name not in KEPT and name != "undoable_acts"]
        return {
            table: list(await db.all(text(f'SELECT t::text FROM "{table}" t'))) for table in tables
        }


def _wrong_objects(world: World, facts: Facts) -> Iterator[str]:
    """The store has exactly the objects that rows name.

    Pictures of hidden posts and those that wait for a review are stored under other keys. These
    copies may stay when the pictures are shown.
    """
    images = facts.rows("images")
    hidden = {
        image[key]
        for image in images
        if _is_hidden(facts, image)
        for key in ("key", "thumbnail_key")
    }
    public = {image[key] for image in images for key in ("key", "thumbnail_key")} - hidden
    public |= {user["avatar_key"] for user in facts.rows("users") if user["avatar_key"]}
    public |= {lounge["cover_key"] for lounge in facts.rows("lounges") if lounge["cover_key"]}
    stored_keys, named = set(stored(world)), public | set(map(hidden_key, hidden))
    for key in sorted(stored_keys - named - set(map(hidden_key, public))):
        yield f"the store has {key}, which no row names"
    yield from (f"the store lacks {key}, which a row names" for key in sorted(named - stored_keys))


async def _wrong_addresses(world: World, facts: Facts) -> list[str]:
    """A picture is at its public address exactly while nothing hides it."""
    wrong = []
    for image in facts.rows("images"):
        wanted = 404 if _is_hidden(facts, image) else 200
        response = await world.http.get(f"http://test/media/{image['thumbnail_key']}")
        if response.status_code != wanted:
            wrong.append(f"image {image['id']} is {response.status_code}, must be {wanted}")
    return wrong


def _is_hidden(facts: Facts, image: Row) -> bool:
    places = facts.rows("post_images", image_id=image["id"])
    return image["needs_review"] or any(
        facts.posts[place["post_id"]]["moderation"] == "hidden" for place in places
    )


def _wrong_rows(facts: Facts) -> Iterator[str]:
    for user in facts.rows("users"):
        if user["left_at"] is not None:
            yield f"user {user['id']} has left and is not erased"
    ended = {row["id"] for row in facts.rows("user_sessions") if row["ended_at"] is not None}
    for device in facts.rows("user_devices"):
        if device["session_id"] in ended:
            yield f"device {device['id']} belongs to an ended session"
    for job in facts.rows("pgqueuer"):
        yield f"job {job['entrypoint']} {bytes(job['payload'])!r} is {job['status']}"
    yield from _wrong_images(facts)
    yield from _wrong_notifications(facts)


def _wrong_images(facts: Facts) -> Iterator[str]:
    """An image is either unattached or in one post that is not deleted."""
    places = {row["image_id"]: facts.posts[row["post_id"]] for row in facts.rows("post_images")}
    needs_review = {row["id"]: row["needs_review"] for row in facts.rows("images")}
    for image in facts.rows("images"):
        is_free = image["unattached_since"] is not None
        if is_free == (image["id"] in places):
            yield f"image {image['id']} is {'free and in a post' if is_free else 'nowhere'}"
    for image_id, post in places.items():
        if post["moderation"] == "visible" and needs_review[image_id]:
            yield f"image {image_id} needs a review, but {post['id']} shows it"
        if post["deleted_at"] is not None:
            yield f"image {image_id} is in the deleted post {post['id']}"


def _wrong_notifications(facts: Facts) -> Iterator[str]:
    times_notified: Counter[tuple[str, str]] = Counter()
    for row in facts.rows("notifications"):
        if row["actor_id"] == row["user_id"]:
            yield f"notification {row['id']} notifies {row['user_id']} of an own action"
        if row["type"] in ABOUT_A_COMMENT:
            times_notified[row["user_id"], row["comment_id"]] += 1
        if row["type"] == "lounge_post":
            times_notified[row["user_id"], row["post_id"]] += 1
    for (user_id, comment_id), times in times_notified.items():
        if times > 1:
            yield f"{user_id} was notified {times} times of {comment_id}"
