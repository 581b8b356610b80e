"""Jobs: what waits, and what was given up, to be retried or dropped."""

from typing import Annotated

from fastapi import Path, Response

from app.admin.console.acting import carry_out
from app.admin.console.pages.common import ACT, LOOK, must_be, page_router
from app.admin.console.refusals import Refusal
from app.admin.console.visit import SignedIn, Visit
from app.admin.enums import TargetType
from app.admin.service import job_target
from app.runtime.context import Context

router = page_router()

JobId = Annotated[int, Path(ge=1, le=2**63 - 1)]


@router.get("/jobs", dependencies=LOOK)
async def show_jobs(visit: SignedIn) -> Response:
    return await _show(visit)


async def _show(visit: Visit, refused: Refusal | None = None) -> Response:
    async with visit.looking() as acts:
        dead, waiting = await acts.jobs.list_dead(), await acts.jobs.sum_waiting()
    return visit.show("jobs.html", refused, items=dead, waiting=waiting)


@router.post("/jobs/{job_id}/{verb}", dependencies=ACT)
async def decide_job(visit: SignedIn, job_id: JobId, verb: str) -> Response:
    form = await visit.own_form()

    async def act(ctx: Context) -> None:
        acts = visit.acts(ctx)
        if verb == "retry":
            await acts.jobs.retry(job_id)
        else:
            must_be(verb, "drop")
            await acts.jobs.drop(job_id)

    done = {"retry": "retried", "drop": "dropped"}.get(verb, "")
    about = (TargetType.JOB, job_target(job_id))
    return await carry_out(visit, act, form, job_id, done, "/admin/jobs", _show, about)
