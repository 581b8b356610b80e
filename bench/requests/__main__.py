"""`make bench`: compare Linky with the limit and the usual way. It needs Linux."""

import argparse
import asyncio
import os
import sys
from pathlib import Path

from app.operations import embedded
from bench.checkout import checkout
from bench.document import FOLDER, ROOT, commit, git
from bench.requests.cases import CASES, Asker
from bench.requests.community import ensure_made, prepare_run
from bench.requests.loading import version_of
from bench.requests.measure import CONNECTIONS, count_calls, measure
from bench.requests.report import Run, print_table, write_document
from bench.requests.servers import Plan, plan_limit, plan_linky, plan_usual, running


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--scale", type=float, default=1.0, help="1 is a million posts and two million comments"
    )
    parser.add_argument("--rounds", type=int, default=5, help="rounds that count")
    parser.add_argument(
        "--share", type=float, default=1.0, help="of the usual number of requests in a burst"
    )
    parser.add_argument(
        "--connections", type=int, default=CONNECTIONS, help="requests at the same time"
    )
    parser.add_argument("--against", metavar="REV", help="measure Linky of this commit too")
    parser.add_argument("--case", action="append", help="only this case; may be repeated")
    parser.add_argument(
        "--write", action="store_true", help="write the figures into docs/performance.md"
    )
    return parser.parse_args()


async def run_all(arguments: argparse.Namespace, server: str, other: Path | None) -> Run:
    load, _, _ = os.getloadavg()
    url = await ensure_made(server, ROOT, sys.executable, arguments.scale)
    plans = [plan_limit(url), plan_usual(url), plan_linky(url)]
    if other is not None:
        plans.append(await _plan_other(server, other, arguments.scale, arguments.against))
    cases = [case for case in CASES if not arguments.case or case.name in arguments.case]
    if not cases:
        raise SystemExit(f"the cases are: {', '.join(case.name for case in CASES)}")
    databases = dict.fromkeys(plan.url for plan in plans)
    askers = {address: Asker(await prepare_run(address)) for address in databases}
    async with running(plans, FOLDER) as servers:
        results = await measure(
            servers,
            cases,
            askers,
            rounds=arguments.rounds,
            share=arguments.share,
            connections=arguments.connections,
        )
    async with running(plans, FOLDER, counted=True) as servers:
        await count_calls(servers, cases, askers, results)
    return Run(
        arguments.scale,
        arguments.rounds,
        commit(),
        await version_of(url),
        load,
        [plan.name for plan in plans],
        cases,
        results,
    )


async def _plan_other(server: str, tree: Path, scale: float, revision: str) -> Plan:
    programs = tree / ".venv" / "bin"
    url = await ensure_made(server, tree, str(programs / "python"), scale)
    return plan_linky(url, programs, f"Linky {git('rev-parse', '--short', revision)}")


def main() -> None:
    arguments = parsed()
    if sys.platform != "linux":
        raise SystemExit("The benchmark reads the CPU clocks of other processes: it needs Linux.")
    server = embedded.acquire(FOLDER)
    try:
        with checkout(arguments.against) as other:
            run = asyncio.run(run_all(arguments, server, other))
    finally:
        embedded.release()
    print_table(run)
    if arguments.write:
        write_document(run)
    if run.results.failures:
        raise SystemExit("some requests were not answered as expected")


if __name__ == "__main__":
    main()
