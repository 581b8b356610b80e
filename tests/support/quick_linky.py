"""`linky` with the cheapest password hashes: `python -m tests.support.quick_linky serve`.

A sign-in then takes a tenth. It serves journeys that don't ask how slow a guess has to be, nor how
a process starts: `Server` starts it preloaded (`tests/support/preloaded.py`).
"""

import sys

from app.core.passwords.hashing import PasswordHasher
from app.start import main
from tests.support.people import LOWEST_COST

QUICK_LINKY = (sys.executable, "-m", "tests.support.quick_linky")


def run() -> None:
    PasswordHasher.__init__.__defaults__ = (LOWEST_COST,)
    main()


if __name__ == "__main__":
    run()
