"""What a refusal says of an attempt before it, whose answer was lost."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from linky_client.errors import JsonObject, Problem
from linky_client.reading import to_json
from linky_client.values import Call

MYSELF: Final = "/api/v1/users/me"
AVATAR: Final = f"{MYSELF}/avatar"
ERASED_WITHIN: Final = timedelta(hours=24)
"""What the server promises to a user who leaves."""

FILLERS: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters and a Braille cell that are invisible."""

NEWLINES: Final = re.compile("\r\n|[\u2028\u2029]")
"""What the server makes a newline of."""


def thing_of(call: Call) -> str:
    """The path of what a call reads or changes: for pictures that of their post or account."""
    if call.path == AVATAR:
        return MYSELF
    return call.path.removesuffix("/images") if call.method == "PUT" else call.path


def lost_answer(call: Call, problem: Problem) -> JsonObject | None:
    """The answer to a DELETE that has nothing left to do; None if the refusal holds."""
    if call.method != "DELETE":
        return None
    if problem.status == 404:
        return {}
    if problem.code == "session_revoked" and call.path == MYSELF:
        # The account has ended, and its sessions with it. The first answer was a moment ago.
        completes_by = to_json(datetime.now(UTC) + ERASED_WITHIN)
        # Only the lost answer knew the second.
        return {"completes_by": completes_by, "unlink_at_provider": False}
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
    return all(_plain(_shown(thing, name)) == _plain(value) for name, value in sent.items())


def _shown(thing: JsonObject, name: str) -> object:
    """What a thing shows of a field that can be sent."""
    images = thing.get("images")
    if name == "image_ids" and isinstance(images, list):
        return [one.get("id") if isinstance(one, Mapping) else None for one in images]
    return thing.get(name)


def _plain(value: object) -> object:
    """A value without what the server changes in a text: line ends, edges, the normal form.

    A text in which nothing is visible is none.
    """
    if isinstance(value, str):
        text = unicodedata.normalize("NFC", NEWLINES.sub("\n", value)).strip()
        return text if any(_is_visible(char) for char in text) else ""
    return [*value] if isinstance(value, tuple) else value


def _is_visible(char: str) -> bool:
    category = unicodedata.category(char)
    return category not in ("Cc", "Cf") and category[0] not in "ZM" and char not in FILLERS
