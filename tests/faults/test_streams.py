"""Open streams while a release hands over to the next, and while the database is away."""

import asyncio
import os
import signal
import socket
import time
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from app.core.texts import Text
from app.operations import embedded
from tests.cluster.parts import Process
from tests.faults.fault_server import House
from tests.faults.following import KEYS, Follower, Writer, following, tokens_of_people
from tests.faults.ledger import judge, seconds_until_served
from tests.support.installation import admin_of, copy_installation
from tests.support.sql import rows
from tests.support.systemd import Manager
from tests.support.waiting import HANG_SECONDS, wait_until

PHONES = 36
AWAY_SECONDS = float(os.environ.get("FAULTS_AWAY_SECONDS", "60"))
"""How long the database is away. Longer than any time-out of ours, by default."""

ENOUGH = 10
"""Comments between two acts."""


def all_follow(followers: Sequence[Follower]) -> None:
    wait_until("all follow", lambda: all(follower.follows for follower in followers))


def more_are_written(writer: Writer) -> None:
    enough = len(writer.written) + ENOUGH
    wait_until("more is written", lambda: len(writer.written) >= enough)


def all_are_told(
    followers: Sequence[Follower], writer: Writer, of_others: Set[str] = frozenset()
) -> None:
    """Every comment of the writer once, in their order, to everyone."""
    last = writer.written[-1]
    wait_until("all are told", lambda: all(last in follower.comments for follower in followers))
    for follower in followers:
        told = [comment for comment in follower.comments if comment not in of_others]
        assert told == writer.written
        assert (follower.cuts, follower.resets) == (0, 0)


@contextmanager
def listening() -> Iterator[socket.socket]:
    """The socket that systemd keeps open, for all releases."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        yield listener


class Release:
    """`linky serve --processes 2`, as its unit starts it."""

    def __init__(self, folder: Path, name: str, listener: socket.socket, url: str) -> None:
        self._manager = Manager(str(folder / f"{name}.notify"))
        self._process = Process(
            folder, name, "serve", "--processes", "2", "--when-ready",
            NOTIFY_SOCKET=str(folder / f"{name}.notify"), LINKY_DATABASE_URL=url,
            LINKY_JWT_KEYS=KEYS, LINKY_WORKER="apart",
        )  # fmt: skip
        self._listener = listener
        self._has_ended = False

    def start(self) -> "Release":
        self._process.start(self._listener)
        self._manager.receive_until("READY=1")
        return self

    def end(self) -> None:
        self._has_ended = True
        self._process.end()

    def clean_up(self) -> None:
        if not self._has_ended:
            self._process.kill()
        self._manager.close()


def test_a_hand_over_ends_each_stream_once_and_loses_no_comment(
    shared_folder: Path, tmp_path: Path
) -> None:
    data_dir = tmp_path / "data"
    copy_installation(shared_folder, data_dir)
    url = embedded.acquire(data_dir)
    with ExitStack() as stack:
        stack.callback(embedded.release, data_dir)
        listener = stack.enter_context(listening())
        port = listener.getsockname()[1]
        old, new = (Release(tmp_path, name, listener, url) for name in ("old", "new"))
        stack.callback(old.clean_up)
        stack.callback(new.clean_up)
        old.start()
        admin = admin_of(f"http://127.0.0.1:{port}")
        post_id = str(admin.publish(admin.open_lounge(), "題")["id"])
        tokens = asyncio.run(tokens_of_people(url, tmp_path, PHONES))
        followers = [Follower(port, token, post_id) for token in tokens]
        writer = Writer(admin, post_id)
        with following(followers):
            all_follow(followers)
            with writer.writing():
                more_are_written(writer)
                new.start()
                more_are_written(writer)
                took = seconds_of_goodbyes(old, followers, 1)
                all_follow(followers)
                more_are_written(writer)
            all_are_told(followers, writer)
            took = max(took, seconds_of_goodbyes(new, followers, 2))
        judge(
            "streams-hand-over",
            Text(
                f"ストリーム {PHONES} 本が開いたまま次のリリースへ交代",
                f"The next release takes over, with {PHONES} open streams",
            ),
            writer.ledger,
            url,
            None,
            Text(
                f"最後のストリームは {took:.1f} 秒で終わった。"
                "届かなかったコメントも、二度届いたコメントもない。",
                f"The last stream ended after {took:.1f} s. Every comment was sent once.",
            ),
        )


def seconds_of_goodbyes(release: Release, followers: Sequence[Follower], times: int) -> float:
    """End a release: each stream of it is told so, once. Returns when the last one was."""
    begun = time.monotonic()
    release.end()
    said = Counter({"deploy": times})
    wait_until("all are told", lambda: all(each.byes == said for each in followers))
    took = time.monotonic() - begun
    # Uvicorn would have waited for them until its time was up, and then have cut them.
    assert not any(each.cuts for each in followers)
    return took


@pytest.fixture
def settings_of_house() -> dict[str, str]:
    return {"LINKY_JWT_KEYS": KEYS}


@pytest.mark.timeout(2 * HANG_SECONDS + AWAY_SECONDS)
def test_streams_outlive_a_database_that_is_away(house: House) -> None:
    tokens = asyncio.run(tokens_of_people(house.url, house.data_dir, PHONES))
    followers = [Follower(house.server.port, token, house.post_id) for token in tokens]
    writer = Writer(house.witness, house.post_id)
    with following(followers):
        all_follow(followers)
        with writer.writing():
            more_are_written(writer)
            stop(house.postmaster)
            back_at = time.monotonic() + AWAY_SECONDS
            wait_until("trouble", lambda: all(each.byes["trouble"] for each in followers))
            wait_until("refusals", lambda: all(each.refusals[503] for each in followers))
            time.sleep(max(0.0, back_at - time.monotonic()))
            house.restart_database()
            seconds = seconds_until_served(house.witness, house.post_id)
            all_follow(followers)
            more_are_written(writer)
        # Others wrote before the streams began, and to find out whether writing works again.
        bodies = list(writer.ledger.attempted)
        others = rows(house.url, "SELECT id FROM comments WHERE NOT body = ANY($1)", bodies)
        all_are_told(followers, writer, {str(comment_id) for (comment_id,) in others})
    for follower in followers:
        assert follower.byes.keys() == {"trouble"}
        assert follower.refusals.keys() == {503}
    judge(
        "streams-database-away",
        Text(
            f"ストリーム {PHONES} 本が開いたままデータベースが {AWAY_SECONDS:.0f} 秒停止",
            f"The database is away for {AWAY_SECONDS:.0f} s, with {PHONES} open streams",
        ),
        writer.ledger,
        house.url,
        seconds,
        Text(
            "ストリームは終わり、戻ったあと続きがすべて一度ずつ届いた。",
            "The streams ended. After it was back, each got all that it lacked, once.",
        ),
    )


def stop(postmaster: int) -> None:
    os.kill(postmaster, signal.SIGQUIT)
    wait_until("stopped", lambda: not Path(f"/proc/{postmaster}/fd").exists())
