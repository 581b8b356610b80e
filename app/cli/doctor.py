"""`linky doctor`: what is right and wrong with an installation, and what to do about it."""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from app.api import COUNTS
from app.cli.common import read_settings
from app.core.config import Settings, SettingsError
from app.core.logging import configure_logging
from app.operations.database_url import database_url
from app.operations.doctor import INSTALLATION, STORES, Result, Verdict, examine, patient_of

MARKS = {
    Verdict.OK: "ok   ",
    Verdict.WRONG: "WRONG",
    Verdict.LOOK: "look ",
    Verdict.UNTRIED: "-    ",
}


def doctor(
    store: Annotated[
        bool, typer.Option("--store", help="What Apple's and Google's stores ask, instead.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
    url: Annotated[
        str | None, typer.Option(help="The public address, if not LINKY_PUBLIC_URL.")
    ] = None,
    http_port: Annotated[int, typer.Option(help="Where plain HTTP is answered.")] = 80,
) -> None:
    """Look at a running installation from inside and outside; 1 if something is wrong."""
    try:
        settings = read_settings()
    except SettingsError as error:
        results = [Result("settings", Verdict.WRONG, str(error), "read .env.example")]
    else:
        # What it says is for a person or a program; what goes by the way is for neither.
        configure_logging(settings.log_level, as_json=settings.is_production, stream=sys.stderr)
        results = asyncio.run(_examine(settings, database_url(settings), url, http_port, store))
    typer.echo(_as_json(results) if as_json else _as_lines(results))
    if any(result.verdict == Verdict.WRONG for result in results):
        sys.exit(1)


async def _examine(
    settings: Settings, database: str, url: str | None, http_port: int, store: bool
) -> list[Result]:
    opened = patient_of(settings, database, url=url, http_port=http_port, counts=COUNTS)
    async with opened as patient:
        return await examine(patient, STORES if store else INSTALLATION)


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
