"""A unit of work: its services and the release of its connection."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from sqlalchemy import select, text

from app.auth.exceptions import InvalidCredentials
from app.core.advisory_locks import lock_shared, try_lock_exclusive
from app.core.db import WrittenBefore
from app.core.errors import NotFound
from app.core.sql.search import search_vector
from app.jobs.enqueue import enqueue
from app.live_log.changes import Kind
from app.lounge.models import Lounge
from app.post.service.reading import PostService
from app.runtime.context import Context
from app.runtime.runtime import Runtime
from app.user.enums import Role
from app.user.policy import USER, Viewer
from app.user.service.users import UserService
from tests.support.auth import session_id
from tests.support.world import World


def lounge() -> Lounge:
    return Lounge(name="猫", name_key="猫", search_vector=search_vector("猫"), description="")


async def add(ctx: Context) -> None:
    await ctx.db.add(lounge())


async def update_by_text(ctx: Context) -> None:
    await ctx.db.execute(text("UPDATE lounges SET description = ''"))


async def lock_rows(ctx: Context) -> None:
    await ctx.db.execute(select(Lounge.id).with_for_update())


async def lock_a_name(ctx: Context) -> None:
    await lock_shared(ctx.db, "name")


async def try_a_name(ctx: Context) -> None:
    assert await try_lock_exclusive(ctx.db, "name")


async def enqueue_a_job(ctx: Context) -> None:
    await enqueue(ctx.db, "any.job", {})


@pytest.mark.parametrize(
    "write", [add, update_by_text, lock_rows, lock_a_name, try_a_name, enqueue_a_job]
)
async def test_a_connection_is_not_released_after_a_write_or_a_lock(
    runtime: Runtime, write: Callable[[Context], Awaitable[None]]
) -> None:
    async with runtime.writing() as ctx:
        await write(ctx)
        with pytest.raises(WrittenBefore):
            await ctx.release_connection()
        await ctx.transaction.rollback()


async def test_a_connection_is_released_after_reads_and_used_again(runtime: Runtime) -> None:
    async with runtime.writing() as ctx:
        await ctx.db.execute(select(Lounge.id))
        await ctx.release_connection()
        await ctx.release_connection()
        await add(ctx)
    async with runtime.writing() as ctx:
        assert await ctx.db.first(select(Lounge.name).where(Lounge.name_key == "猫")) == "猫"
        await ctx.release_connection()


async def write_after_slow_work(world: World, *, ask_again: bool) -> None:
    member = await world.member()
    viewer = Viewer(UUID(member.id), UUID(session_id(member)), Role.USER)
    async with world.runtime.writing() as ctx:
        users = ctx.service(UserService)
        await users.open(viewer, USER)
        await ctx.release_connection()
        if ask_again:
            await users.late(viewer)
        await add(ctx)


async def test_a_write_after_slow_work_asks_for_its_caller_again(world: World) -> None:
    with pytest.raises(RuntimeError, match="ask for the caller again"):
        await write_after_slow_work(world, ask_again=False)
    async with world.runtime.reading() as ctx:
        assert await ctx.db.first(select(Lounge.name).where(Lounge.name_key == "猫")) is None
    await write_after_slow_work(world, ask_again=True)


async def commit_and_fail(runtime: Runtime) -> None:
    async with runtime.writing() as ctx:
        await add(ctx)
        await ctx.commit_and_release()
        await ctx.db.execute(text("UPDATE lounges SET name = '犬'"))
        raise NotFound


async def test_what_was_committed_in_the_middle_stays_when_the_rest_fails(runtime: Runtime) -> None:
    with pytest.raises(NotFound):
        await commit_and_fail(runtime)
    async with runtime.reading() as ctx:
        assert await ctx.db.first(select(Lounge.name).where(Lounge.name_key == "猫")) == "猫"


async def test_what_apps_learn_of_and_what_can_be_undone_is_committed_as_a_whole(
    runtime: Runtime,
) -> None:
    async with runtime.writing() as ctx:
        ctx.changed(UUID(int=1), Kind.LOUNGE, UUID(int=1))
        with pytest.raises(RuntimeError, match="as a whole"):
            await ctx.commit_and_release()
    async with runtime.writing() as ctx:
        ctx.if_rolled_back.append(Effect().undo)
        with pytest.raises(RuntimeError, match="as a whole"):
            await ctx.commit_and_release()


async def test_a_unit_of_work_has_each_service_once(runtime: Runtime) -> None:
    async with runtime.writing() as ctx, runtime.writing() as other:
        users = ctx.service(UserService)
        assert ctx.service(UserService) is users
        assert ctx.service(PostService)._users is users
        assert other.service(UserService) is not users


class Effect:
    """Something outside the database, which a unit of work can undo."""

    def __init__(self) -> None:
        self.undone = False

    async def undo(self) -> None:
        self.undone = True


async def write_and_fail(runtime: Runtime, effect: Effect, error: Exception) -> None:
    async with runtime.writing() as ctx:
        ctx.if_rolled_back.append(effect.undo)
        await add(ctx)
        raise error


@pytest.mark.parametrize(
    ("error", "is_kept"),
    [(RuntimeError(), False), (NotFound(), False), (InvalidCredentials(), True)],
)
async def test_an_error_undoes_everything_unless_it_keeps_writes(
    runtime: Runtime, error: Exception, is_kept: bool
) -> None:
    effect = Effect()
    with pytest.raises(type(error)):
        await write_and_fail(runtime, effect, error)
    assert effect.undone is not is_kept
    async with runtime.reading() as ctx:
        name = await ctx.db.first(select(Lounge.name).where(Lounge.name_key == "猫"))
    assert (name is not None) is is_kept


async def fail_to_commit(
    runtime: Runtime, effect: Effect, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    async def fail() -> None:
        raise failure

    async with runtime.writing() as ctx:
        ctx.if_rolled_back.append(effect.undo)
        monkeypatch.setattr(ctx.db, "commit", fail)


@pytest.mark.parametrize(
    ("failure", "is_kept"),
    [(RuntimeError(), False), (ConnectionError(), True), (asyncio.CancelledError(), True)],
    ids=["did not happen", "may have happened", "was cancelled"],
)
async def test_a_failed_commit_keeps_effects_only_if_it_may_have_happened(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, failure: BaseException, is_kept: bool
) -> None:
    effect = Effect()
    with pytest.raises(type(failure)):
        await fail_to_commit(runtime, effect, monkeypatch, failure)
    assert effect.undone is not is_kept
