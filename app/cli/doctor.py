"""`linky doctor`: checks an installation, and says what to do about what is wrong."""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from app.api import COUNTS
from app.cli.common import read_settings
from app.cli.development import beside_dev
from app.core.logging import configure_logging
from app.core.settings.config import Settings, SettingsError
from app.operations.database_url import database_url
from app.operations.doctor.installation import open_installation
from app.operations.doctor.results import Result, Verdict
from app.operations.doctor.runner import INSTALLATION_CHECKS, STORE_CHECKS, run_checks

MARKS = {
    Verdict.OK: "ok   ",
    Verdict.WRONG: "WRONG",
    Verdict.WARNING: "warn ",
    Verdict.UNTRIED: "-    ",
}


def doctor(
    store: Annotated[
        bool, typer.Option("--store", help="Check what Apple's and Google's stores require.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    url: Annotated[
        str | None, typer.Option(help="The public URL, if it is not LINKY_PUBLIC_URL.")
    ] = None,
    http_port: Annotated[int, typer.Option(help="The port that answers plain HTTP.")] = 80,
) -> None:
    """Check a running installation.

    Looks from inside and from outside. Exits with 1 if something is wrong.
    """
    try:
        settings = beside_dev(read_settings())
    except SettingsError as error:
        results = [Result("settings", Verdict.WRONG, str(error), "read .env.example")]
    else:
        # Standard output has only the results: a program may read them.
        configure_logging(settings.log_level, as_json=settings.is_production, stream=sys.stderr)
        results = asyncio.run(_run(settings, database_url(settings), url, http_port, store))
    typer.echo(_as_json(results) if as_json else _as_lines(results))
    if any(result.verdict == Verdict.WRONG for result in results):
        sys.exit(1)


async def _run(
    settings: Settings, database: str, url: str | None, http_port: int, store: bool
) -> list[Result]:
    opening = open_installation(settings, database, url=url, http_port=http_port, counts=COUNTS)
    async with opening as installation:
        return await run_checks(installation, STORE_CHECKS if store else INSTALLATION_CHECKS)


def _as_json(results: Sequence[Result]) -> str:
    return json.dumps([asdict(result) for result in results], ensure_ascii=False, indent=2)


def _as_lines(results: Sequence[Result]) -> str:
    width = max(len(result.name) for result in results)
    lines = []
    for result in results:
        lines.append(f"{MARKS[result.verdict]}  {result.name:<{width}}  {result.words}")
        if result.remedy:
            lines.append(f"{'':<{width + 9}}-> {result.remedy}")
    return "\n".join(lines)
