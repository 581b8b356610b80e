"""When the last good backup was made: an alarm reads the time of an empty file (ADR 0028).

The alarm's reader runs as another user, who can see the time of a file without opening it.
"""

from contextlib import suppress
from pathlib import Path

FILE = "last-backup"


def expect_backup(folder: Path) -> None:
    """Starts the alarm's time, unless a backup was made or tried before.

    So the alarm also rings where every backup has failed since the first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        (folder / FILE).touch(exist_ok=False)


def note_backup(folder: Path) -> None:
    (folder / FILE).touch()


def expect_none(folder: Path) -> None:
    (folder / FILE).unlink(missing_ok=True)
