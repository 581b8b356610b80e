"""`linky` for tests that count what it sends: on a busy machine it sends the same."""

from app.live_log import log
from app.start import main
from tests.support.patience import stay_patient
from tests.support.waiting import HANG_SECONDS

PATIENT_PROGRAM = "tests.support.patient_linky:run"


def run() -> None:
    stay_patient()
    # The position is asked for by time: slow requests would each count one more statement.
    log.FRESH_SECONDS = HANG_SECONDS
    main()
