"""Who may see, write, change and delete posts."""

from app.post.rows import Post
from tests.support.api import expect
from tests.support.lists import check, posts
from tests.support.sql import sql
from tests.support.world import World

HELD = "UPDATE posts SET moderation = 'held' WHERE id = :id"


async def test_only_the_author_sees_a_held_post_and_no_user_a_hidden_post(world: World) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    path = f"/posts/{post['id']}"
    await sql(world, HELD, id=post["id"])
    held = expect(await author.get(path), 200)
    check(Post, held)
    assert held == post | {"moderation": "held"}
    assert await posts(author) == await posts(author, "/users/me/posts") == [post["id"]]
    assert await posts(author, q="本文") == [post["id"]]
    changed = expect(await author.patch(path, json={"title": "直した"}), 200)
    assert (changed["title"], changed["moderation"]) == ("直した", "held")
    expect(await reader.get(path), 404)
    await world.restore_post(post)
    assert expect(await reader.get(path), 200)["moderation"] == "visible"
    await world.hide_post(post)
    expect(await author.get(path), 404)
    expect(await author.patch(path, json={"title": "x"}), 404, "post_not_found")
    expect(await author.delete(path), 404, "post_not_found")
    assert await posts(author, "/users/me/posts") == []
