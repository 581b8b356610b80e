"""`linky jobs`: list, retry and drop what the queue could not do."""

from collections.abc import Sequence
from typing import Annotated

import typer

from app.cli.common import Refusal, on_database
from app.core.jobs import ListedJob, drop_job, list_jobs, retry_jobs
from app.core.runtime import Runtime

MOST_LISTED = 200

jobs_cli = typer.Typer(help="Look after the jobs.", no_args_is_help=True)


@jobs_cli.command("list")
def list_(
    waiting: Annotated[bool, typer.Option(help="Those that wait or run.")] = False,
) -> None:
    """Show the dead jobs, or those that wait or run."""

    async def list_them(runtime: Runtime) -> Sequence[ListedJob]:
        async with runtime.reads() as session:
            return await list_jobs(session, dead=not waiting, most=MOST_LISTED)

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
    job_id: Annotated[int | None, typer.Argument(help="All dead ones, if left out.")] = None,
) -> None:
    """Put a dead job, or all of them, into the queue again."""

    async def retry_them(runtime: Runtime) -> int:
        async with runtime.unit_of_work() as ctx:
            return await retry_jobs(ctx.session, job_id)

    typer.echo(f"{on_database(retry_them)} put into the queue again.")


@jobs_cli.command("drop")
def drop(job_id: int) -> None:
    """Forget a dead job."""

    async def drop_it(runtime: Runtime) -> bool:
        async with runtime.unit_of_work() as ctx:
            return await drop_job(ctx.session, job_id)

    if not on_database(drop_it):
        raise Refusal(f"there is no dead job {job_id}; `linky jobs list` shows them.")
    typer.echo(f"Job {job_id} is gone.")
