"""`linky doctor`: checks a running installation from inside and from outside.

It says what is right, what is wrong, and what to do about it. It leaves nothing changed behind.
A check is a function that takes an `Installation` and returns results. An error that a check did
not expect becomes a result too.
"""

from app.operations.doctor.installation import Installation, open_installation
from app.operations.doctor.results import Result, Verdict
from app.operations.doctor.runner import INSTALLATION_CHECKS, STORE_CHECKS, run_checks

__all__ = [
    "INSTALLATION_CHECKS",
    "STORE_CHECKS",
    "Installation",
    "Result",
    "Verdict",
    "open_installation",
    "run_checks",
]
