"""`make bench-pooled`: what PgBouncer costs in a request.

Two servers use the same database, one of them through PgBouncer. Both get the same bursts in turns,
and the CPU time of server, PostgreSQL and PgBouncer is counted. It prints a table, and the ratio.
"""

import argparse
import asyncio
import random
import statistics
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg
from sqlalchemy import make_url

from app.operations import embedded
from app.operations.database_roles import Login, make_pool_roles, pool_logins
from bench.document import FOLDER, ROOT
from bench.requests.cases import CASES, Asker, Case
from bench.requests.client import send_burst
from bench.requests.community import ensure_made, prepare_run
from bench.requests.loading import superuser
from bench.requests.measure import CONNECTIONS
from bench.requests.servers import Plan, Server, cpu_time, plan_linky, running
from tests.support.pgbouncer import PgBouncer, pgbouncer, pgbouncer_program

DIRECT, POOLED = "direct", "pooled"
ROLE = "bench_pooled"
NAMES = ("home feed", "one post", "comments", "unread count", "search", "like", "comment")
HEAD = (
    f"{'':14}{'direct, µs':>22}{'with PgBouncer, µs':>31}\n"
    f"{'':14}{'server':>11}{'PostgreSQL':>11}{'server':>11}{'PostgreSQL':>11}{'PgBouncer':>10}"
    f"{'ratio':>7}"
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds of CPU time for a request."""

    server: float
    database: float
    pooler: float = 0.0

    @property
    def total(self) -> float:
        return self.server + self.database + self.pooler


@dataclass
class Side:
    """A server, the roles of its connections, and the pooler that it uses, if any."""

    server: Server
    roles: Sequence[str]
    pooler: PgBouncer | None = None
    _backends: dict[int, int] = field(default_factory=dict)

    async def cost_of(self, case: Case, asker: Asker, number: int, share: float) -> Cost:
        """That of a burst: round `number`, with a `share` of the usual size."""
        requests = case.requests(asker, self.server.name, number, share)
        before = await self._times()
        await send_burst(self.server.port, requests, CONNECTIONS)
        after = await self._times()
        return Cost(*((b - a) / 1000 / len(requests) for a, b in zip(before, after, strict=True)))

    async def _times(self) -> tuple[int, int, int]:
        """Nanoseconds that server, PostgreSQL and pooler have worked so far."""
        pids = await self.server.database.fetch(
            "SELECT pid FROM pg_stat_activity WHERE usename = ANY($1)", list(self.roles)
        )
        for (pid,) in pids:
            self._backends[pid] = cpu_time(pid) or self._backends.get(pid, 0)
        pooler = (cpu_time(self.pooler.pid) or 0) if self.pooler else 0
        return self.server.own_time(), sum(self._backends.values()), pooler


@asynccontextmanager
async def both_sides(url: str) -> AsyncIterator[list[Side]]:
    login = await make_login(url)
    users = [user for user, _ in pool_logins(login)]
    direct = make_url(url).set(username=login.name)
    with pgbouncer(make_url(superuser(url)), users) as pooler:
        settings = {
            "LINKY_DATABASE_POOLED": "1",
            "LINKY_DATABASE_URL": pooler.url(direct),
            "LINKY_DIRECT_DATABASE_URL": direct.render_as_string(hide_password=False),
        }
        plain = plan_linky(url, name=DIRECT)
        plans = [plain, Plan(POOLED, url, plain.command, plain.worker, settings)]
        async with running(plans, FOLDER / "pooled") as (first, second):
            names = [user.name for user in users]
            yield [Side(first, [first.role]), Side(second, names, pooler)]


async def make_login(url: str) -> Login:
    """A server's role, and those of its pools."""
    login = Login(ROLE, str(make_url(url).password))
    master = await asyncpg.connect(superuser(url))
    try:
        if not await master.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", ROLE):
            await master.execute(f"CREATE ROLE {ROLE} LOGIN IN ROLE linky")
        await master.execute(f"ALTER ROLE {ROLE} PASSWORD '{login.password}'")
        await make_pool_roles(master, login)
    finally:
        await master.close()
    return login


type Costs = dict[str, dict[str, list[Cost]]]
"""By case and side, a cost for each round."""


async def measure(sides: Sequence[Side], asker: Asker, rounds: int, share: float) -> Costs:
    """Ask both sides for each case, in a random order. The first round does not count."""
    cases = [case for case in CASES if case.name in NAMES]
    costs: Costs = {case.name: {DIRECT: [], POOLED: []} for case in cases}
    for number in range(-1, rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr, flush=True)
        chance = random.Random(number)
        for case in chance.sample(cases, len(cases)):
            for side in chance.sample(sides, len(sides)):
                cost = await side.cost_of(case, asker, number, share)
                if number >= 0:
                    costs[case.name][side.server.name].append(cost)
    return costs


def ratio_of(costs: Mapping[str, Sequence[Cost]]) -> float:
    """What a request costs with PgBouncer, as a share of what it costs without: by rounds."""
    pairs = zip(costs[POOLED], costs[DIRECT], strict=True)
    return statistics.median(pooled.total / direct.total for pooled, direct in pairs)


def lines_of(costs: Costs) -> list[str]:
    lines = [HEAD]
    for name, sides in costs.items():
        figures = [
            statistics.median(getattr(cost, part) for cost in sides[side])
            for side, part in (
                *((DIRECT, part) for part in ("server", "database")),
                *((POOLED, part) for part in ("server", "database", "pooler")),
            )
        ]
        columns = "".join(
            f"{figure:{width}.0f}"
            for figure, width in zip(figures, (11, 11, 11, 11, 10), strict=True)
        )
        lines.append(f"{name:14}{columns}{ratio_of(sides):7.2f}")
    overall = statistics.geometric_mean(ratio_of(sides) for sides in costs.values())
    return [*lines, f"With PgBouncer a request costs {overall:.2f} times as much CPU time."]


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-pooled", description=__doc__)
    parser.add_argument("--scale", type=float, default=0.02, help="1 is a million posts")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--share", type=float, default=1.0, help="of the usual bursts")
    return parser.parse_args()


async def run(arguments: argparse.Namespace, database_server: str) -> Costs:
    url = await ensure_made(database_server, ROOT, sys.executable, arguments.scale)
    asker = Asker(await prepare_run(url))
    async with both_sides(url) as sides:
        return await measure(sides, asker, arguments.rounds, arguments.share)


def main() -> None:
    arguments = parsed()
    if pgbouncer_program() is None:
        raise SystemExit("install pgbouncer (apt-get install pgbouncer)")
    server = embedded.acquire(FOLDER)
    try:
        costs = asyncio.run(run(arguments, server))
    finally:
        embedded.release()
    print("\n".join(lines_of(costs)))


if __name__ == "__main__":
    main()
