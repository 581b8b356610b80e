"""`./dev python -m tests.states --minutes 10`: one seed after the other until the time is up.

`--seed 41` begins with that seed. `--seed 41 --times 20` repeats only that seed.
`--without leave` leaves an action out, for example until a defect that it finds is fixed.
"""

import argparse
import os
import subprocess
import sys

from tests.states.simulation import ALL_ACTIONS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.states", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0, help="0 takes a random seed")
    parser.add_argument("--times", type=int, default=0, help="how often to repeat the seed")
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        choices=sorted(action.name for action in ALL_ACTIONS),
    )
    options = parser.parse_args()
    if options.times and not options.seed:
        parser.error("--times needs --seed")
    os.environ |= {
        "NIGHT": "1",
        **({"SEED": str(options.seed)} if options.seed else {}),
        "STATES_SECONDS": str(options.minutes * 60),
        "STATES_TIMES": str(options.times),
        "STATES_WITHOUT": " ".join(options.without),
    }
    # In a separate process: pytest warns about modules that were imported before it started.
    # The seeds are one test, which takes as long as was asked for.
    pytest = [sys.executable, "-m", "pytest", "-n", "0", "-q", "--timeout", "0"]
    return subprocess.call([*pytest, "tests/states/test_states.py"])


if __name__ == "__main__":
    sys.exit(main())
