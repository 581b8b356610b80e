"""`linky records`: searches the connection log, for authorities with a legal request."""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from textwrap import indent
from typing import Annotated, Any
from uuid import UUID

import orjson
import typer

from app.admin.service.terminal import TerminalService
from app.cli.common import CommandError, on_database, terminal_user
from app.connection_log.rows import ConnectionRow
from app.connection_log.service import ConnectionLogService
from app.core.keyset import FIRST_ID
from app.runtime.runtime import Runtime

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HEADINGS = ("time (UTC)", "act", "of", "address", "port", "user", "id")


def records(
    of: Annotated[
        str,
        typer.Argument(help="The ID or URL of a post, comment, image, lounge request or user."),
    ],
    reason: Annotated[
        str, typer.Option("--reason", help="Why you search. The audit log records it.")
    ],
    all_of_author: Annotated[
        bool,
        typer.Option(
            "--all-of-author", help="Also everything else from that author, sign-ins included."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find the address from which something was posted.

    Shows time, address and port of posts and sign-ins. The audit log records who searched, for
    what, and why.
    """
    subject_id = _id_in(of)
    if not reason.strip():
        raise CommandError("give a reason with --reason, such as the court's file number.")

    async def find(runtime: Runtime) -> None:
        # The search is in the audit log before a record is shown.
        async with runtime.writing() as ctx:
            about = await TerminalService(ctx, terminal_user()).search_records(
                subject_id, reason.strip(), all_of_author=all_of_author
            )
        pages = _pages(runtime, about)
        if as_json:
            await _print_json(pages)
        elif not await _print_table(pages):
            days = runtime.settings.records_days
            typer.echo(f"Nothing found. Connection logs are erased after {days} days.")

    on_database(find)


async def _pages(runtime: Runtime, about: UUID) -> AsyncIterator[Sequence[ConnectionRow]]:
    """Yields page by page: only one page is in memory."""
    after_id = FIRST_ID
    while True:
        async with runtime.reading() as ctx:
            page = await ctx.service(ConnectionLogService).list_page(about, after_id)
        if not page:
            return
        yield page
        after_id = page[-1].id


def _id_in(text: str) -> UUID:
    """The last id in a text: only an id, or a link that ends with `/posts/ID`."""
    ids = _ID.findall(text.lower())
    if not ids:
        raise CommandError("this contains no ID; give one, or the URL of a post.")
    return UUID(ids[-1])


def _described(row: ConnectionRow) -> dict[str, Any]:
    return {name: value for name, value in asdict(row).items() if name != "id"}


def _cells(row: ConnectionRow) -> tuple[str, ...]:
    time = row.created_at.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
    values = (row.act, row.subject_type, row.address, row.port, row.user_id, row.subject_id)
    return (time, *("-" if value is None else str(value) for value in values))


async def _print_json(pages: AsyncIterator[Sequence[ConnectionRow]]) -> None:
    """Prints one list while its pages are read."""
    before = "[\n"
    async for page in pages:
        for row in page:
            # The driver has a UUID class of its own, which orjson does not know.
            item = orjson.dumps(_described(row), default=str, option=orjson.OPT_INDENT_2).decode()
            typer.echo(before + indent(item, "  "), nl=False)
            before = ",\n"
    typer.echo("\n]" if before == ",\n" else "[]")


async def _print_table(pages: AsyncIterator[Sequence[ConnectionRow]]) -> bool:
    """Print a table as wide as its first page needs. Returns False if there is none."""
    widths: list[int] = []
    async for page in pages:
        rows = [_cells(row) for row in page]
        if not widths:
            columns = zip(_HEADINGS, *rows, strict=True)
            widths = [max(len(cell) for cell in column) for column in columns]
            rows.insert(0, _HEADINGS)
        for row in rows:
            padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            typer.echo("  ".join(padded).rstrip())
    return bool(widths)
