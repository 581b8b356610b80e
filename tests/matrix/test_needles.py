"""Each list, read by each caller: no byte of it is from a thing that the caller must not see.

The single reads, the lists below a thing, and the answers to writes are searched by the matrix.
"""

import pytest

from tests.matrix.calls import leaks, refused_at_the_gate, send
from tests.matrix.routes import ROUTES
from tests.matrix.stage import Stage
from tests.matrix.things import Caller, Kind
from tests.support.api import OK, outcome

pytestmark = pytest.mark.anyio

NO_LISTS = {"GET /admin/pictures"}

LISTS = [n for n in ROUTES if n.startswith("GET") and "{" not in n and n not in NO_LISTS]
"""A new one is searched as soon as it is in the table."""


def lookers(stage: Stage) -> list[Caller]:
    """The readers, and those who no longer see what they wrote."""
    return [stage.anonymous, *stage.readers] + [
        thing.owner
        for thing in stage.things
        if thing.owner is not None and not thing.is_seen_by(thing.owner)
    ]


async def test_no_list_shows_what_its_reader_must_not_see(stage: Stage) -> None:
    found = []
    for name in LISTS:
        for caller in lookers(stage):
            answer = await send(stage, name, caller, {}, query={"limit": 100})
            if caller in stage.readers:
                wanted = refused_at_the_gate(name, ROUTES[name], caller) or OK
                assert outcome(answer) == wanted, f"{name} by {caller}"
            leaked = leaks(stage, name, caller, answer)
            found += [f"{name} by {caller}: shows the {secret}" for secret in leaked]
    assert not found, "\n".join(found)


async def test_a_search_finds_exactly_the_posts_that_its_reader_may_see(stage: Stage) -> None:
    """So the needles can be found, and the lists above are not merely empty."""
    wrong = []
    for post in stage.of(Kind.POST)[:-1]:  # The last is unknown.
        for caller in stage.callers_of(post)[1:]:
            query = {"q": post.ids["word"]}
            answer = await send(stage, "GET /posts", caller, {}, query=query)
            is_found = post.id in answer.text
            if is_found != post.is_seen_by(caller):
                wrong.append(f"the {post} by {caller}: {'found' if is_found else 'not found'}")
    assert not wrong, "\n".join(wrong)
