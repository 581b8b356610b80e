"""The log of what changed, in the order in which changes became visible (ADR 0075).

A unit of work says what it changed (`Context.changed`), and commits that with the change itself.
`LiveLog` reads the log. It knows ids and kinds only: what a change looks like to whom is the
knowledge of `app/live`.
"""

from app.live_log.changes import EVERYONE, Change, Kind, Logged
from app.live_log.inbox import change, logged, write_changes
from app.live_log.log import CATCH_UP, Cursor, LiveLog, State, Stretch, cursor_of
from app.live_log.nudge import Nudge

__all__ = [
    "CATCH_UP",
    "EVERYONE",
    "Change",
    "Cursor",
    "Kind",
    "LiveLog",
    "Logged",
    "Nudge",
    "State",
    "Stretch",
    "change",
    "cursor_of",
    "logged",
    "write_changes",
]
