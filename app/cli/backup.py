"""`linky backup`, `backup-key` and `restore`."""

import asyncio
import os
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from anyio import to_thread

from app.cli.common import CommandError, read_settings
from app.core.clock import utc_now
from app.core.settings.config import Settings
from app.core.version import app_version
from app.integrations.storage.base import StorageError
from app.operations import embedded
from app.operations.backup.checking import Finding, check_restored
from app.operations.backup.encryption import read_identities, read_recipients, write_new_identity
from app.operations.backup.errors import BackupError
from app.operations.backup.last_made import expect_backup, expect_none, note_backup
from app.operations.backup.making import make_backup, remove_old
from app.operations.backup.places import list_backups, made_at, make_place
from app.operations.backup.restoring import open_backup, restore, scratch_database
from app.operations.database_url import database_url, migration_url, url_of_another
from app.operations.embedded.errors import EmbeddedError
from app.runtime.factories import make_storage

EMBEDDED = "embedded"
"""A value of --server: the PostgreSQL that development uses."""

NameArgument = Annotated[
    str | None, typer.Argument(help="The backup's name. With --verify the newest one by default.")
]
IntoOption = Annotated[
    str | None,
    typer.Option(
        envvar="LINKY_RESTORE_INTO",
        help="The URL of the database to fill. In the variable its password is not shown.",
    ),
]
ServerOption = Annotated[
    str | None,
    typer.Option(
        envvar="LINKY_RESTORE_SERVER",
        help="With --verify: the URL of a database on the server that is to hold the scratch "
        f"database; `{EMBEDDED}` starts a server on this machine.",
    ),
]


@dataclass(frozen=True, slots=True)
class RestoreOptions:
    """The options of `linky restore`. `into` and `server` are URLs of databases."""

    name: str | None
    source: str | None
    identity: Path
    into: str | None
    server: str | None
    replace: bool
    sample: int


def backup(
    if_set: Annotated[
        bool, typer.Option("--if-set", help="Do nothing if LINKY_BACKUP_TO is not set.")
    ] = False,
) -> None:
    """Make an encrypted backup, and remove old ones.

    A backup has the database and the list of the images, not the images themselves.
    """
    settings = read_settings()
    if if_set and not settings.backup_to:
        _keep_time(expect_none, settings)
        typer.echo("No backup is made: LINKY_BACKUP_TO is not set.")
        return
    if settings.backup_to and settings.backup_recipients:
        _keep_time(expect_backup, settings)
    # The owner of the tables may read and lock all of them. The server's own role may not.
    url = migration_url(settings)
    _run(_back_up(settings, url))


def backup_key(
    output: Annotated[Path, typer.Argument(help="The file for the secret key.")],
) -> None:
    """Make a key pair for backups.

    Store two copies of the file, away from the server.
    """
    try:
        public = write_new_identity(output)
    except BackupError as error:
        raise CommandError(str(error)) from None
    typer.echo(f"Only {output} opens the backups made for it. Set on the server:")
    typer.echo(f"LINKY_BACKUP_RECIPIENTS={public}")


def restore_(
    name: NameArgument = None,
    identity: Annotated[Path | None, typer.Option(help="The file of the secret key.")] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Restore into a scratch database, to check the backup.")
    ] = False,
    into: IntoOption = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace everything in the schema `public`.")
    ] = False,
    server: ServerOption = None,
    source: Annotated[
        str | None,
        typer.Option("--from", help="Where the backups are, if not in LINKY_BACKUP_TO."),
    ] = None,
    sample: Annotated[int, typer.Option(min=0, help="How many objects to read and compare.")] = 50,
    show: Annotated[bool, typer.Option("--list", help="List the backups.")] = False,
) -> None:
    """Restore a backup and check it.

    Take --verify to try it out, and --into with the backup's name to fill a database. All sessions
    end, so every user signs in again.
    """
    settings = read_settings()
    if show:
        _run(_list(settings, source))
        return
    if verify == (into is not None):
        raise CommandError("choose either --verify or --into URL (or --list).")
    if into is not None and name is None:
        # The newest one may be of the damaged database, made to have it as it was.
        raise CommandError("name the backup, as `linky restore --list` shows it.")
    if identity is None:
        raise CommandError("add --identity FILE: the key of `linky backup-key`.")
    options = RestoreOptions(
        name=name,
        source=source,
        identity=identity,
        into=_url(settings, into, "--into"),
        server=server if server == EMBEDDED else _url(settings, server, "--server"),
        replace=replace,
        sample=sample,
    )
    _report(_run(_restore(settings, options)))


