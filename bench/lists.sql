-- A community like the demo's. `bench/lists.py` replaces GUEST by the reader's id.
CREATE TEMP TABLE people AS
SELECT uuidv7() AS id, n FROM generate_series(1, 40) n;
INSERT INTO users (id, provider, nickname, role, avatar_key)
SELECT id, 'guest', 'ユーザー' || n, 'user',
       CASE WHEN n % 4 > 0 THEN 'avatars/' || gen_random_uuid() || '.webp' END
FROM people;
CREATE TEMP TABLE rooms AS SELECT uuidv7() AS id, n FROM generate_series(1, 150) n;
INSERT INTO lounges (id, name, name_key, search_vector, description, favorite_count, cover_key,
                     last_posted_at)
SELECT id, 'お茶の部屋' || n, 'お茶の部屋' || n, '', '好きなお茶と、その淹れかたの話をします。', n,
       CASE WHEN n % 2 = 0 THEN 'covers/' || gen_random_uuid() || '.webp' END, now()
FROM rooms;
CREATE TEMP TABLE written AS SELECT uuidv7() AS id, n FROM generate_series(1, 300) n;
INSERT INTO posts (id, lounge_id, author_id, title, body)
SELECT written.id, rooms.id, people.id, '新茶の季節になりました ' || written.n,
       repeat('今日は静岡の深蒸し茶を飲みました。', 5)
FROM written JOIN rooms ON rooms.n = 1 + written.n % 150
JOIN people ON people.n = 1 + written.n % 40;
CREATE TEMP TABLE drawn AS
SELECT uuidv7() AS id, written.id AS post_id, written.n, position
FROM written, generate_series(0, 2) position WHERE position < written.n % 4;
INSERT INTO images (id, owner_id, key, thumbnail_key, width, height, blurhash, unattached_since)
SELECT drawn.id, people.id, 'images/' || drawn.id || '/full.webp',
       'images/' || drawn.id || '/thumbnail.webp', 1600, 1200, 'LEHV6nWB2yk8pyo0adR*.7kCMdnj', NULL
FROM drawn JOIN people ON people.n = 1 + drawn.n % 40;
INSERT INTO post_images (post_id, position, image_id) SELECT post_id, position, id FROM drawn;
INSERT INTO comments (post_id, author_id, body)
SELECT written.id, people.id, 'おいしそうですね。わたしも飲んでみたいです。'
FROM generate_series(1, 150) g JOIN people ON people.n = 1 + g % 40 JOIN written ON written.n = 1;
INSERT INTO notifications (user_id, actor_id, type, post_id, comment_id, lounge_id, params)
SELECT 'GUEST', people.id, 'comment', written.id, uuidv7(), rooms.id,
       '{"post": "新茶の季節", "body": "おいしそうですね。"}'
FROM written JOIN people ON people.n = 1 + written.n % 40 JOIN rooms ON rooms.n = 1
WHERE written.n <= 150;
ANALYZE;
