"""`linky backup`, `backup-key` and `restore`."""

import asyncio
import os
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, Any

import typer
from anyio import to_thread

from app.cli.common import Refusal, read_settings
from app.core.clock import utc_now
from app.core.config import Settings
from app.integrations.storage import StorageError
from app.main import app_version
from app.operations import embedded
from app.operations.backup import (
    BackupError,
    Finding,
    Place,
    check_restored,
    forget_old,
    list_backups,
    made_at,
    make_backup,
    make_place,
    opened_backup,
    read_identities,
    read_recipients,
    restore,
    scratch_database,
    write_new_identity,
)
from app.operations.database_url import database_url, migration_url, url_of_another
from app.runtime.parts import make_storage

EMBEDDED = "embedded"
"""Instead of a server's URL: the PostgreSQL that development uses."""


def backup(
    if_set: Annotated[
        bool, typer.Option("--if-set", help="Do nothing where LINKY_BACKUP_TO is not set.")
    ] = False,
) -> None:
    """Back up: the database, and a list of the objects, encrypted; then forget the oldest."""
    settings = read_settings()
    if if_set and not settings.backup_to:
        typer.echo("No backup is made: LINKY_BACKUP_TO is not set.")
        return
    # Who owns the tables may read and lock them all; the server's own role need not.
    url = migration_url(settings)
    _told(_back_up(settings, url))


def backup_key(
    output: Annotated[Path, typer.Argument(help="Where the secret key is written.")],
) -> None:
    """Make the key that opens backups. Keep its file away from the server, and twice."""
    try:
        public = write_new_identity(output)
    except BackupError as error:
        raise Refusal(str(error)) from None
    typer.echo(f"{output} opens the backups made for it; without it nobody can. Set on the server:")
    typer.echo(f"LINKY_BACKUP_RECIPIENTS={public}")


def restore_(
    name: Annotated[str | None, typer.Argument(help="Which; the newest if left out.")] = None,
    identity: Annotated[Path | None, typer.Option(help="The file of the secret key.")] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Into a scratch database.")] = False,
    into: Annotated[
        str | None,
        typer.Option(help="The URL of the database to fill.", envvar="LINKY_RESTORE_INTO"),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Also if that database is not empty.")
    ] = False,
    server: Annotated[
        str | None,
        typer.Option(
            help="For --verify: the URL of the scratch database's server, if not ours; "
            f"`{EMBEDDED}` is one of this machine's own."
        ),
    ] = None,
    source: Annotated[
        str | None, typer.Option("--from", help="Where backups are, if not in LINKY_BACKUP_TO.")
    ] = None,
    sample: Annotated[int, typer.Option(min=0, help="How many objects are read.")] = 50,
    show: Annotated[bool, typer.Option("--list", help="List the backups.")] = False,
) -> None:
    """Restore a backup and check it: with --verify for practice, with --into for real."""
    settings = read_settings()
    if show:
        _told(_list(settings, source))
        return
    if verify == (into is not None):
        raise Refusal("say either --verify or --into URL (or --list).")
    if identity is None:
        raise Refusal("say --identity FILE: the key of `linky backup-key`.")
    findings = _told(
        _restore(
            settings, name, source, identity,
            into=_url(settings, into, "--into"),
            server=server if server == EMBEDDED else _url(settings, server, "--server"),
            replace=replace, sample=sample,
        )
    )  # fmt: skip
    _report(findings)


def _told[Result](work: Any) -> Any:
    """Run it; what is foreseen is one sentence."""
    try:
        return asyncio.run(work)
    except (BackupError, StorageError, embedded.EmbeddedError) as error:
        raise Refusal(str(error)) from None


def _url(settings: Settings, url: str | None, option: str) -> str | None:
    try:
        return None if url is None else url_of_another(settings, url)
    except ValueError as error:
        raise Refusal(f"{option} {error}.") from None


def _workshop(settings: Settings) -> Path:
    """The folder that the command writes to: the one that systemd gave it, or else the data folder.

    On a host the pictures' folder belongs to the server's user.
    """
    return Path(os.environ.get("STATE_DIRECTORY", settings.data_dir))


async def _back_up(settings: Settings, url: str) -> None:
    place = make_place(settings)
    made = await make_backup(
        url,
        make_storage(settings),
        place,
        read_recipients(settings.backup_recipients),
        workshop=_workshop(settings),
        now=utc_now(),
        version=app_version(),
    )
    typer.echo(
        f"{made.name} is in {place}: {sum(made.facts.tables.values())} rows, "
        f"{made.facts.objects} objects listed, {made.size} bytes."
    )
    gone = await forget_old(place, settings.backup_keep, utc_now())
    if gone:
        typer.echo(f"Removed: {', '.join(gone)}.")


async def _list(settings: Settings, source: str | None) -> None:
    place = make_place(settings, source)
    found = list_backups(await to_thread.run_sync(place.names))
    if not found:
        typer.echo(f"There is none in {place}.")
    for name in found:
        typer.echo(f"{name}  {made_at(name):%Y-%m-%d %H:%M} UTC")


async def _restore(
    settings: Settings,
    name: str | None,
    source: str | None,
    identity: Path,
    *,
    into: str | None,
    server: str | None,
    replace: bool,
    sample: int,
) -> list[Finding]:
    place: Place = make_place(settings, source)
    keys = read_identities(identity)
    # On the machine of a disaster there is none: no server is started for a restore elsewhere.
    live = settings.database_url
    if into is None and server is None:
        live = await to_thread.run_sync(database_url, settings)
    if server == EMBEDDED:
        server = await to_thread.run_sync(embedded.acquire, settings.data_dir)
    async with AsyncExitStack() as stack:
        opened = await stack.enter_async_context(
            opened_backup(place, name, keys, _workshop(settings))
        )
        typer.echo(f"{opened.name}, made by release {opened.facts.linky_version}")
        target = into
        if target is None:
            scratch = scratch_database(server or str(live))
            target = await stack.enter_async_context(scratch)
        await restore(opened, target, replace=replace)
        return await check_restored(
            opened,
            target,
            make_storage(settings),
            live_url=live if live != target else None,
            sample=sample,
            migrate=into is None,
        )


def _report(findings: Sequence[Finding]) -> None:
    for finding in findings:
        typer.echo(f"{'ok    ' if finding.is_right else 'WRONG '} {finding.words}")
    wrong = sum(not finding.is_right for finding in findings)
    if wrong:
        raise Refusal(f"{wrong} of {len(findings)} checks found something wrong; see above.")
