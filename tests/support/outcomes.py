"""What a test of reliability found. docs/reliability.md has a table of the last runs."""

from dataclasses import dataclass

import typer

from app.core.texts import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    name: str
    title: Text
    acknowledged: int = 0
    """Writes that the server has confirmed to a client."""
    lost: int = 0
    """Writes that were acknowledged, and were not there afterwards."""
    twice: int = 0
    refused: int = 0
    """503 and broken connections."""
    other_5xx: int = 0
    recovered: bool = True
    """Whether the server was back in time, automatically."""
    recovery_seconds: float | None = None
    """From the end of the fault to the first good answer."""
    note: Text | None = None

    @property
    def survived(self) -> bool:
        return self.recovered and not (self.lost or self.twice or self.other_5xx)


@dataclass(frozen=True, slots=True)
class TableLock:
    """What a migration locked while servers used it, in milliseconds."""

    migration: str
    table: str
    mode: str
    held_ms: float
    """At most."""
    waited_ms: float
    """The longest that another session waited for the table."""


def show(suite: str, run: Outcome) -> None:
    """Print a row for the table of the suite."""
    recovery = "-" if run.recovery_seconds is None else f"{run.recovery_seconds:.1f} s"
    typer.echo(
        f"{suite}: {run.title.en}: {run.acknowledged:,} acknowledged, {run.lost} lost,"
        f" {run.twice} twice, {run.refused} refused, {run.other_5xx} other 5xx, {recovery}"
    )
