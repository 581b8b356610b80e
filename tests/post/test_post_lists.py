"""Lists of posts: their order, their filters and their pages."""

from tests.support.api import UNKNOWN_ID, expect
from tests.support.lists import lounges, posts, walk
from tests.support.world import World


async def test_lists_are_newest_first_filtered_and_paged(world: World) -> None:
    author, other = await world.member(), await world.member()
    first_lounge, second_lounge = await world.lounge(), await world.lounge()
    made = [
        await world.post(writer, lounge)
        for writer, lounge in [
            (author, first_lounge),
            (other, first_lounge),
            (author, second_lounge),
            (author, first_lounge),
        ]
    ]
    ids = [post["id"] for post in made]
    for path, params, wanted in [
        ("/posts", {}, [3, 2, 1, 0]),
        ("/posts", {"lounge_id": first_lounge["id"]}, [3, 1, 0]),
        ("/posts", {"author_id": author.id}, [3, 2, 0]),
        ("/posts", {"lounge_id": first_lounge["id"], "author_id": author.id}, [3, 0]),
        ("/posts", {"lounge_id": first_lounge["id"], "author_id": author.id, "q": "本文"}, [3, 0]),
        ("/posts", {"lounge_id": UNKNOWN_ID}, []),
        ("/posts", {"author_id": UNKNOWN_ID}, []),
        (f"/lounges/{first_lounge['id']}/posts", {}, [3, 1, 0]),
        (f"/users/{author.id}/posts", {}, [3, 2, 0]),
        ("/users/me/posts", {}, [1]),
    ]:
        assert await posts(other, path, **params) == [ids[n] for n in wanted]
        walked = await walk(other, path, **params)
        assert [post["id"] for post in walked] == [ids[n] for n in wanted]
    expect(await other.get(f"/users/{UNKNOWN_ID}/posts"), 404, "user_not_found")
    expect(await other.get(f"/lounges/{UNKNOWN_ID}/posts"), 404, "lounge_not_found")
    assert await lounges(other, sort="new") == [second_lounge["name"], first_lounge["name"]]
