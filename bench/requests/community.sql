-- A community as the years make it: few users write most posts, few lounges have most of them, and
-- new posts have most comments. `bench/requests/community.py` fills in $users and the like.
SELECT setseed(0.42);
SET synchronous_commit = off;
SET maintenance_work_mem = '256MB';
SET work_mem = '128MB';
-- All rows fit together, so the foreign keys need no check.
SET session_replication_role = replica;
CREATE TEMP TABLE people AS
SELECT n, uuidv7(n % 400 * interval '-1 day' - interval '3 days') AS id
FROM generate_series(1, $users) n;
CREATE UNIQUE INDEX ON people (n);
CREATE TEMP TABLE rooms AS
SELECT n, uuidv7(interval '-400 days') AS id FROM generate_series(1, $lounges) n;
CREATE UNIQUE INDEX ON rooms (n);
CREATE TEMP TABLE texts AS
SELECT n, title, body, linky_fold(title || E'\n' || body) AS folded
FROM (
    SELECT n,
           (SELECT string_agg(($words)[1 + floor($word_count * random() ^ 2)::int], 'の')
            FROM generate_series(1, 2 + n % 3)) AS title,
           (SELECT string_agg(($phrases)[1 + floor($phrase_count * random() ^ 2)::int]
                              || ($words)[1 + floor($word_count * random() ^ 2)::int], '。')
            FROM generate_series(1, 6 + n % 12)) || '。' AS body
    FROM generate_series(1, $texts) n
) made;
CREATE UNIQUE INDEX ON texts (n);
CREATE TEMP TABLE written AS
SELECT n, uuidv7(n::float8 / $posts * interval '-400 days' - interval '1 minute') AS id,
       1 + floor($users * random() ^ 2)::int AS author,
       1 + floor($lounges * random() ^ 3)::int AS lounge,
       1 + floor($texts * random())::int AS text,
       greatest(0, floor(random() * 10) - 6)::int AS pictures
FROM generate_series(1, $posts) n;
CREATE UNIQUE INDEX ON written (n);
CREATE TEMP TABLE said AS
SELECT n, 1 + floor($posts * random() ^ 2)::int AS post, 1 + floor($users * random())::int AS author,
       random() AS place, NULL::bigint AS parent
FROM generate_series(1, $comments) n WHERE n % 5 > 0;
INSERT INTO said
SELECT n + 1, post, 1 + floor($users * random())::int, place * random(), n FROM said WHERE n % 5 = 4;
ALTER TABLE said ADD id uuid;
UPDATE said
SET id = uuidv7(place * post::float8 / $posts * interval '-400 days' - interval '1 minute');
CREATE UNIQUE INDEX ON said (n);
CREATE TEMP TABLE liked AS
SELECT DISTINCT 1 + floor($posts * random() ^ 2)::int AS post, 1 + floor($users * random())::int AS person
FROM generate_series(1, $posts);
CREATE TEMP TABLE favored AS
SELECT DISTINCT 1 + floor($lounges * random() ^ 2)::int AS lounge, person
FROM generate_series(1, $users) person, generate_series(1, 5);
ANALYZE people, rooms, texts, written, said, liked, favored;

INSERT INTO users (id, provider, email, email_verified_at, password_hash, nickname, role, avatar_key,
                   post_count, created_at)
SELECT people.id, 'email', 'user' || people.n || '@bench.example', now(), '$password',
       'ユーザー' || people.n, 'user',
       CASE WHEN people.n % 4 > 0 THEN 'avatars/' || people.id || '.webp' END,
       coalesce(counted.posts, 0), uuid_extract_timestamp(people.id)
FROM people LEFT JOIN (SELECT author, count(*) AS posts FROM written GROUP BY author) counted
     ON counted.author = people.n;
INSERT INTO lounges (id, name, name_key, search_vector, description, cover_key, post_count,
                     favorite_count, last_posted_at, created_at)
SELECT rooms.id, 'お茶の部屋' || rooms.n, 'お茶の部屋' || rooms.n,
       linky_bigrams('お茶の部屋' || rooms.n), '好きなお茶と、その淹れかたの話をします。',
       CASE WHEN rooms.n % 2 = 0 THEN 'covers/' || rooms.id || '.webp' END,
       coalesce(counted.posts, 0), coalesce(popular.fans, 0), counted.latest,
       uuid_extract_timestamp(rooms.id)
FROM rooms
LEFT JOIN (SELECT lounge, count(*) AS posts, max(uuid_extract_timestamp(id)) AS latest
           FROM written GROUP BY lounge) counted ON counted.lounge = rooms.n
LEFT JOIN (SELECT lounge, count(*) AS fans FROM favored GROUP BY lounge) popular
     ON popular.lounge = rooms.n;
INSERT INTO lounge_favorites (user_id, lounge_id)
SELECT people.id, rooms.id
FROM favored JOIN people ON people.n = person JOIN rooms ON rooms.n = lounge;
INSERT INTO posts (id, lounge_id, author_id, title, body, comment_count, like_count, created_at,
                   updated_at)
SELECT written.id, rooms.id, people.id, texts.title, texts.body, coalesce(answered.count, 0),
       coalesce(loved.count, 0), uuid_extract_timestamp(written.id),
       uuid_extract_timestamp(written.id)
