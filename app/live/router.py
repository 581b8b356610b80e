"""What changed: as it happens (`GET /live`), and since a cursor (`GET /changes`)."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Header, Query, Request, Response

from app.core.addresses import subscriber_network
from app.core.errors import InvalidCursor
from app.live.dependencies import LiveHub
from app.live.exceptions import InvalidTopic, LiveFull, TooManyTopics
from app.live.policy import cursor_or_now, topics_of
from app.live.schemas import Changes
from app.live.service.catching_up import CatchUpService
from app.user.dependencies import CurrentEntrant
from app.web.dependencies import SingleCtx, TokenCaller, client_address
from app.web.event_stream import EventStream
from app.web.limits import limited
from app.web.openapi import raises
from app.web.responses import json_response
from app.web.routing import feature_router

read = feature_router(tags=["live"], dependencies=[limited("read")])


async def _all_topics(
    request: Request,
    topics: Annotated[
        str, Query(description="A comma-separated list of `post:{id}` and `lounge:{id}`, up to 20")
    ] = "",
) -> str:
    """The topics of a parameter that is sent several times, as of one with commas."""
    return ",".join(filter(None, request.query_params.getlist("topics"))) or topics


type TopicList = Annotated[str, Depends(_all_topics)]


@read.get("/changes", response_model=Changes, response_model_exclude_unset=True)
@raises(InvalidCursor, InvalidTopic, TooManyTopics)
async def list_changes(
    ctx: SingleCtx,
    viewer: CurrentEntrant,
    topics: TopicList,
    since: Annotated[
        str | None, Query(description="A `cursor`, or a `Linky-As-Of`. If absent, begin now")
    ] = None,
) -> Response:
    """List what changed since a cursor, in some posts and lounges and for the caller.

    Without `since` the answer is only the current cursor. What concerns the caller (notifications,
    the badge, blocks) is always included. Each thing comes once, as the caller sees it now: `put`,
    or `gone`. A topic that the caller can't see is followed all the same, and reports nothing.
    While `more` is true, call again with the new cursor. After a `reset`, load the lists of its
    topics again (of all, if it names none), and continue from the cursor. The log reaches back 24
    hours.
    """
    return json_response(await ctx.service(CatchUpService).catch_up(viewer, since, topics))


@read.get(
    "/live",
    response_class=Response,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
@raises(InvalidCursor, InvalidTopic, TooManyTopics, LiveFull)
async def follow_live(
    request: Request,
    viewer: CurrentEntrant,
    caller: TokenCaller,
    hub: LiveHub,
    topics: TopicList,
    last_event_id: Annotated[
        str | None, Header(description="The `id` of the last event, or any cursor")
    ] = None,
) -> Response:
    """Stream what changes from now on, or from a cursor on, as Server-Sent Events.

    The events are `hello` (`topics`, `gone`: those that the caller can't see, `beat_seconds`,
    `ends_at`), `changes` (`as_of`, `changes` as in `/changes`: all that one read of the log found),
    `beat` (nothing new for that long), `reset` (`reason`, `topics`: load these lists again, or all,
    and continue), and `bye` (`reason`) as the last one. An event's `id` is a cursor, which counts
    once the event is complete. What concerns the caller is always included. The stream ends with
    the token at the latest. A session has one stream: a new one replaces the older one.
    """
    ends_at = datetime.fromtimestamp(caller.token.expires, UTC)
    known = cursor_or_now(last_event_id)
    followed, network = (
        topics_of(viewer.user_id, topics),
        subscriber_network(client_address(request)),
    )
    opened = await hub.open(caller.claims, ends_at, followed, known, network)
    return EventStream(opened.events, opened.stream.leave)
