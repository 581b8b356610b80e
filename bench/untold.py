"""`linky serve` that says nothing to the log of changes, for `bench.comment_cost`."""

import sys
from collections.abc import Iterable
from typing import Any

from sqlalchemy import CTE, Integer, false, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

import app.live_log


def _says_nothing(*_: Any) -> CTE:
    return select(literal_column("1", Integer).label("nothing")).where(false()).cte("logged")


async def _writes_nothing(session: AsyncSession, changes: Iterable[app.live_log.Change]) -> None:
    pass


def main() -> None:
    # Before the features are imported: their statements are built then.
    app.live_log.logged = _says_nothing
    app.live_log.write_changes = _writes_nothing
    from app.start import main as linky

    sys.argv = ["linky", "serve"]
    linky()


if __name__ == "__main__":
    main()