FROM written JOIN rooms ON rooms.n = written.lounge JOIN people ON people.n = written.author
JOIN texts ON texts.n = written.text
LEFT JOIN (SELECT post, count(*) FROM said GROUP BY post) answered ON answered.post = written.n
LEFT JOIN (SELECT post, count(*) FROM liked GROUP BY post) loved ON loved.post = written.n
ORDER BY written.n DESC;
CREATE TEMP TABLE drawn AS
SELECT uuidv7(uuid_extract_timestamp(written.id) - now()) AS id, written.id AS post_id,
       people.id AS owner_id, position
FROM written JOIN people ON people.n = written.author, generate_series(0, 2) position
WHERE position < written.pictures
ORDER BY written.n DESC;
INSERT INTO images (id, owner_id, key, thumbnail_key, width, height, blurhash, unattached_since)
SELECT id, owner_id, 'images/' || id || '/full.webp', 'images/' || id || '/thumbnail.webp', 1600,
       1200, 'LEHV6nWB2yk8pyo0adR*.7kCMdnj', NULL
FROM drawn;
INSERT INTO post_images (post_id, position, image_id) SELECT post_id, position, id FROM drawn;
INSERT INTO post_likes (user_id, post_id)
SELECT people.id, written.id
FROM liked JOIN people ON people.n = person JOIN written ON written.n = post;
INSERT INTO comments (id, post_id, parent_id, author_id, body, reply_count, created_at, updated_at)
SELECT said.id, written.id, parents.id, people.id,
       'おいしそうですね。わたしも飲んでみたいです。今度の週末に行ってみます。' || said.n,
       CASE WHEN said.n % 5 = 4 AND said.n < $comments THEN 1 ELSE 0 END,
       uuid_extract_timestamp(said.id), uuid_extract_timestamp(said.id)
FROM said JOIN written ON written.n = said.post JOIN people ON people.n = said.author
LEFT JOIN said parents ON parents.n = said.parent
ORDER BY said.id;
INSERT INTO notifications (user_id, type, actor_id, post_author_id, post_id, comment_id, lounge_id,
                           params, created_at, read_at)
SELECT authors.id, 'comment', actors.id, authors.id, written.id, said.id, rooms.id,
       jsonb_build_object('post', texts.title, 'body', 'おいしそうですね。わたしも飲んでみたいです。'),
       uuid_extract_timestamp(said.id), CASE WHEN said.n % 3 > 0 THEN now() END
FROM said JOIN written ON written.n = said.post JOIN people authors ON authors.n = written.author
JOIN people actors ON actors.n = said.author JOIN rooms ON rooms.n = written.lounge
JOIN texts ON texts.n = written.text
WHERE said.n % 4 = 0 AND said.author <> written.author
ORDER BY said.id;
INSERT INTO user_blocks (blocker_id, blocked_id)
SELECT people.id, others.id FROM people JOIN people others ON others.n = 1 + people.n * 7 % $users
WHERE people.n % 5 = 0 AND people.id <> others.id;
INSERT INTO post_mutes (user_id, post_id)
SELECT people.id, written.id FROM people JOIN written ON written.n = 1 + people.n * 3 % $posts
WHERE people.n % 2 = 0;
INSERT INTO post_search (post_id, lounge_id, search_text)
SELECT written.id, rooms.id, texts.folded
FROM written JOIN rooms ON rooms.n = written.lounge JOIN texts ON texts.n = written.text
ORDER BY written.n DESC;
-- What users want to hear of: watched posts, lounges with notifications, what they have seen of a
-- lounge, and announcements.
INSERT INTO post_watches (user_id, post_id)
SELECT DISTINCT people.id, written.id
FROM said JOIN people ON people.n = said.author JOIN written ON written.n = said.post
WHERE said.n % 10 = 1;
-- The last lounge alone has subscribers whom the worker notifies of each post: elsewhere that would
-- run beside what is measured.
INSERT INTO lounge_subscriptions (user_id, lounge_id, level)
SELECT people.id, rooms.id, CASE WHEN lounge = (SELECT max(n) FROM rooms) THEN 'all' ELSE 'none' END
FROM favored JOIN people ON people.n = person JOIN rooms ON rooms.n = lounge
WHERE (person + lounge) % 4 = 0 OR lounge = (SELECT max(n) FROM rooms);
INSERT INTO lounge_recent_views (user_id, lounge_id, id)
SELECT people.id, rooms.id, uuidv7((person * 7 + lounge) % 60 * interval '-1 hour')
FROM favored JOIN people ON people.n = person JOIN rooms ON rooms.n = lounge;
-- One a month. Two thirds of their readers have read them.
INSERT INTO announcements (id, title_ja, body_ja, push, created_by, created_at)
SELECT monthly.id, 'お知らせ ' || monthly.n, '新しい機能を追加しました。', true, people.id,
       uuid_extract_timestamp(monthly.id)
FROM (SELECT n, uuidv7(n * interval '-30 days') AS id FROM generate_series(1, 12) n) monthly
JOIN people ON people.n = 1;
INSERT INTO announcement_marks (user_id, announcement_id, read_at)
SELECT people.id, announcements.id, announcements.created_at
FROM people JOIN announcements ON announcements.id > people.id WHERE people.n % 3 > 0;
