"""`./dev python -m tests.states --minutes 10`: one seed after the other until the time is up.

`--seed 41` begins with that seed. `--seed 41 --times 20` repeats it, and no other.
`--without leave` leaves an act out, while a defect that it finds waits to be mended.
"""

import argparse
import os
import subprocess
import sys

from tests.states.story import ALL_ACTS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.states", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0, help="0 takes one by chance")
    parser.add_argument("--times", type=int, default=0, help="how often to repeat the seed")
    parser.add_argument(
        "--without", action="append", default=[], choices=sorted(one.name for one in ALL_ACTS)
    )
    asked = parser.parse_args()
    if asked.times and not asked.seed:
        parser.error("--times needs --seed")
    os.environ |= {
        "STATES_SECONDS": str(asked.minutes * 60),
        "STATES_SEED": str(asked.seed),
        "STATES_TIMES": str(asked.times),
        "STATES_WITHOUT": " ".join(asked.without),
    }
    # In a process of its own: pytest complains of what was imported before it began.
    pytest = [sys.executable, "-m", "pytest", "-n", "0", "-q", "tests/states/test_states.py"]
    return subprocess.call(pytest)


if __name__ == "__main__":
    sys.exit(main())
