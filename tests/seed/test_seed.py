"""The demo community is made once, in a possible order, of texts that the API would accept."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import TypeAdapter

from app.auth.policy import ensure_strong
from app.auth.schemas import Register
from app.comment.schemas import CommentCreate
from app.core.settings.config import Settings
from app.lounge.schemas import LoungeDescription, LoungeName
from app.post.schemas import PostCreate
from app.runtime.runtime import Runtime
from app.user.schemas import MeUpdate
from linky_dev.seed import accounts_there, seed_if_empty
from linky_dev.seed.members import LOUNGES, MEMBERS
from linky_dev.seed.posts import POSTS
from linky_dev.seed.story import PICTURES, DemoComment, timeline
from tests.support.database import fresh_database
from tests.support.patience import let_pools_wait
from tests.support.sql import rows
from tests.support.world import token


@dataclass(frozen=True, slots=True)
class Demo:
    """A seeded database."""

    url: str
    folder: Path
    accounts: list[list[tuple[str, str, str]]]
    """What each of two concurrent seeds made."""

    def run[Result](self, act: Callable[[Runtime], Awaitable[Result]]) -> Result:
        return asyncio.run(_with_runtime(self.url, self.folder, act))

    def rows(self, query: str) -> list[Any]:
        return rows(self.url, query)


async def _with_runtime[Result](
    url: str, folder: Path, act: Callable[[Runtime], Awaitable[Result]]
) -> Result:
    settings = Settings(data_dir=folder, jwt_keys=("test:" + "t" * 40,))
    runtime = Runtime.build(settings, url)
    try:
        return await act(runtime)
    finally:
        await runtime.close()


@pytest.fixture(scope="module")
def demo(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("seed")

    async def seed_twice(url: str) -> list[list[tuple[str, str, str]]]:
        return await asyncio.gather(*(_with_runtime(url, folder, seed_if_empty) for _ in range(2)))

    with (
        pytest.MonkeyPatch.context() as patch,
        fresh_database(server_url, f"seed_{token()}") as url,
    ):
        let_pools_wait(patch)
        yield Demo(url, folder, asyncio.run(seed_twice(url)))


def test_of_several_seeds_only_one_writes(demo: Demo) -> None:
    assert sorted(map(len, demo.accounts)) == [0, 3]
    assert demo.run(seed_if_empty) == []
    assert [email for _, email, _ in demo.run(accounts_there)] == [
        "admin@example.com",
        "hanako@example.com",
        "taro@example.com",
    ]
    assert demo.rows("SELECT count(*) FROM posts") == [(len(POSTS),)]


def test_ids_are_in_order_of_time_up_to_now(demo: Demo) -> None:
    for table in ("users", "lounges", "posts", "comments", "notifications", "images"):
        times = [at for (at,) in demo.rows(f"SELECT created_at FROM {table} ORDER BY id")]
        assert times == sorted(times), table
        assert times[-1] < datetime.now(UTC), table
        assert times[-1] - times[0] > timedelta(days=14), table


IMPOSSIBLE = (
    "comments x JOIN posts p ON p.id = x.post_id WHERE x.created_at <= p.created_at",
    "comments x JOIN comments p ON p.id = x.parent_id WHERE x.created_at <= p.created_at",
    "notifications x JOIN comments c ON c.id = comment_id WHERE x.created_at <> c.created_at",
    (
        "notifications x JOIN notification_marks m USING (user_id)"
        " WHERE x.id <= m.up_to AND m.read_at < x.created_at"
    ),
    "notification_marks WHERE read_at > now()",
    "comments WHERE deleted_at < created_at OR deleted_at > now()",
    "posts WHERE updated_at <> created_at",
    "posts x JOIN users u ON u.id = author_id WHERE u.created_at > x.created_at",
    "comments x JOIN users u ON u.id = author_id WHERE u.created_at > x.created_at",
    "images WHERE unattached_since IS NOT NULL",
    (
        "lounges x WHERE last_posted_at IS DISTINCT FROM"
        " (SELECT max(created_at) FROM posts WHERE lounge_id = x.id)"
    ),
)


def test_no_row_is_older_than_its_cause(demo: Demo) -> None:
    counted = {what: demo.rows(f"SELECT count(*) FROM {what}") for what in IMPOSSIBLE}
    assert counted == {what: [(0,)] for what in IMPOSSIBLE}


def test_every_picture_is_small_and_shown_somewhere() -> None:
    shown = {name for post in POSTS for name in post.pictures}
    shown |= {each.avatar for each in MEMBERS if each.avatar}
    shown |= {each.cover for each in LOUNGES if each.cover}
    assert shown == set(PICTURES)
    assert sum(path.stat().st_size for path in PICTURES.values()) < 600_000


def test_every_picture_is_stored(demo: Demo) -> None:
    keys = demo.rows(
        "SELECT key FROM images UNION SELECT thumbnail_key FROM images"
        " UNION SELECT avatar_key FROM users WHERE avatar_key IS NOT NULL"
    )
    of_posts = sum(len(post.pictures) for post in POSTS)
    avatars = sum(member.avatar is not None for member in MEMBERS)
    assert len(keys) == 2 * of_posts + avatars
    for (key,) in keys:
        assert (demo.folder / "storage" / key).stat().st_size > 500


# Texts


def _with_replies(comments: tuple[DemoComment, ...]) -> list[DemoComment]:
    return [item for comment in comments for item in (comment, *_with_replies(comment.replies))]


COMMENTS = [comment for post in POSTS for comment in _with_replies(post.comments)]


def test_some_members_joined_in_the_days_that_the_console_shows() -> None:
    assert sum(member.joined < 30 for member in MEMBERS) >= 4


def test_members_pass_the_rules_of_registration() -> None:
    for member in MEMBERS:
        password = member.password or "some-other-password"
        form = Register(email=member.email, password=password, nickname=member.nickname)
        assert (form.email, form.nickname) == (member.email, member.nickname)
        assert MeUpdate(bio=member.bio).bio == member.bio
        ensure_strong(password, member.email, member.key, member.nickname)


def test_lounges_pass_the_rules_of_lounge_requests() -> None:
    for room in LOUNGES:
        assert TypeAdapter(LoungeName).validate_python(room.name) == room.name
        described = TypeAdapter(LoungeDescription).validate_python(room.description)
        assert described == room.description


def test_posts_and_comments_pass_the_rules_of_the_api() -> None:
    for post in POSTS:
        form = PostCreate(lounge_id=UUID(int=1), title=post.title, body=post.body)
        assert (form.title, form.body) == (post.title, post.body)
        assert len(post.pictures) <= 4
    for comment in COMMENTS:
        assert CommentCreate(body=comment.body).body == comment.body
        assert all(not reply.replies for reply in comment.replies)


def test_all_times_are_in_the_past_at_any_hour_of_the_seed() -> None:
    for hour in range(0, 24, 3):
        now = datetime(2031, 4, 9, hour, 1, tzinfo=UTC)
        moments = [event.at for event in timeline(POSTS, now)]
        assert max(moments) < now
        assert moments == sorted(set(moments))
