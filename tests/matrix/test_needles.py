"""Each list, read by each caller: no byte of it is from a thing that the caller must not see.

The single reads, the lists below a thing, and the answers to writes are searched by the matrix.
"""

from tests.matrix.calls import leaks, refused_at_the_gate, send
from tests.matrix.routes import ROUTES
from tests.matrix.stage import Stage
from tests.matrix.states import OUT_OF_READERS_SIGHT
from tests.matrix.things import Caller, Kind
from tests.support.api import OK, outcome
from tests.support.routes import lists_of

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


NO_WORDS_OF_OTHERS = {
    **dict.fromkeys(
        ("/lounges", "/lounges/favorites", "/lounges/recent"), "lounges have no author"
    ),
    **dict.fromkeys(
        (
            *("/auth/sessions", "/users/me/identities", "/users/me/posts", "/users/me/comments"),
            *("/lounge-requests", "/reports", "/appeals"),
        ),
        "the reader's own",
    ),
    "/users/me/mutes": "shows what is muted, on purpose",
    "/users/me/blocks": "shows who is blocked, on purpose",
}


async def test_every_list_is_filled(stage: Stage) -> None:
    """So what the tests below do not find is not missing because there is nothing at all."""
    empty = [
        path
        for path in sorted(lists_of(stage.world.app))
        if '"items":[]' in await stage.read_list(path)
    ]
    assert not empty, f"fill {empty} in _fill_lists of tests/matrix/stage.py"


async def test_every_list_had_words_of_those_who_are_blocked_and_of_what_is_muted(
    stage: Stage,
) -> None:
    """And the tests below show that it has them no longer."""
    lacking = [
        f"{path}: {state}"
        for path, shown in stage.shown.items()
        for state in OUT_OF_READERS_SIGHT
        if path not in NO_WORDS_OF_OTHERS
        and not path.startswith("/admin")
        and not any(
            secret.word in shown[state]
            for secret in stage.secrets
            if secret.thing.state.removeprefix("on a post ") == state and not secret.is_name
        )
    ]
    assert not lacking, (
        f"{sorted(lacking)} was never in the list. Let the readers put it there in "
        "tests/matrix/stage.py, or say in NO_WORDS_OF_OTHERS here why it can't be"
    )


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
    hint = "each list uses its feature's visible_to (CONTRIBUTING.md, Lists)"
    assert not found, "\n".join([hint, *found])


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
