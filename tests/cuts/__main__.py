"""`./dev python -m tests.cuts --cuts 1000`: two servers that are ended meanwhile; prints a line.

`--seed 41` repeats the choices of a run, though not its timing.
"""

import argparse
import asyncio
import secrets
import sys
import tempfile
from pathlib import Path

from app.core.logging import configure_logging
from app.operations import embedded
from tests.cuts.simulation import simulate
from tests.support.database import fresh_database, template_url
from tests.support.world import token


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.cuts", description=__doc__)
    parser.add_argument("--cuts", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0, help="0 takes a random seed")
    parser.add_argument("--broken", action="store_true", help="apps that lose changes: found out?")
    options = parser.parse_args()
    seed = options.seed or secrets.randbelow(1_000_000)
    configure_logging("error", as_json=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            with fresh_database(template_url(folder / "postgres"), f"cuts_{token()}") as url:
                outcome = asyncio.run(
                    simulate(url, folder, options.cuts, seed, kills=True, is_broken=options.broken)
                )
        finally:
            embedded.release()
    print(f"seed {seed}: {outcome}")
    print(*outcome.differences[:20], sep="\n")
    is_whole = not outcome.differences and not outcome.doubled
    return 0 if is_whole is not options.broken else 1


if __name__ == "__main__":
    sys.exit(main())
