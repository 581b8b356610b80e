"""Makes the app, for `uvicorn app.main:app`, `linky dev` and `linky serve`.

The two commands run it on a Uvicorn with our own `HttpProtocol` (`cli/server.py`). A plain
`uvicorn` has its own protocol, and answers malformed requests with plain text.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial

import structlog
from anyio import to_thread
from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware
from starlette.types import Lifespan

from app.account import pages as account
from app.api import MEASURES, make_worker
from app.console import router as console
from app.core.database import postgres_name_of_api
from app.core.logging import configure_logging
from app.core.metrics import watched_loop
from app.core.settings.config import Settings, SettingsError, load_settings
from app.core.version import app_version
from app.integrations.storage.base import StorageError, StorageMisconfigured
from app.jobs.signal import wake_by_notification
from app.links import pages as links
from app.live.hub.hub import Hub
from app.live.schemas import ReloadTarget
from app.notification.schemas import PushData, SuspensionPushData
from app.operations import embedded
from app.operations.database_url import database_url, pooler_url
from app.operations.embedded.errors import EmbeddedError
from app.operations.systemd import notifying_service_manager
from app.routers import ROUTERS
from app.runtime.factories import make_storage
from app.runtime.joined_metrics import SiblingProcesses
from app.runtime.metrics import Metrics
from app.runtime.runtime import Runtime
from app.runtime.tracing import traced
from app.suspension import pages as suspension
from app.web import error_page, health, media
from app.web.api_docs.router import docs_router
from app.web.cors import Cors, Origins
from app.web.document import install_openapi
from app.web.limits import check_unread_call
from app.web.middleware import BodyLimit, HeadAsGet, RequestLog
from app.web.openapi import upload_paths
from app.web.problems import install_error_handlers
from app.web.proxies import TrustedProxies
from app.web.routing import add_routes, operation_id
from app.web.tracing import RequestSpan, makes_traces

log = structlog.get_logger(__name__)

GET_READY_SECONDS = 15.0
"""Less than systemd waits for a start (30 s)."""

GET_READY_PAUSE_SECONDS = 0.2

DESCRIPTION = """\
People meet in lounges, post with images, comment, and get notifications.

