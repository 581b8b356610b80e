"""`linky`: run the server and the worker, look after the database, make an admin."""

import asyncio
import json
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn
from pydantic import TypeAdapter, ValidationError

from app.auth.exceptions import PasswordTooWeak
from app.auth.service import AuthService
from app.core import migrations
from app.core.config import Settings, SettingsError, load_settings
from app.core.database_url import database_url
from app.core.embedded import EmbeddedError
from app.core.jobs import ListedJob, drop_job, list_jobs, retry_jobs
from app.core.logging import configure_logging
from app.core.runtime import Runtime
from app.core.schemas import EmailAddress
from app.core.unavailable import is_not_migrated, is_unavailable
from app.main import create_app, ensure_startable, make_worker

GRACEFUL_SECONDS = 20
KEEP_ALIVE_SECONDS = 75
"""Longer than nginx keeps its connections to us (60 s), so that none closes under a request."""

cli = typer.Typer(
    help="The backend of Linky.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


jobs_cli = typer.Typer(help="Look after the jobs.", no_args_is_help=True)
cli.add_typer(jobs_cli, name="jobs")
MOST_LISTED_JOBS = 200


class Refusal(Exception):
    """What can't be done and why, in one sentence for the person at the terminal."""


def main() -> None:
    """Run a command; what goes wrong in a foreseen way is one sentence and exit status 1."""
    try:
        cli()
    except (SettingsError, EmbeddedError, Refusal) as error:
        sys.exit(f"linky: {error}")
    except Exception as error:
        if is_unavailable(error):
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            sys.exit(f"linky: the database can't be reached; check LINKY_DATABASE_URL ({reason})")
        if is_not_migrated(error):
            sys.exit("linky: the database lacks tables; run `linky migrate` first.")
        raise


@cli.command()
def dev() -> None:
    """Serve for development: migrate, fill an empty database with a demo community, and run."""
    settings = _settings()
    if settings.is_production:
        raise Refusal("`linky dev` is for development; use `linky serve` in production.")
    _ensure_port_is_free(settings)
    url = database_url(settings)
    migrations.upgrade(url)
    ensure_startable(settings)
    accounts = _seed_apart(settings, url)
    _print_welcome(settings, accounts)
    _serve(settings)


@cli.command()
def serve() -> None:
    """Serve. The database is migrated before, by `linky migrate`."""
    settings = _settings()
    _ensure_port_is_free(settings)
    ensure_startable(settings)
    _serve(settings)


@cli.command()
def worker() -> None:
    """Run the jobs in a process of their own (with LINKY_WORKER=apart for the API)."""
    settings = _settings()
    url = database_url(settings)
    asyncio.run(_run_worker(settings, url))


@cli.command()
def migrate() -> None:
    """Bring the database's tables up to date."""
    migrations.upgrade(database_url(_settings()))
    typer.echo("The database is up to date.")


@cli.command()
def seed() -> None:
    """Fill an empty database with a small demo community. Never in production."""
    settings = _settings()
    if settings.is_production:
        raise Refusal("the demo community is for development; production starts empty.")
    url = database_url(settings)
    accounts = _with_runtime(settings, url, _seed)
    if not accounts:
        raise Refusal("the database is not empty, so nothing was added.")
    _print_accounts(accounts)


@cli.command()
def create_admin(
    email: str,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
) -> None:
    """Make an admin, or make the account with this e-mail address one."""
    settings = _settings()
    address = _address(email)
    password = _read_password(from_stdin=password_stdin)

    async def create(runtime: Runtime) -> None:
        async with runtime.unit_of_work() as ctx:
            await AuthService(ctx).create_admin(address, password)

    try:
        _with_runtime(settings, database_url(settings), create)
    except PasswordTooWeak:
        raise Refusal("the password is too weak: 8 to 128 characters, and no common one.") from None
    typer.echo(f"{address} is an admin.")


@jobs_cli.command("list")
def list_(
    waiting: Annotated[bool, typer.Option(help="Those that wait or run.")] = False,
) -> None:
    """Show the dead jobs, or those that wait or run."""

    async def list_them(runtime: Runtime) -> Sequence[ListedJob]:
        async with runtime.reads() as session:
            return await list_jobs(session, dead=not waiting, most=MOST_LISTED_JOBS)

    listed = _on_database(list_them)
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

    typer.echo(f"{_on_database(retry_them)} put into the queue again.")


@jobs_cli.command("drop")
def drop(job_id: int) -> None:
    """Forget a dead job."""

    async def drop_it(runtime: Runtime) -> bool:
        async with runtime.unit_of_work() as ctx:
            return await drop_job(ctx.session, job_id)

    if not _on_database(drop_it):
        raise Refusal(f"there is no dead job {job_id}; `linky jobs list` shows them.")
    typer.echo(f"Job {job_id} is gone.")


@cli.command()
def openapi(
    output: Annotated[Path | None, typer.Option(help="Write to a file.")] = None,
) -> None:
    """Print the OpenAPI document."""
    document = create_app(_settings()).openapi()
    text = json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")


def _settings() -> Settings:
    settings = load_settings()
    configure_logging(settings.log_level, as_json=settings.is_production)
    return settings


def _address(email: str) -> str:
    try:
        return str(TypeAdapter(EmailAddress).validate_python(email))
    except ValidationError:
        raise Refusal("this is not an e-mail address.") from None


def _read_password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _on_database[Result](act: Callable[[Runtime], Coroutine[Any, Any, Result]]) -> Result:
    settings = _settings()
    return _with_runtime(settings, database_url(settings), act)


def _with_runtime[Result](
    settings: Settings, url: str, act: Callable[[Runtime], Coroutine[Any, Any, Result]]
) -> Result:
    async def run() -> Result:
        runtime = Runtime.build(settings, url)
        try:
            return await act(runtime)
        finally:
            await runtime.close()

    return asyncio.run(run())


async def _seed(runtime: Runtime) -> list[tuple[str, str, str]]:
    # The demo's texts and drawings are of no use to a server in production.
    from app.seed import seed_if_empty

    return await seed_if_empty(runtime)


def _seed_apart(settings: Settings, url: str) -> list[tuple[str, str, str]]:
    """Seed in a child process: what drawing the pictures takes in memory, this one would keep.

    A fork costs next to nothing where there is nothing to seed; no thread runs yet.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as pool:
        return pool.submit(_with_runtime, settings, url, _seed).result()


def _ensure_port_is_free(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise Refusal(
                f"can't listen on {settings.host}:{settings.port} ({error.strerror}); "
                "set LINKY_PORT (or LINKY_HOST) to another."
            ) from None


def _serve(settings: Settings) -> None:
    # Uvicorn raises the signal anew once it has shut down: who was asked to end, and did, is well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        access_log=False,  # The app logs each request itself, with its id.
        log_config=None,
        proxy_headers=False,  # Who is trusted is LINKY_TRUSTED_PROXIES' affair.
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
    )


async def _run_worker(settings: Settings, url: str) -> None:
    runtime = Runtime.build(settings, url)
    running = make_worker(runtime, url)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, running.stop)
    try:
        await running.run()
    finally:
        await runtime.close()


def _print_welcome(settings: Settings, accounts: list[tuple[str, str, str]]) -> None:
    typer.echo(f"\n  Linky      {settings.base_url}")
    typer.echo(f"  Docs       {settings.base_url}/docs")
    if accounts:
        _print_accounts(accounts)
    else:
        typer.echo("  The database is as it was. An empty one gets a demo community.")
    typer.echo("  Stop with Ctrl-C.\n")


def _print_accounts(accounts: list[tuple[str, str, str]]) -> None:
    typer.echo("  Demo accounts")
    for role, email, password in accounts:
        typer.echo(f"    {role:<8} {email:<24} {password}")


if __name__ == "__main__":
    main()