def _run[Result](work: Coroutine[Any, Any, Result]) -> Result:
    """Turns expected errors into a Refusal."""
    try:
        return asyncio.run(work)
    except (BackupError, StorageError, EmbeddedError) as error:
        raise CommandError(str(error)) from None


def _url(settings: Settings, url: str | None, option: str) -> str | None:
    try:
        return None if url is None else url_of_another(settings, url)
    except ValueError as error:
        raise CommandError(f"{option} {error}.") from None


def _work_folder(settings: Settings) -> Path:
    """The folder for unfinished files: the one from systemd if there is one, or the data folder.

    On a host the data folder belongs to the server's user, and backups run as another user.
    """
    return Path(os.environ.get("STATE_DIRECTORY", settings.data_dir))


def _keep_time(change: Callable[[Path], None], settings: Settings) -> None:
    """Runs `change` on the alarm's file. If that fails, the backup is made all the same."""
    folder = _work_folder(settings)
    try:
        change(folder)
    except OSError as error:
        typer.echo(f"The time of the last backup can't be kept in {folder} ({error.strerror}).")


async def _back_up(settings: Settings, url: str) -> None:
    place = make_place(settings)
    made = await make_backup(
        url,
        make_storage(settings),
        place,
        read_recipients(settings.backup_recipients),
        work_folder=_work_folder(settings),
        now=utc_now(),
        version=app_version(),
    )
    _keep_time(note_backup, settings)
    typer.echo(
        f"{made.name} is in {place}: {sum(made.facts.tables.values())} rows, "
        f"{made.facts.objects} objects listed, {made.size} bytes."
    )
    removed = await remove_old(place, settings.backup_keep, utc_now())
    if removed:
        typer.echo(f"Removed: {', '.join(removed)}.")


async def _list(settings: Settings, source: str | None) -> None:
    place = make_place(settings, source)
    names = list_backups(await to_thread.run_sync(place.names))
    if not names:
        typer.echo(f"There are no backups in {place}.")
    for name in names:
        typer.echo(f"{name}  {made_at(name):%Y-%m-%d %H:%M} UTC")


async def _restore(settings: Settings, options: RestoreOptions) -> list[Finding]:
    place = make_place(settings, options.source)
    identities = read_identities(options.identity)
    live, server = await _servers(settings, options)
    async with AsyncExitStack() as stack:
        opened = await stack.enter_async_context(
            open_backup(place, options.name, identities, _work_folder(settings))
        )
        typer.echo(f"{opened.name}, made by release {opened.facts.linky_version}")
        target = options.into
        if target is None:
            target = await stack.enter_async_context(scratch_database(server or str(live)))
        await restore(opened, target, replace=options.replace)
        return await check_restored(
            opened,
            target,
            make_storage(settings),
            live_url=live if live != target else None,
            sample=options.sample,
            migrate=options.into is None,
        )


async def _servers(settings: Settings, options: RestoreOptions) -> tuple[str | None, str | None]:
    """The URL of the database in use, if there is one, and that of the server for --verify.

    After a disaster there may be no database in use. So the embedded server of this machine is
    started only if the scratch database is to be on it.
    """
    live = settings.database_url
    if options.into is None and options.server is None:
        live = await to_thread.run_sync(database_url, settings)
    if options.server == EMBEDDED:
        return live, await to_thread.run_sync(embedded.acquire, settings.data_dir)
    return live, options.server


def _report(findings: Sequence[Finding]) -> None:
    for finding in findings:
        typer.echo(f"{'ok    ' if finding.is_right else 'WRONG '} {finding.words}")
    wrong = sum(not finding.is_right for finding in findings)
    if wrong:
        raise CommandError(f"{wrong} of {len(findings)} checks failed; see above.")
