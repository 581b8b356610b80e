"""`linky records`: finds connection records, for authorities that may ask for them by law."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

import orjson
import typer

from app.admin.service import TerminalService
from app.cli.common import Refusal, on_database, terminal_user
from app.record.rows import RecordRow
from app.runtime.runtime import Runtime

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HEADINGS = ("time (UTC)", "act", "of", "address", "port", "user", "id")


def records(
    of: Annotated[
        str,
        typer.Argument(help="The id or address of a post, comment, image, lounge request or user."),
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
        raise Refusal("say why you search: --reason, such as the court's file number.")

    async def find(runtime: Runtime) -> tuple[Sequence[RecordRow], int]:
        async with runtime.unit_of_work() as ctx:
            service = TerminalService(ctx, terminal_user())
            found = await service.find_records(
                subject_id, reason.strip(), all_of_author=all_of_author
            )
        return found, runtime.settings.records_days

    found, days = on_database(find)
    if as_json:
        described = [_described(row) for row in found]
        # The driver has a UUID class of its own, which orjson does not know.
        typer.echo(orjson.dumps(described, default=str, option=orjson.OPT_INDENT_2))
    elif found:
        _print_table([_cells(row) for row in found])
    else:
        typer.echo(f"There are none. They are erased after {days} days.")


def _id_in(text: str) -> UUID:
    """The last id in a text: an id alone, or a link that ends with `/posts/ID`."""
    ids = _ID.findall(text.lower())
    if not ids:
        raise Refusal("this holds no id; give one, or the address of a post.")
    return UUID(ids[-1])


def _described(row: RecordRow) -> dict[str, Any]:
    return {name: value for name, value in asdict(row).items() if name != "id"}


def _cells(row: RecordRow) -> tuple[str, ...]:
    time = row.created_at.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
    values = (row.act, row.subject_type, row.address, row.port, row.user_id, row.subject_id)
    return (time, *("-" if value is None else str(value) for value in values))


def _print_table(rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(len(cell) for cell in column) for column in zip(_HEADINGS, *rows, strict=True)]
    for row in (_HEADINGS, *rows):
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo("  ".join(padded).rstrip())
