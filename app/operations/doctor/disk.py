"""From inside: what is left to write on, and what is left if this is gone."""

import shutil
from collections.abc import Sequence
from datetime import timedelta

from anyio import to_thread

from app.operations.backup import BackupError, list_backups, made_at, make_place, read_recipients
from app.operations.doctor.patient import Patient
from app.operations.doctor.results import Result, look, ok, untried, wrong

LITTLE, TOO_LITTLE = 0.15, 0.05
"""Of the disk: worth a look, and wrong."""

OLDEST_BACKUP = timedelta(hours=26)
"""One a night, with its random delay and the time that it takes."""


async def check_disk(patient: Patient) -> Sequence[Result]:
    folder = patient.settings.data_dir.absolute()
    while not folder.exists():
        folder = folder.parent
    usage = await to_thread.run_sync(shutil.disk_usage, folder)
    free = usage.free / usage.total
    words = f"{free:.0%} of {usage.total / 2**30:.0f} GiB are free"
    if free < TOO_LITTLE:
        return [wrong("disk", words, "journalctl --vacuum-size=200M; a larger volume")]
    if free < LITTLE:
        return [look("disk", words, "find out what grows: du -xh --max-depth=2 /")]
    return [ok("disk", words)]


async def check_backups(patient: Patient) -> Sequence[Result]:
    settings, name, section = patient.settings, "backups", 'docs/runbook.md, "Backup"'
    if not settings.backup_to:
        if not settings.is_production:
            return [untried(name, "none are made (LINKY_BACKUP_TO)")]
        return [look(name, "none but the database server's own, if it has any", section)]
    try:
        read_recipients(settings.backup_recipients)
        place = make_place(settings)
        found = list_backups(await to_thread.run_sync(place.names))
    except BackupError as error:
        return [wrong(name, str(error), section)]
    remedy = "journalctl -u linky-backup; systemctl enable --now linky-backup.timer"
    if not found:
        return [wrong(name, f"there is none in {place}", remedy)]
    age = patient.clock() - made_at(found[-1])
    hours = age.total_seconds() / 3600
    if age > OLDEST_BACKUP:
        return [wrong(name, f"the newest is {hours:.0f} h old", remedy)]
    return [ok(name, f"{len(found)} in {place}, the newest {hours:.0f} h old")]
