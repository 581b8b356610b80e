"""When the last good backup was made: the time of an empty file, which an alarm goes by (ADR 0029).

The alarm's reader runs as another user. To see the time of a file it need not be able to open it.
"""

from contextlib import suppress
from pathlib import Path

FILE = "last-backup"


def expect_backup(folder: Path) -> None:
    """Wait for a backup from now on, unless one was made or tried before.

    So the alarm rings too where all backups fail from the first on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        (folder / FILE).touch(exist_ok=False)


def note_backup(folder: Path) -> None:
    """A backup was made just now."""
    (folder / FILE).touch()


def expect_none(folder: Path) -> None:
    """No backups are wanted."""
    (folder / FILE).unlink(missing_ok=True)
