"""`linky doctor`: looks at a running installation, from inside and from outside, and says what is
right, what is wrong, and what to do about it. It changes nothing that stays.

A check is a function of a `Patient` that returns its results. What it can't foresee is one, too.
"""

from app.operations.doctor.examination import INSTALLATION, STORES, examine
from app.operations.doctor.patient import Patient, patient_of
from app.operations.doctor.results import Result, Verdict

__all__ = ["INSTALLATION", "STORES", "Patient", "Result", "Verdict", "examine", "patient_of"]
