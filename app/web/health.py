"""`/health/live`, `/health/ready` and `/metrics`, for machines. Outside `/api/v1`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from ipaddress import ip_address

import structlog
from fastapi import APIRouter, FastAPI, Request, Response

from app.core.errors import NotFound
from app.core.migrations import current_revision, has_all_needed, lacks_contracts
from app.jobs.operate import has_worker, job_counts
from app.jobs.worker import Worker
from app.runtime.joined_metrics import SiblingProcesses
from app.runtime.runtime import Runtime
from app.web.responses import json_response
from app.web.route import ApiRoute
from app.web.runtime import runtime_of

log = structlog.get_logger(__name__)

router = APIRouter(include_in_schema=False, route_class=ApiRoute)

CHECK_SECONDS = 3.0
KEPT_SECONDS = 1.0


@router.get("/health/live")
async def live() -> Response:
    """Answers as long as the process runs."""
    return json_response({"status": "ok"}, headers={"Cache-Control": "no-store"})


@router.get("/health/ready")
async def ready(request: Request) -> Response:
    """Whether requests can be served (database, migrations, worker), and the release."""
    app: FastAPI = request.app
    readiness: Readiness = app.state.readiness
    results = dict(await readiness.of(app))
    is_ready = all(results.values())
    if (replica := runtime_of(request).replica) is not None:
        results["replica"] = replica.is_usable  # Without it the primary serves all reads.
    body = {
        "status": "ok" if is_ready else "unavailable",
        "version": runtime_of(request).settings.release or app.version,
        "server_version": app.version,
        "checks": {name: "ok" if passed else "down" for name, passed in results.items()},
    }
    return json_response(body, 200 if is_ready else 503, {"Cache-Control": "no-store"})


class Readiness:
    """What `check` found last. Serves all who ask within a second, and one look is made at a time.

    No caller is refused here, so a stranger who asks without end must not reach the database.
    """

    def __init__(self) -> None:
        self._found: dict[str, bool] = {}
        self._until = 0.0
        self._looking = asyncio.Lock()

    async def of(self, app: FastAPI) -> Mapping[str, bool]:
        """What requests need, by name, and whether it is there or was a moment ago."""
        now = asyncio.get_running_loop().time
        async with self._looking:
            if now() >= self._until:
                self._found = await check(app)
                self._until = now() + KEPT_SECONDS
            return self._found


async def check(app: FastAPI) -> dict[str, bool]:
    """What requests need, by name, and whether it is there."""
    runtime: Runtime = app.state.runtime
    checks: dict[str, Callable[[], Awaitable[bool]]] = {
        "database": runtime.pools.transactions.answers,
        "migrations": lambda: _all_migrations_are_there(runtime),
        "worker": lambda: _worker_is_alive(runtime, app.state.worker),
    }
    return {name: await _passes(name, passes) for name, passes in checks.items()}


async def _passes(name: str, passes: Callable[[], Awaitable[bool]]) -> bool:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await passes()
    except Exception as error:  # noqa: BLE001 - any failure means: not ready.
        log.warning("not_ready", check=name, error=type(error).__name__)
        return False


async def _all_migrations_are_there(runtime: Runtime) -> bool:
    async with runtime.reading() as ctx:
        revision = await current_revision(ctx.db)
    runtime.may_serve_beside_previous = lacks_contracts(revision)
    return has_all_needed(revision)


async def _worker_is_alive(runtime: Runtime, worker: Worker | None) -> bool:
    if worker is not None:
        return worker.alive
    async with runtime.reading() as ctx:
        return await has_worker(ctx.db)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Prometheus' text format, for callers on this machine only.

    Of several processes on one socket any may be asked. It answers for all of them.
    """
    if not _asked_from_this_machine(request):
        raise NotFound
    runtime = runtime_of(request)
    async with runtime.reading() as ctx:
        counts = await job_counts(ctx.db)
        for measure in request.app.state.measures:
            runtime.metrics.set_gauges(measure.gauges, await measure.read(ctx))
    runtime.metrics.set_jobs(counts.waiting, counts.oldest_age_seconds, counts.failed)
    figures = figures_of_process(runtime)
    siblings: SiblingProcesses | None = request.app.state.siblings
    if siblings is not None:
        figures = await siblings.joined(figures)
    figures += runtime.metrics.render_installation()
    return Response(figures, media_type="text/plain; version=0.0.4")


def figures_of_process(runtime: Runtime) -> bytes:
    """The metrics of only this process."""
    runtime.metrics.set_connections(runtime.connections())
    return runtime.metrics.render_process()


def _asked_from_this_machine(request: Request) -> bool:
    # A proxy on this machine forwards requests from outside, and adds these headers.
    if "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        return False
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False
