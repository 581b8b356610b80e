"""Checks of the disk and of the backups."""

import shutil
from collections.abc import Sequence
from datetime import timedelta

from anyio import to_thread

from app.operations.backup.encryption import read_recipients
from app.operations.backup.errors import BackupError
from app.operations.backup.places import list_backups, made_at, make_place
from app.operations.doctor.installation import Installation
from app.operations.doctor.results import Result, ok, untried, warning, wrong

LITTLE, TOO_LITTLE = 0.15, 0.05
"""The free share of the disk below which we warn, and below which it is wrong."""

OLDEST_BACKUP = timedelta(hours=26)
"""A day, plus the timer's random delay and the time that a backup takes."""


async def check_disk(installation: Installation) -> Sequence[Result]:
    folder = installation.settings.data_dir.absolute()
    while not folder.exists():
        folder = folder.parent
    usage = await to_thread.run_sync(shutil.disk_usage, folder)
    free = usage.free / usage.total
    words = f"{free:.0%} of {usage.total / 2**30:.0f} GiB are free"
    if free < TOO_LITTLE:
        return [wrong("disk", words, "journalctl --vacuum-size=200M; a larger volume")]
    if free < LITTLE:
        return [warning("disk", words, "find out what grows: du -xh --max-depth=2 /")]
    return [ok("disk", words)]


async def check_backups(installation: Installation) -> Sequence[Result]:
    settings, name, section = installation.settings, "backups", 'docs/operations.md, "Backup"'
    if not settings.backup_to:
        if not settings.is_production:
            return [untried(name, "none are made (LINKY_BACKUP_TO)")]
        return [
            warning(
                name, "none are made, except those of the database server itself, if any", section
            )
        ]
    try:
        read_recipients(settings.backup_recipients)
        place = make_place(settings)
        backups = list_backups(await to_thread.run_sync(place.names))
    except BackupError as error:
        return [wrong(name, str(error), section)]
    remedy = "journalctl -u linky-backup; systemctl enable --now linky-backup.timer"
    if not backups:
        return [wrong(name, f"there is none in {place}", remedy)]
    age = installation.clock() - made_at(backups[-1])
    hours = age.total_seconds() / 3600
    if age > OLDEST_BACKUP:
        return [wrong(name, f"the newest is {hours:.0f} h old", remedy)]
    return [ok(name, f"{len(backups)} in {place}, the newest {hours:.0f} h old")]
