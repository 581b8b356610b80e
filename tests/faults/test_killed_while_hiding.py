"""A worker is killed while it hides all that a suspended user wrote, and while it shows it again.

The newer half of the posts is in a lounge whose row the test locks. So the worker stops in the
middle of a batch that has changed comments, posts and counts, and is killed there.
"""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from app.core.texts import Text
from app.operations import embedded
from app.suspension.service.hiding import SETTLE_CONTENT
from tests.support.installation import admin_of, copy_installation
from tests.support.much_content import add_much_content
from tests.support.outcomes import Outcome, show
from tests.support.person import Person
from tests.support.server import LINKY, Server, run
from tests.support.sql import plain_url, rows
from tests.support.waiting import wait_until

POSTS, COMMENTS = 2000, 1200
HIDE = {"status": "suspended", "hide_content": True, "reason": "規約違反"}
RESTORE = {"status": "active", "reason": "誤りでした"}

_STATES = """
SELECT id, author_id, moderation, hidden_with_author, deleted_at FROM posts
UNION ALL SELECT id, author_id, moderation, hidden_with_author, deleted_at FROM comments
"""
_DUE = f"""
SELECT FROM pgqueuer WHERE entrypoint = '{SETTLE_CONTENT}'
AND (status <> 'queued' OR execute_after <= now() + interval '10 seconds')
"""
_WAITING_FOR_THE_LOUNGE = """
SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%lounges%FOR%UPDATE%'
"""

type States = dict[UUID, tuple[UUID | None, str, bool, Any]]


class Installation:
    """An API without a worker, and two workers of which one runs at a time."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.api = Server(data_dir, [LINKY, "serve"], LINKY_WORKER="apart")
        self.workers = [Server(data_dir, [LINKY, "worker"]) for _ in range(2)]
        self.url = plain_url(embedded.acquire(data_dir))

    def start(self) -> None:
        self.api.launch()
        self.workers[0].launch()
        self.api.wait_until("ready", lambda: self.api.readiness() == 200)

    def clean_up(self) -> None:
        for server in (*self.workers, self.api):
            server.clean_up()
        embedded.release(self.data_dir)

    def states(self) -> States:
        return {row[0]: tuple(row)[1:] for row in rows(self.url, _STATES)}

    def recount(self, *options: str) -> str:
        done = run([LINKY, "recount", *options], self.api.environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def locked(self, lounge_id: str) -> Iterator[None]:
        """Hold the row of a lounge, for which a batch waits after all of its other changes."""
        with asyncio.Runner() as runner:
            connection = runner.run(asyncpg.connect(self.url))
            runner.run(connection.execute("BEGIN"))
            lock = "SELECT FROM lounges WHERE id = $1 FOR UPDATE"
            runner.run(connection.execute(lock, UUID(lounge_id)))
            try:
                yield
            finally:
                runner.run(connection.close())

    def kill_in_the_middle(self, worker: Server) -> None:
        wait_until("in the middle", lambda: rows(self.url, _WAITING_FOR_THE_LOUNGE))
        assert worker.signal(signal.SIGKILL) == -signal.SIGKILL

    def is_settled(self) -> bool:
        return not rows(self.url, _DUE)


@pytest.fixture
def installation(shared_folder: Path, tmp_path: Path) -> Iterator[Installation]:
    copy_installation(shared_folder, tmp_path / "data")
    installation = Installation(tmp_path / "data")
    try:
        installation.start()
        yield installation
    finally:
        installation.clean_up()


def all_hidden(before: States, author_id: UUID) -> States:
    """What was there, with all that the author's readers saw hidden."""
    return {
        id_: (author, "hidden", True, None)
        if (author, moderation, deleted_at) == (author_id, "visible", None)
        else (author, moderation, mark, deleted_at)
        for id_, (author, moderation, mark, deleted_at) in before.items()
    }


def changed(before: States, after: States) -> int:
    assert before.keys() == after.keys()
    return sum(before[id_] != after[id_] for id_ in before)


def test_the_next_worker_hides_and_shows_exactly_the_rest(installation: Installation) -> None:
    url = installation.api.url
    admin = admin_of(url)
    author, other = (Person(url, name).register() for name in ("花子", "健太"))
    lounges = admin.open_lounge("前"), admin.open_lounge("後")
    other_post = other.publish(lounges[1], "他の人の投稿")["id"]
    asyncio.run(
        add_much_content(
            installation.url, author.id, other.id, lounges=lounges, other_post=other_post,
            posts=POSTS, comments=COMMENTS,
        )
    )  # fmt: skip
    installation.recount()
    before = installation.states()
    hidden = all_hidden(before, UUID(author.id))
    first, second = installation.workers

    with installation.locked(lounges[1]):
        admin.call("PATCH", f"/admin/users/{author.id}", 200, json=HIDE)
        installation.kill_in_the_middle(first)
        # What its last batch had changed is not there.
        assert 0 < changed(before, installation.states()) < changed(before, hidden)
    second.launch()
    wait_until("hidden", installation.is_settled)
    lost = changed(hidden, installation.states())
    installation.recount("--check")

    with installation.locked(lounges[1]):
        admin.call("PATCH", f"/admin/users/{author.id}", 200, json=RESTORE)
        installation.kill_in_the_middle(second)
        assert 0 < changed(hidden, installation.states()) < changed(hidden, before)
    first.launch()
    wait_until("shown again", installation.is_settled)
    lost += changed(before, installation.states())
    installation.recount("--check")

    record_outcome(acknowledged=2 * changed(before, hidden), lost=lost)
    assert lost == 0


def record_outcome(*, acknowledged: int, lost: int) -> None:
    show(
        "faults",
        Outcome(
            name="killed-while-hiding",
            title=Text(
                "停止したユーザーの投稿を隠す途中でワーカーを強制終了",
                "The worker is killed while it hides all that a suspended user wrote",
            ),
            acknowledged=acknowledged,
            lost=lost,
            note=Text(
                "次のワーカーが残りを隠し、解除すると同じものだけが戻る。件数も正しい。",
                "The next worker hides the rest. Its end brings back exactly that;"
                " all counts are right.",
            ),
        ),
    )
