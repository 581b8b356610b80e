"""A patient `linky` with the cheapest password hashes: `python -m tests.support.quick_linky serve`.

A sign-in then takes a tenth, and a machine that stands still for seconds costs no request. It
serves journeys that don't ask how slow a guess has to be, how soon a request is given up, nor how a
process starts: `Server` starts it preloaded (`tests/support/preloaded.py`).
"""

import sys

from app.core.passwords.hashing import PasswordHasher
from app.start import main
from tests.support.patience import stay_patient
from tests.support.people import LOWEST_COST

QUICK_LINKY = (sys.executable, "-m", "tests.support.quick_linky")


def run() -> None:
    PasswordHasher.__init__.__defaults__ = (LOWEST_COST,)
    stay_patient()
    main()


if __name__ == "__main__":
    run()
