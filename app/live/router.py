"""What changed: by `GET /changes`."""

from typing import Annotated

from fastapi import Query, Response

from app.core.errors import InvalidCursor
from app.live.exceptions import InvalidTopic, TooManyTopics
from app.live.schemas import Changes
from app.live.service import CatchUpService
from app.user.dependencies import PresentUser
from app.web.dependencies import PrimaryReadCtx
from app.web.limits import limited
from app.web.openapi import raises
from app.web.responses import json_response
from app.web.routing import feature_router

read = feature_router(tags=["live"], dependencies=[limited("read")])


@read.get("/changes", response_model=Changes, response_model_exclude_unset=True)
@raises(InvalidCursor, InvalidTopic, TooManyTopics)
async def list_changes(
    viewer: PresentUser,
    ctx: PrimaryReadCtx,
    since: Annotated[
        str | None, Query(description="A `cursor`, or a `Linky-As-Of`. Absent: begin now")
    ] = None,
    topics: Annotated[
        str,
        Query(description="`post:{id}` and `lounge:{id}`, separated by commas: 20 at most"),
    ] = "",
) -> Response:
    """What changed since a cursor, of some posts and lounges and of the caller's own.

    Without `since` the answer is only the cursor of now. What concerns the caller (notifications,
    the badge, blocks) is always in it. Each thing comes once, as the caller sees it now: `put`, or
    `gone`. A topic that the caller can't see is followed all the same, and says nothing. While
    `more` is true, ask again from the new cursor. With a `reset`, load the lists of its topics
    again (of all, if it names none), and go on from the cursor. The log reaches back 24 hours.
    """
    return json_response(await ctx.service(CatchUpService).catch_up(viewer, since, topics))
