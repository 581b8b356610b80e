"""`linky jobs`: lists, retries and drops dead jobs."""

from collections.abc import Sequence
from typing import Annotated

import typer

from app.admin.service.terminal import TerminalService
from app.cli.common import CommandError, on_database, terminal_user
from app.core.errors import NotFound
from app.jobs.operate import ListedJob, list_jobs
from app.runtime.runtime import Runtime

MAX_LISTED = 200

jobs_cli = typer.Typer(help="List, retry and drop dead jobs.", no_args_is_help=True)


@jobs_cli.command("list")
def list_(
    waiting: Annotated[bool, typer.Option(help="Show the jobs that wait or run instead.")] = False,
) -> None:
    """Show the dead jobs: those that were given up."""

    async def list_them(runtime: Runtime) -> Sequence[ListedJob]:
        async with runtime.reading() as ctx:
            return await list_jobs(ctx.db, dead=not waiting, most=MAX_LISTED)

    listed = on_database(list_them)
    if not listed:
        typer.echo("There are none.")
    for job in listed:
        typer.echo(
            f"{job.id:>8}  {job.name:<32} {job.status:<8} attempts {job.attempts:<3} "
            f"{job.age // 60:>5} min  {job.error[:100]}"
        )


@jobs_cli.command("retry")
def retry(
    job_id: Annotated[
        int | None, typer.Argument(help="The job's number; all dead jobs by default.")
    ] = None,
) -> None:
    """Put dead jobs back into the queue.

    The audit log records it.
    """

    async def retry_them(runtime: Runtime) -> int:
        if job_id is None:
            return await _retry_all(runtime)
        async with runtime.writing() as ctx:
            await TerminalService(ctx, terminal_user()).jobs.retry(job_id)
            return 1

    try:
        typer.echo(f"{on_database(retry_them)} put back into the queue.")
    except NotFound:
        raise _no_such_job(job_id) from None


async def _retry_all(runtime: Runtime) -> int:
    """Goes on batch by batch. A job that dies again meanwhile is behind us, and stays dead."""
    retried, after = 0, 0
    while True:
        async with runtime.writing() as ctx:
            batch = await TerminalService(ctx, terminal_user()).jobs.retry_some(after)
        if batch.last_id is None:
            return retried
        retried, after = retried + batch.number, batch.last_id


@jobs_cli.command("drop")
def drop(job_id: Annotated[int, typer.Argument(help="The job's number.")]) -> None:
    """Delete a dead job.

    The audit log records it.
    """

    async def drop_it(runtime: Runtime) -> None:
        async with runtime.writing() as ctx:
            await TerminalService(ctx, terminal_user()).jobs.drop(job_id)

    try:
        on_database(drop_it)
    except NotFound:
        raise _no_such_job(job_id) from None
    typer.echo(f"Job {job_id} is deleted.")


def _no_such_job(job_id: int | None) -> CommandError:
    return CommandError(f"there is no dead job {job_id}; `linky jobs list` shows them.")
