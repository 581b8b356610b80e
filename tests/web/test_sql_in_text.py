"""Text that looks like SQL is text."""

import pytest

from tests.support.api import expect
from tests.support.sql import count
from tests.support.world import World

HOSTILE = (
    *("'; DROP TABLE posts; --", "' OR '1'='1", "\\'; SELECT pg_sleep(9); --"),
    *("$1); DELETE FROM users; --", "%' UNION SELECT email FROM users --"),
    ":lounge_id %(user_id)s {0} $$ $1",
)


@pytest.mark.parametrize("text", HOSTILE)
async def test_sql_in_a_text_is_stored_and_searched_as_text(world: World, text: str) -> None:
    author = await world.member()
    lounge = await world.lounge()
    form = {"lounge_id": lounge["id"], "title": text, "body": text}
    post = expect(await author.post("/posts", json=form), 201)
    other = expect(await author.post("/posts", json={**form, "title": "お茶", "body": "茶"}), 201)
    comment = await author.post(f"/posts/{post['id']}/comments", json={"body": text})
    assert expect(comment, 201)["body"] == text
    assert expect(await author.get(f"/posts/{post['id']}"), 200)["body"] == text

    for path in ("/posts", "/lounges"):
        found = expect(await author.get(path, params={"q": text}), 200)["items"]
        assert other["id"] not in {item["id"] for item in found}
    assert await count(world, "posts") == 2


@pytest.mark.parametrize("text", HOSTILE)
async def test_sql_in_a_parameter_is_refused(world: World, text: str) -> None:
    api = await world.member()
    for path in ("/posts", "/users/me/posts", "/notifications"):
        for name in ("limit", "cursor"):
            answer = await api.get(path, params={name: text})
            assert answer.status_code in (400, 422), (path, name)
    assert (await api.get(f"/posts/{text.replace('/', '')}")).status_code == 404
