"""Opens pages of the console as an admin, in this process, and sees what the database does."""

import html
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import asyncpg
import httpx
import orjson
from fastapi import FastAPI, Response

from app.admin.jobs import count_days, count_numbers
from app.admin.repository.numbers import NumberRepository
from app.admin.service.numbers import LAG
from app.console.gate import keep_signed_in
from app.core.clock import utc_now
from app.core.database import SERVER_SETTINGS
from app.core.pool import ALONG_INDEXES, PLANNED_EACH_TIME
from app.runtime.context import Context
from app.runtime.runtime import Runtime
from app.user.enums import Role
from app.user.policy import Viewer
from bench.console.data import Desk
from bench.console.pages import ConsolePage
from bench.requests.cases import JWT_KEY
from bench.requests.loading import superuser
from bench.requests.servers import cpu_time
from tests.support.apps import SettingsOfTests, borrowed_app, patient_pools
from tests.support.pools import SeenPool
from tests.support.statements import Sent, nodes, statements

_NO_STATEMENT = {"BEGIN", "COMMIT", "ROLLBACK"}
_OF_THE_DRIVER = "pg_catalog"
"""asyncpg looks up the types of a statement once a connection."""

_MORE = re.compile(r'<nav class="more".*?</nav>', re.DOTALL)
_FIELD = re.compile(r'name="(\w+)" value="([^"]*)"')
_BACKENDS = """
    SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    sent: Sent
    """Every statement of the request, that which asks for the session and the admin's standing too.
    BEGIN and COMMIT are none.
    """

    @property
    def next_page(self) -> str | None:
        """The query of the next page; None on the last one."""
        more = _MORE.search(self.text)
        fields = {
            name: html.unescape(value) for name, value in _FIELD.findall(more[0] if more else "")
        }
        return f"?{urlencode(fields)}" if "cursor" in fields else None


class DeskApp:
    """The app on a data set, with one connection in each pool, and an admin's cookie."""

    def __init__(self, app: FastAPI, runtime: Runtime, desk: Desk, database: Any) -> None:
        self._runtime = runtime
        self._database = database
        self.samples = {**desk.samples, "admin": desk.admin_id}
        signed = Response()
        admin = Viewer(desk.admin_id, desk.session_id, Role.ADMIN)
        keep_signed_in(signed, admin, utc_now(), runtime.settings)
        cookie = signed.headers["set-cookie"].partition(";")[0]
        self._http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://test", headers={"Cookie": cookie}
        )

    async def open(self, page: ConsolePage) -> Answer:
        return await self.open_at(page.address(self.samples))

    async def open_at(self, address: str) -> Answer:
        with statements(self._runtime) as sent:
            answer = await self._http.get(address)
        assert answer.status_code == 200, (address, answer.status_code, answer.text)
        asked = [
            (sql, values)
            for sql, values in sent
            if sql.split()[0] not in _NO_STATEMENT and _OF_THE_DRIVER not in sql
        ]
        return Answer(answer.text, asked)

    async def database_time(self) -> int:
        """Nanoseconds that PostgreSQL's processes have worked for this app so far."""
        pids = [row["pid"] for row in await self._database.fetch(_BACKENDS)]
        return sum(cpu_time(pid) or 0 for pid in pids)

    async def plan_of(self, sql: str, values: Sequence[Any]) -> dict[str, Any]:
        """The plan of a read that has run with these values, made as for those who sent it."""
        reads = self._runtime.pools.reads
        assert isinstance(reads, SeenPool)
        plans = ALONG_INDEXES if sql in reads.sent else PLANNED_EACH_TIME
        for name, value in plans.items():
            await self._database.execute(f"SET {name} = {value}")
        await self._database.execute(f"PREPARE asked AS {sql}")
        given = ", ".join(literal(value) for value in values)
        call = f"EXECUTE asked({given})" if values else "EXECUTE asked"
        explained = await self._database.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {call}")
        await self._database.execute("DEALLOCATE asked")
        await self._database.execute("RESET ALL")
        found = explained if isinstance(explained, list) else orjson.loads(explained)
        return dict(found[0]["Plan"])


def rows_read(plan: dict[str, Any]) -> int:
    """The rows of tables and the entries of indexes that a plan has looked at, wanted or not."""
    return round(sum(_rows_of(node) for node in nodes(plan)))


def _rows_of(node: dict[str, Any]) -> float:
    if "Relation Name" not in node and node["Node Type"] != "Bitmap Index Scan":
        return 0
    removed = sum(number for name, number in node.items() if name.startswith("Rows Removed by"))
    return float((node["Actual Rows"] + removed) * node["Actual Loops"])


def literal(value: Any) -> str:
    """A value as SQL."""
    match value:
        case None:
            return "NULL"
        case list():
            # A string: as an array of strings it would not become an array of ids.
            return literal("{" + ",".join(f'"{item}"' for item in value) + "}")
        case bytes():
            return f"'\\x{value.hex()}'"
    return "'" + str(value).replace("'", "''") + "'"


async def _count(runtime: Runtime, job: Callable[[Context], Awaitable[None]]) -> datetime:
    """Run a job of the numbers. Returns until when all is counted."""
    async with runtime.writing() as ctx:
        await job(ctx)
        return await NumberRepository(ctx.db).lock_counted()


@asynccontextmanager
async def serving(desk: Desk) -> AsyncIterator[DeskApp]:
    settings = SettingsOfTests(
        jwt_keys=(JWT_KEY,), rate_limits="off", public_url="http://test", database_url=desk.url
    )
    runtime = Runtime.build(settings, desk.url)
    runtime.pools = patient_pools(desk.url, size=1)
    # What the worker does each hour and each few minutes: the data may be from another day.
    now = utc_now()
    counted = await _count(runtime, count_days)
    while counted < now - LAG:
        counted = await _count(runtime, count_numbers)
    with borrowed_app("desk", runtime) as app:
        database = await asyncpg.connect(superuser(desk.url), server_settings=SERVER_SETTINGS)
        try:
            yield DeskApp(app, runtime, desk, database)
        finally:
            await database.close()
            await runtime.close()
