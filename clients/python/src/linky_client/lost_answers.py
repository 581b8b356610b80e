"""What a refusal says of an attempt before it, whose answer was lost."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from linky_client.errors import JsonObject, Problem
from linky_client.reading import to_json
from linky_client.values import Call

MYSELF: Final = "/api/v1/users/me"
ERASED_WITHIN: Final = timedelta(hours=24)
"""What the server promises to a user who leaves."""


def thing_of(call: Call) -> str:
    """The path of what a call reads or changes: for a post's pictures that of the post."""
    return call.path.removesuffix("/images") if call.method == "PUT" else call.path


def lost_answer(call: Call, problem: Problem) -> JsonObject | None:
    """The answer to a DELETE that has nothing left to do; None if the refusal holds."""
    if call.method != "DELETE":
        return None
    if problem.status == 404:
        return {}
    if problem.code == "session_revoked" and call.path == MYSELF:
        # The account has ended, and its sessions with it. The first answer was a moment ago.
        return {"completes_by": to_json(datetime.now(UTC) + ERASED_WITHIN)}
    return None


def path_to_read(call: Call, problem: Problem) -> str | None:
    """What to read to learn whether a change was made; None if the refusal holds."""
    if problem.code == "precondition_failed" and call.body is not None:
        return thing_of(call)  # The tag may be old because of the change itself.
    if problem.code == "already_decided" and call.method == "DELETE":
        return call.path  # By an admin, or by this withdrawal itself.
    return None


def is_as_wanted(call: Call, thing: JsonObject) -> bool:
    """Whether a thing is what the call wanted to make of it."""
    if call.method == "DELETE":
        return thing.get("status") == "withdrawn"
    sent = {} if call.body is None else call.body.to_json()
    return all(_shown(thing, name) == _kept(value) for name, value in sent.items())


def _shown(thing: JsonObject, name: str) -> object:
    """What a thing shows of a field that can be sent."""
    images = thing.get("images")
    if name == "image_ids" and isinstance(images, list):
        return [one.get("id") if isinstance(one, Mapping) else None for one in images]
    return thing.get(name)


def _kept(value: object) -> object:
    """A value as the server keeps it."""
    if isinstance(value, str):
        return value.strip()
    return [*value] if isinstance(value, tuple) else value
