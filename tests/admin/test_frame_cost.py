"""What stands around every page of the console reads no table from end to end."""

from tests.support.console import shown, signed_in
from tests.support.sql import sql
from tests.support.statements import explain, nodes, statements
from tests.support.world import World

_FILL = """
INSERT INTO users (provider, nickname, role)
SELECT 'guest', 'g', 'user' FROM generate_series(1, 500);
INSERT INTO lounges (name, name_key, search_vector, description) VALUES ('l', 'l', '', 'd');
INSERT INTO posts (lounge_id, author_id, title, body)
SELECT lounges.id, users.id, 't', 'b' FROM lounges, users, generate_series(1, 10);
INSERT INTO comments (post_id, author_id, body, moderation)
SELECT id, author_id, 'c', CASE WHEN n = 1 AND random() < 0.02 THEN 'held' ELSE 'visible' END
FROM posts, generate_series(1, 3) n;
ANALYZE
"""


async def test_the_frame_counts_held_comments_by_their_index(committed_world: World) -> None:
    world = committed_world
    browser = await signed_in(world, await world.admin())
    for statement in _FILL.split(";\n"):
        await sql(world, statement)
    with statements(world.runtime) as sent:
        shown(await browser.get("/words"))
    (frame,) = [query for query in sent if "comments" in query[0]]
    for mode in ("force_custom_plan", "force_generic_plan"):
        plan = await explain(world, *frame, mode, as_reader=True)
        scans = {(node.get("Relation Name"), node.get("Index Name")) for node in nodes(plan)}
        assert ("comments", "comments_held_idx") in scans, plan
        assert ("posts", "posts_pkey") in scans, plan
        assert ("posts", None) not in scans, plan
