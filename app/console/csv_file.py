"""Tables as CSV, which a spreadsheet opens as they are (RFC 4180)."""

import csv
import io
from collections.abc import Iterable, Sequence

BOM = "\ufeff"
"""Without it a Japanese Excel reads UTF-8 as Shift JIS."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell that begins with one of these is a formula, or becomes one. Users choose their names."""

type Cell = str | int


def csv_text(rows: Iterable[Sequence[Cell]]) -> str:
    """Lines that end with CRLF. No text in them is a formula."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(
        [_guarded(cell) for cell in row] for row in rows
    )
    return text.getvalue()


def _guarded(cell: Cell) -> Cell:
    is_formula = isinstance(cell, str) and cell.startswith(_FORMULA)
    return f"'{cell}" if is_formula else cell