Sign in with `/auth/register`, `/auth/login` or `/auth/guest`, and send the `access_token` in each
request as `Authorization: Bearer`. Errors are `application/problem+json` with a stable `code`. For
the next page of a list, send its `next_cursor` as `cursor`. A `POST` that creates something takes
an `Idempotency-Key`.
"""

TAGS = [
    {"name": "auth", "description": "Signing up, signing in and out, sessions"},
    {"name": "users", "description": "The caller's account, other users' profiles, blocks"},
    {"name": "identities", "description": "The caller's sign-in methods and email address"},
    {"name": "lounges", "description": "Rooms for one topic each"},
    {"name": "posts", "description": "Posts in lounges"},
    {"name": "images", "description": "Uploads"},
    {"name": "comments", "description": "Comments and replies"},
    {"name": "notifications", "description": "The caller's notifications, their settings, devices"},
    {
        "name": "live",
        "description": "Live changes while an app is open, and changes since a cursor",
    },
    {"name": "lounge requests", "description": "Requests for new lounges"},
    {"name": "reports", "description": "Reports of posts, comments, users and lounges"},
    {"name": "appeals", "description": "Appeals against a moderator's decision"},
    {"name": "admin", "description": "For admins. Each action is in the audit log"},
    {"name": "meta", "description": "Limits and links that clients read first"},
]


def create_app(
    settings: Settings,
    *,
    when_ready: bool = False,
    docs_script: str | None = None,
    extra_routers: Sequence[APIRouter] = (),
    extra_middleware: Sequence[Middleware] = (),
) -> FastAPI:
    """The app for these settings. The lifespan builds its runtime and runs the worker.

    With `when_ready` the start fails unless all checks pass in time, so a server that can't answer
    never takes connections. `linky dev` adds `extra_routers` and `extra_middleware`, and
    `docs_script`, the path of a script for `/docs`.
    """
    app = FastAPI(
        title=settings.app_name,
        version=app_version(),
        description=DESCRIPTION,
        openapi_tags=TAGS,
        lifespan=_lifespan(settings),
        generate_unique_id_function=operation_id,
        # A redirect's URL is made of the request's host and scheme. Behind a proxy that is http: a
        # phone that follows it would send its token unencrypted.
        redirect_slashes=False,
        openapi_url=None,  # `docs_router` has a page of its own. FastAPI's loads from a CDN.
        # FastAPI asks OpenTelemetry at each request whether it is on.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.measures = MEASURES
    app.state.metrics = Metrics()
    app.state.worker = None
    app.state.readiness = health.Readiness()
    app.state.siblings = None  # The other processes on this socket, if there are any.
    app.state.when_ready = when_ready
    pages = (account.router, suspension.router, links.router)
    docs = docs_router(app, settings.brand, docs_script)
    outside = (health.router, docs, error_page.router, *pages, *console.ROUTERS, media.router)
    add_routes(app, (*ROUTERS, *outside, *extra_routers))
    install_error_handlers(app, check_unread_call)
    install_openapi(app, settings.base_url, [PushData, SuspensionPushData, ReloadTarget])
    _add_middleware(app, settings, extra_middleware)
    return app


def _add_middleware(app: FastAPI, settings: Settings, extra: Sequence[Middleware]) -> None:
    """From the innermost to the outermost."""
    app.add_middleware(BodyLimit, upload_paths=upload_paths(app))
    app.add_middleware(RequestLog, metrics=app.state.metrics)
    if makes_traces():
        app.add_middleware(RequestSpan)
    app.add_middleware(HeadAsGet)
    for each in extra:
        app.add_middleware(each.cls, *each.args, **each.kwargs)
    app.state.origins = Origins(settings.cors_origins) if settings.cors_origins else None
    if app.state.origins:
        # Outside of all that answers: a browser shows no error to an app without these headers.
        app.add_middleware(Cors, origins=app.state.origins)
    if settings.trusted_proxies:
        app.add_middleware(TrustedProxies, hosts=list(settings.trusted_proxies))


def _lifespan(settings: Settings) -> Lifespan[FastAPI]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        url = await to_thread.run_sync(database_url, settings)
        runtime = Runtime.build(
            settings,
            pooler_url(settings) or url,
            app.state.metrics,
            postgres_name_of_api(),
            is_pooled=settings.database_pooled,
        )
        runtime.may_serve_beside_previous = True  # Until a check of readiness knows better.
        app.state.runtime = runtime
        app.state.hub = hub = Hub(runtime)
        try:
            # In the background, so that the server starts sooner. The task is awaited at the end,
            # because an error of a task that is never awaited is lost.
            warm_up = asyncio.create_task(runtime.passwords.warm_up())
            async with (
                watched_loop(),
                traced(runtime, "linky-api"),
                runtime.counting_together(),
                runtime.following_replica(),
                _worker_inside(app, runtime, url),
                _figures_for_siblings(app, runtime),
            ):
                if app.state.when_ready:
                    await _get_ready(app)
                log.info("api_started", server_version=app.version, release=settings.release)
                async with notifying_service_manager():
                    yield
                await hub.close()
            await warm_up
        finally:
            await runtime.close()
            await to_thread.run_sync(embedded.release, settings.data_dir)

    return lifespan


class NotReadyError(Exception):
    """Something that requests need is not there. Ends the start."""


async def _get_ready(app: FastAPI) -> None:
    """Wait until the checks of `/health/ready` pass. Raises NotReadyError.

    A worker in a process of its own is not waited for. It may be broken, and this start may be the
    release that repairs it.
    """
    deadline = asyncio.get_running_loop().time() + GET_READY_SECONDS
    while down := await _what_is_down(app):
        if asyncio.get_running_loop().time() > deadline:
            raise NotReadyError(f"not ready within {GET_READY_SECONDS:g} s: {', '.join(down)}")
        await asyncio.sleep(GET_READY_PAUSE_SECONDS)


async def _what_is_down(app: FastAPI) -> list[str]:
    asked = await health.check(app)
    if app.state.worker is None:
        del asked["worker"]
    return [name for name, passed in asked.items() if not passed]


@asynccontextmanager
async def _figures_for_siblings(app: FastAPI, runtime: Runtime) -> AsyncIterator[None]:
    """Give this process's metrics to the others on its socket, if there are any."""
    siblings: SiblingProcesses | None = app.state.siblings
    if siblings is None:
        yield
        return
    async with siblings.answering(partial(health.figures_of_process, runtime)):
        yield


@asynccontextmanager
async def _worker_inside(app: FastAPI, runtime: Runtime, url: str) -> AsyncIterator[None]:
    """Run the worker in this process, unless LINKY_WORKER is `apart`. Ends with its jobs."""
    if runtime.settings.worker == "apart":
        wake_by_notification(runtime)
        yield
        return
    worker = make_worker(runtime, url)
    app.state.worker, runtime.job_signal.wake = worker, worker.wake
    running = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        await running


def ensure_startable(settings: Settings) -> None:
    """Check what the lifespan needs, before the server starts.

    In the lifespan a failure would be a traceback. Here it is a SettingsError or an EmbeddedError
    with a sentence that says what to do.
    """
    database_url(settings)
    _ = settings.signing_keys  # Reads or writes the key file of development. It is cached.
    # Uvicorn imports the app inside its event loop. A thread can have a loop of its own.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _check_storage(settings)).result()


async def _check_storage(settings: Settings) -> None:
    try:
        await make_storage(settings).check()
    except StorageMisconfigured as error:
        raise SettingsError(str(error)) from None
    except StorageError as error:
        # The store may be back in a minute. Until then everything except pictures works.
        log.warning("storage_out_of_reach", error=str(error))


def _load_app() -> FastAPI:
    """The app for the environment's settings. Exits with a sentence if they are wrong."""
    try:
        settings = load_settings()
        configure_logging(settings.log_level, as_json=settings.is_production)
        ensure_startable(settings)
        return create_app(settings)
    except (SettingsError, EmbeddedError) as error:
        sys.exit(f"linky: {error}")


def __getattr__(name: str) -> FastAPI:
    # For `uvicorn app.main:app`. Importing `create_app` makes no app.
    if name == "app":
        return _load_app()
    raise AttributeError(name)
