"""An author with phones behind a fake FCM, and the real queue and worker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from app.api import JOBS
from app.integrations.push.fcm import FcmPushSender
from app.jobs.definitions import Pace
from app.jobs.worker import Worker
from tests.support.beside import beside
from tests.support.fcm import FakeFcm
from tests.support.notifications import register_device
from tests.support.waiting import HANG_SECONDS, until
from tests.support.world import World

PACE = Pace(poll=timedelta(seconds=0.2))


class Phones:
    """An author with phones, a reader, and the real queue.

    The fake FCM chooses its answer by the phone's address.
    """

    def __init__(self, world: World, url: str, google: FakeFcm, credentials: Path) -> None:
        self.world = world
        self.url = url
        self.google = google
        self.credentials = credentials
        self.author = self.reader = world.anonymous()
        self.post: dict[str, Any] = {}

    async def open(self) -> None:
        self.author, self.reader = await self.world.member(), await self.world.member()
        self.post = await self.world.post(self.author)

    def restart(self) -> None:
        """Makes a new sender without memory of earlier answers, like a restarted worker."""
        self.world.runtime.push = FcmPushSender(self.credentials, self.google.url)

    async def add(self, *addresses: str, platform: str = "android") -> None:
        for value in addresses:
            await register_device(self.author, f"i-{value}", value, platform=platform)

    async def comment(self) -> dict[str, Any]:
        return await self.world.comment(self.reader, self.post)

    async def rows(self, statement: str) -> list[tuple[Any, ...]]:
        async with beside(self.world.runtime) as db:
            return [tuple(row) for row in await db.driver(statement)]

    async def devices(self) -> set[str]:
        return {value for (value,) in await self.rows("SELECT value FROM user_devices")}

    async def jobs(self) -> list[tuple[str, int, float]]:
        """Status, attempts, and the delay in seconds from the last update until the job is due."""
        return [
            (status, attempts, float(delay))
            for status, attempts, delay in await self.rows(
                "SELECT status::text, attempts, extract(epoch FROM execute_after - updated) "
                "FROM pgqueuer ORDER BY id"
            )
        ]

    async def have_failed(self, count: int) -> bool:
        attempts = [attempts for _, attempts, _ in await self.jobs()]
        return len(attempts) == count and min(attempts) >= 1

    async def make_due(self) -> None:
        async with beside(self.world.runtime) as db:
            await db.execute(
                text("UPDATE pgqueuer SET execute_after = now() WHERE status = 'queued'")
            )

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        worker = Worker(self.url, self.world.runtime.writing, JOBS, [], PACE)
        task = asyncio.create_task(worker.run())
        try:
            yield
        finally:
            worker.stop()
            await asyncio.wait_for(task, HANG_SECONDS)

    async def work(self) -> None:
        """Runs jobs until none is due."""
        async with self.working():
            await until(self.is_idle)

    async def is_idle(self) -> bool:
        due = await self.rows(
            "SELECT id FROM pgqueuer WHERE status = 'picked' "
            "OR (status = 'queued' AND execute_after <= clock_timestamp())"
        )
        return not due

    def sent_to(self) -> list[str]:
        return [message["token"] for message in self.google.sent]
