"""`make bench-search`: what a search costs among a million posts. It needs Linux."""

import argparse
import asyncio
import os
import sys

from app.operations import embedded
from bench.document import FOLDER, ROOT, commit, machine
from bench.requests.cases import TERMS
from bench.requests.loading import version_of
from bench.search.community import ensure_written, places_in
from bench.search.measure import columns_of, measure_all, sizes_of
from bench.search.report import Run, print_report, write_document


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-search", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="1 is a million posts")
    parser.add_argument("--term", action="append", help="only this term; may be repeated")
    parser.add_argument(
        "--write", action="store_true", help="write the figures into docs/performance.md"
    )
    return parser.parse_args()


async def run_all(server: str, scale: float, terms: list[str]) -> Run:
    load, _, _ = os.getloadavg()
    url = await ensure_written(server, ROOT, sys.executable, scale)
    sizes = await sizes_of(url)
    places = await places_in(url)
    results = await measure_all(url, places, terms)
    about = f"{sizes.posts:,} posts, commit {commit()}. {machine(await version_of(url), load)}."
    columns = [column.name for column in columns_of(places)]
    return Run(about, terms, columns, results, sizes)


def main() -> None:
    arguments = parsed()
    if sys.platform != "linux":
        raise SystemExit("The benchmark reads the CPU clocks of other processes: it needs Linux.")
    server = embedded.acquire(FOLDER)
    try:
        run = asyncio.run(run_all(server, arguments.scale, arguments.term or list(TERMS)))
    finally:
        embedded.release()
    print_report(run)
    if arguments.write:
        write_document(run)


if __name__ == "__main__":
    main()
