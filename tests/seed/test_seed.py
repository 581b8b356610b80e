"""The demo community is complete, has true counts, and has texts that the API would accept."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import TypeAdapter
from sqlalchemy import event, text

from app.auth.policy import ensure_strong
from app.auth.schemas import Login, Register
from app.auth.service import AuthService
from app.comment.schemas import CommentCreate
from app.core.config import Settings
from app.lounge.schemas import LoungeDescription, LoungeName
from app.notification.service import NotificationService
from app.post.schemas import PostCreate
from app.runtime.context import Context
from app.runtime.runtime import Runtime
from app.seed import seed_if_empty
from app.seed.drawing import AVATARS, PICTURES
from app.seed.members import LOUNGES, MEMBERS
from app.seed.posts import POSTS
from app.seed.story import DemoComment
from app.seed.timeline import timeline
from app.user.policy import Viewer
from app.user.schemas import MeUpdate
from tests.support.database import fresh_database
from tests.support.patience import let_pools_wait
from tests.support.server import ROOT
from tests.support.sql import rows
from tests.support.world import token

MAX_STATEMENTS = 30
"""Per post or comment, including its likes, notifications and pictures."""


@dataclass
class Seeding:
    """The result of one of two concurrent seeds of the same database."""

    accounts: list[tuple[str, str, str]]
    statements: list[str]
    steps: list[tuple[int, int]]
    """The reported progress: steps done and total steps."""


@dataclass(frozen=True, slots=True)
class Demo:
    """A seeded database."""

    url: str
    folder: Path
    seedings: list[Seeding]

    @property
    def winner(self) -> Seeding:
        return max(self.seedings, key=lambda seeding: len(seeding.accounts))

    @property
    def accounts(self) -> list[tuple[str, str, str]]:
        return self.winner.accounts

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


async def seed(runtime: Runtime) -> Seeding:
    done = Seeding([], [], [])

    @event.listens_for(runtime.engine.sync_engine, "before_cursor_execute")
    def note_statement(_: Any, __: Any, statement: str, *___: Any) -> None:
        done.statements.append(statement)

    done.accounts = await seed_if_empty(runtime, lambda *step: done.steps.append(step))
    return done


@pytest.fixture(scope="module")
def demo(
    server_url: str, paintings: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("seed")

    async def seed_twice(url: str) -> list[Seeding]:
        return await asyncio.gather(*(_with_runtime(url, folder, seed) for _ in range(2)))

    with (
        pytest.MonkeyPatch.context() as patch,
        fresh_database(server_url, f"seed_{token()}") as url,
    ):
        let_pools_wait(patch)
        yield Demo(url, folder, asyncio.run(seed_twice(url)))


def test_the_statements_per_post_and_comment_are_limited(demo: Demo) -> None:
    ((posts,),) = demo.rows("SELECT count(*) FROM posts")
    ((comments,),) = demo.rows("SELECT count(*) FROM comments")
    statements = len(demo.winner.statements)
    print(f"{statements} statements for {posts} posts and {comments} comments")
    assert statements < MAX_STATEMENTS * (posts + comments)


def test_the_progress_is_reported_in_small_steps_to_the_end(demo: Demo) -> None:
    steps = demo.winner.steps
    total = steps[0][1]
    assert steps[0] == (0, total)
    assert steps[-1] == (total, total)
    assert [total for _, total in steps] == [total] * len(steps)
    longest = max(after - before for (before, _), (after, _) in pairwise(steps))
    assert 0 < longest <= total / 20


def test_the_seed_leaves_no_job(demo: Demo) -> None:
    assert demo.rows("SELECT entrypoint FROM pgqueuer") == []
    ((unread,),) = demo.rows(
        "SELECT count(*) FROM notifications n LEFT JOIN notification_marks m USING (user_id)"
        " WHERE n.id > m.up_to OR m.up_to IS NULL"
    )
    assert unread > 0


def test_an_admin_and_two_users_can_sign_in(demo: Demo) -> None:
    async def sign_in(runtime: Runtime) -> list[str]:
        roles = []
        for _, email, password in demo.accounts:
            async with runtime.unit_of_work() as ctx:
                signed_in = await AuthService(ctx).login(Login(email=email, password=password), "t")
            roles.append(str(signed_in.user.role))
        return roles

    assert [role for role, _, _ in demo.accounts] == ["admin", "user", "user"]
    assert demo.run(sign_in) == ["admin", "user", "user"]


def test_a_second_seed_does_nothing(demo: Demo) -> None:
    before = demo.rows("SELECT count(*) FROM posts")
    assert demo.run(seed_if_empty) == []
    assert demo.rows("SELECT count(*) FROM posts") == before


def test_of_two_concurrent_seeds_only_one_writes(demo: Demo) -> None:
    assert sorted(len(seeding.accounts) for seeding in demo.seedings) == [0, 3]
    assert demo.rows("SELECT count(*) FROM posts") == [(len(POSTS),)]


PUBLIC = "deleted_at IS NULL AND moderation = 'visible'"


@pytest.mark.parametrize(
    ("table", "column", "recount"),
    [
        ("users", "post_count", "SELECT count(*) FROM posts WHERE author_id = x.id"),
        ("lounges", "post_count", "SELECT count(*) FROM posts WHERE lounge_id = x.id"),
        (
            "lounges",
            "favorite_count",
            "SELECT count(*) FROM lounge_favorites WHERE lounge_id = x.id",
        ),
        (
            "posts",
            "comment_count",
            f"SELECT count(*) FROM comments WHERE post_id = x.id AND {PUBLIC}",
        ),
        ("posts", "like_count", "SELECT count(*) FROM post_likes WHERE post_id = x.id"),
        (
            "comments",
            "reply_count",
            "SELECT count(*) FROM comments WHERE parent_id = x.id AND deleted_at IS NULL",
        ),
        ("lounges", "last_posted_at", "SELECT max(created_at) FROM posts WHERE lounge_id = x.id"),
    ],
)
def test_counts_are_true(demo: Demo, table: str, column: str, recount: str) -> None:
    wrong = f"SELECT id FROM {table} x WHERE {column} IS DISTINCT FROM ({recount})"
    assert demo.rows(wrong) == []
    assert demo.rows(f"SELECT count(*) > 3 FROM {table} WHERE {column} IS NOT NULL") == [(True,)]


@pytest.mark.parametrize(
    "table", ["users", "lounges", "posts", "comments", "notifications", "images"]
)
def test_ids_are_in_order_of_time_up_to_now(demo: Demo, table: str) -> None:
    times = [
        created_at for (created_at,) in demo.rows(f"SELECT created_at FROM {table} ORDER BY id")
    ]
    assert times == sorted(times)
    assert times[-1] < datetime.now(UTC)
    assert times[-1] - times[0] > timedelta(days=14)


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
)


@pytest.mark.parametrize("impossible", IMPOSSIBLE)
def test_no_row_is_older_than_its_cause(demo: Demo, impossible: str) -> None:
    assert demo.rows(f"SELECT count(*) FROM {impossible}") == [(0,)]


def test_the_demo_community_has_enough_activity(demo: Demo) -> None:
    counted = demo.rows(
        "SELECT (SELECT count(*) FROM posts), (SELECT count(*) FROM comments),"
        " (SELECT count(DISTINCT favorite_count) FROM lounges), (SELECT count(*) FROM user_blocks),"
        " (SELECT count(*) FROM comments WHERE deleted_at IS NOT NULL AND reply_count > 0),"
        " (SELECT count(*) FROM users WHERE avatar_key IS NOT NULL),"
        " (SELECT count(*) FROM users WHERE locale = 'en'),"
        " (SELECT count(DISTINCT user_id) FROM lounge_recent_views)"
    )[0]
    for number, least in zip(counted, (40, 90, 6, 1, 1, 5, 1, 3), strict=True):
        assert number >= least


def test_the_demo_has_open_work_for_an_admin(demo: Demo) -> None:
    waiting = demo.rows(
        "SELECT (SELECT count(*) FROM lounge_requests WHERE status = 'pending'),"
        " (SELECT count(*) FROM lounge_requests WHERE status = 'rejected'),"
        " (SELECT count(*) FROM report_cases WHERE status = 'open'),"
        " (SELECT count(*) FROM report_cases WHERE status = 'resolved'),"
        " (SELECT count(*) FROM report_cases WHERE report_count > 1),"
        " (SELECT count(*) FROM comments WHERE moderation = 'held'),"
        " (SELECT count(*) FROM audit_log)"
    )[0]
    assert waiting == (3, 1, 7, 1, 1, 4, 2)


NUMBERS = {3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine"}


def test_the_readme_has_the_numbers_of_the_open_work(demo: Demo) -> None:
    requests, reports, held = demo.rows(
        "SELECT (SELECT count(*) FROM lounge_requests WHERE status = 'pending'),"
        " (SELECT count(*) FROM report_cases WHERE status = 'open'),"
        " (SELECT count(*) FROM comments WHERE moderation = 'held')"
    )[0]
    english, japanese = (
        " ".join((ROOT / name).read_text(encoding="utf-8").split())
        for name in ("README.md", "README.ja.md")
    )
    assert f"Under 申請 {NUMBERS[requests]} people ask" in english
    assert f"Under 通報 {NUMBERS[reports]} reports wait" in english
    assert f"under 保留 {NUMBERS[held]} comments are held" in english
    assert f"「申請」では {requests} 人" in japanese
    assert f"「通報」には {reports} 件" in japanese
    assert f"「保留」には公開前のコメントが {held} 件" in japanese


def test_each_demo_account_has_unread_notifications(demo: Demo) -> None:
    async def unread(runtime: Runtime) -> list[int]:
        counts = []
        async with runtime.reading() as ctx:
            for _, email, _ in demo.accounts:
                counts.append(await _unread(ctx, email))
        return counts

    assert all(count > 0 for count in demo.run(unread))


async def _unread(ctx: Context, email: str) -> int:
    query = text("SELECT id, role FROM users WHERE email = :email")
    user_id, role = (await ctx.session.execute(query, {"email": email})).one()
    return await NotificationService(ctx).count_unread(Viewer(user_id, UUID(int=0), role))


def test_every_picture_is_stored(demo: Demo) -> None:
    keys = demo.rows(
        "SELECT key FROM images UNION SELECT thumbnail_key FROM images"
        " UNION SELECT avatar_key FROM users WHERE avatar_key IS NOT NULL"
    )
    assert len(keys) > 2 * len(PICTURES)
    for (key,) in keys:
        assert (demo.folder / "storage" / key).stat().st_size > 500


# Texts


def _with_replies(comments: tuple[DemoComment, ...]) -> list[DemoComment]:
    return [item for comment in comments for item in (comment, *_with_replies(comment.replies))]


COMMENTS = [comment for post in POSTS for comment in _with_replies(post.comments)]


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


def test_the_texts_refer_only_to_known_members_lounges_and_avatars() -> None:
    members, rooms = {member.key for member in MEMBERS}, {room.key for room in LOUNGES}
    assert {post.by for post in POSTS} | {comment.by for comment in COMMENTS} <= members
    assert {post.lounge for post in POSTS} == rooms
    assert {key for room in LOUNGES for key in room.fans.split()} <= members
    assert {member.avatar for member in MEMBERS if member.avatar} == set(AVATARS)


def test_every_picture_is_used_exactly_once() -> None:
    """An unused picture is waste, and two authors cannot have taken the same photo."""
    assert sorted(name for post in POSTS for name in post.pictures) == sorted(PICTURES)


def test_all_texts_differ() -> None:
    assert len(set(POSTS)) == len(POSTS)
    assert len(set(COMMENTS)) == len(COMMENTS)


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_all_times_are_in_the_past_at_any_hour_of_the_seed(hour: int) -> None:
    now = datetime(2031, 4, 9, hour, 1, tzinfo=UTC)
    moments = [event.at for event in timeline(POSTS, now)]
    assert max(moments) < now
    assert moments == sorted(set(moments))
