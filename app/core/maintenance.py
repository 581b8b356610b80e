"""What the worker tidies up in core by the clock."""

from app.core.idempotency import forget_old_answers
from app.core.jobs import Periodic

PERIODICS = [Periodic("idempotency.forget_old_answers", "37 * * * *", forget_old_answers)]
