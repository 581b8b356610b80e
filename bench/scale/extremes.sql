-- What a few users, lounges and posts have very much of, and the moderators' lists. It runs behind
-- `community.sql`, whose temporary tables it reads. At scale 10 there are: a lounge with a million
-- posts, a post with 100,000 comments, one of them with 50,000 replies, a user with 100,000
-- notifications, likes and posts and 50,000 favourites, and a user who blocked the 1,000 who write
-- most. All grows with the scale.
CREATE TEMP TABLE stars AS
SELECT name, uuidv7(interval '-500 days') AS id
FROM unnest(ARRAY['heavy', 'blocker', 'moderator']) name;
INSERT INTO users (id, provider, email, email_verified_at, nickname, role)
SELECT id, 'email', name || '@extremes.example', now(), name,
       CASE WHEN name = 'moderator' THEN 'admin' ELSE 'user' END
FROM stars;
INSERT INTO lounges (name, name_key, search_vector, description, post_count)
SELECT name, name, linky_bigrams(name), '混み合うラウンジです。', $posts / 10
FROM (SELECT '駅前の広場' AS name);
CREATE TEMP TABLE crowd AS
SELECT n, uuidv7((1 - n / ($posts / 10.0)::float8) * interval '-400 days' - interval '1 minute') AS id
FROM generate_series(1, $posts / 10) n;
INSERT INTO posts (id, lounge_id, author_id, title, body, comment_count, created_at, updated_at)
SELECT crowd.id, (SELECT id FROM lounges WHERE name_key = '駅前の広場'),
       CASE WHEN crowd.n % 10 = 0 THEN stars.id ELSE people.id END, texts.title, texts.body,
       CASE WHEN crowd.n = $posts / 10 THEN $comments / 200 ELSE 0 END,
       uuid_extract_timestamp(crowd.id), uuid_extract_timestamp(crowd.id)
FROM crowd JOIN people ON people.n = 1 + crowd.n * 7 % $users
JOIN texts ON texts.n = 1 + crowd.n % $texts JOIN stars ON stars.name = 'heavy'
ORDER BY crowd.n;
CREATE TEMP TABLE thread AS
SELECT n, uuidv7((1 - n / ($comments / 100.0)::float8) * interval '-1 minute') AS id
FROM generate_series(1, $comments / 100) n;
INSERT INTO comments (id, post_id, parent_id, author_id, body, reply_count, created_at, updated_at)
SELECT thread.id, crowd.id, CASE WHEN thread.n % 4 = 0 THEN parents.id END,
       CASE WHEN thread.n % 3 = 0 THEN stars.id ELSE people.id END, 'おいしそうですね。' || thread.n,
       CASE WHEN thread.n = 1 THEN $comments / 400 ELSE 0 END, uuid_extract_timestamp(thread.id),
       uuid_extract_timestamp(thread.id)
FROM thread JOIN crowd ON crowd.n = $posts / 10 JOIN thread parents ON parents.n = 1
JOIN people ON people.n = 1 + thread.n * 7 % $users JOIN stars ON stars.name = 'heavy'
ORDER BY thread.n;
INSERT INTO notifications (user_id, type, actor_id, post_author_id, post_id, comment_id, lounge_id,
                           params, created_at, read_at)
SELECT stars.id, 'comment', people.id, stars.id, crowd.id, thread.id, lounges.id,
       '{"post": "新茶の季節", "body": "おいしそうですね。"}', uuid_extract_timestamp(thread.id),
       CASE WHEN thread.n % 4 > 0 THEN now() END
FROM thread JOIN stars ON stars.name = 'heavy' JOIN crowd ON crowd.n = $posts / 10
JOIN people ON people.n = 1 + thread.n * 7 % $users
JOIN lounges ON lounges.name_key = '駅前の広場'
WHERE thread.n <= $comments / 200
ORDER BY thread.n;
INSERT INTO post_likes (user_id, post_id)
SELECT stars.id, written.id FROM written JOIN stars ON stars.name = 'heavy' WHERE written.n % 100 = 0;
INSERT INTO lounge_favorites (user_id, lounge_id)
SELECT stars.id, rooms.id FROM rooms JOIN stars ON stars.name = 'heavy' WHERE rooms.n % 2 = 0;
INSERT INTO user_blocks (blocker_id, blocked_id)
SELECT stars.id, people.id FROM people JOIN stars ON stars.name = 'blocker'
WHERE people.n <= $users / 500;
INSERT INTO lounge_recent_views (user_id, lounge_id)
SELECT people.id, rooms.id
FROM people, generate_series(0, 49) number JOIN rooms ON true
WHERE people.n <= 1000 AND rooms.n = 1 + (people.n * 50 + number) % $lounges
  AND NOT EXISTS (SELECT FROM lounge_recent_views
                  WHERE user_id = people.id AND lounge_id = rooms.id);
-- The moderators' lists.
CREATE TEMP TABLE held AS
SELECT n, uuidv7(n::float8 / $posts * 500 * interval '-100 days' - interval '2 minutes') AS id
FROM generate_series(1, $posts / 500) n;
INSERT INTO posts (id, lounge_id, author_id, title, body, moderation, created_at)
SELECT held.id, rooms.id, people.id, '題名', '確認を待つ投稿です。', 'held',
       uuid_extract_timestamp(held.id)
FROM held JOIN people ON people.n = 1 + held.n * 7 % $users
JOIN rooms ON rooms.n = 1 + held.n % $lounges;
INSERT INTO comments (post_id, author_id, body, moderation)
SELECT held.id, people.id, '確認を待つコメントです。', 'held'
FROM held JOIN people ON people.n = 1 + held.n * 7 % $users;
CREATE TEMP TABLE cases AS
SELECT n, uuidv7(n % 400 * interval '-1 day') AS id FROM generate_series(1, $users / 10) n;
INSERT INTO report_cases (id, target_type, target_id, author_id, status, resolution, gravity,
                          reasons, report_count, snapshot, created_at, due_at, resolved_at)
SELECT cases.id, 'post', written.id, people.id,
       CASE WHEN cases.n % 2 = 0 THEN 'open' ELSE 'resolved' END,
       CASE WHEN cases.n % 2 > 0 THEN 'dismiss' END, cases.n % 9 + 1, ARRAY['spam', 'abuse'], 2,
       jsonb_build_object('id', written.id, 'title', '題名', 'author', people.n::text,
                          'body', '今日は静岡の深蒸し茶を飲みました。'),
       uuid_extract_timestamp(cases.id), uuid_extract_timestamp(cases.id) + interval '1 day',
       CASE WHEN cases.n % 2 > 0 THEN now() END
FROM cases JOIN written ON written.n = cases.n JOIN people ON people.n = cases.n;
INSERT INTO reports (case_id, reporter_id, target_type, target_id, reason, detail)
SELECT cases.id, people.id, 'post', written.id, 'spam', '毎日同じ宣伝を貼っています。'
FROM cases JOIN written ON written.n = cases.n JOIN people ON people.n <= 2;
INSERT INTO lounge_requests (requester_id, name, name_key, description, reason, status,
                             reject_reason, decided_at)
SELECT people.id, '希望' || people.n, '希望' || people.n, '計測のための申請です。', '話したい',
       (ARRAY['pending', 'rejected'])[1 + people.n % 2],
       CASE WHEN people.n % 2 = 1 THEN '似た部屋があります。' END,
       CASE WHEN people.n % 2 = 1 THEN now() END
FROM people WHERE people.n <= $users / 10;
INSERT INTO audit_log (actor_id, action, target_type, target_id, reason, before, after, address)
SELECT stars.id, 'user.changed', 'user', people.id, '規約違反のため',
       '{"status": "active", "role": "user"}', '{"status": "suspended", "role": "user"}',
       '203.0.113.7'
FROM people JOIN stars ON stars.name = 'moderator' WHERE people.n <= $users / 5;
INSERT INTO appeals (user_id, against, notification_id, reason, quote, text, status, decided_at)
SELECT CASE WHEN people.n % 10 = 0 THEN stars.id ELSE people.id END, 'moderation', uuidv7(),
       '宣伝のため', '毎日同じ宣伝です。', '宣伝ではありません。',
       CASE WHEN people.n % 2 = 0 THEN 'open' ELSE 'upheld' END,
       CASE WHEN people.n % 2 > 0 THEN now() END
FROM people JOIN stars ON stars.name = 'heavy' WHERE people.n <= $users / 10;
-- From before all of them joined, so no user gets these.
INSERT INTO announcements (id, title_ja, body_ja, push, created_by, created_at)
SELECT made.id, 'お知らせ', '新しい機能を追加しました。', true, stars.id, uuid_extract_timestamp(made.id)
FROM (SELECT uuidv7(interval '-600 days' - n * interval '1 hour') AS id
      FROM generate_series(1, 2000) n) made
JOIN stars ON stars.name = 'moderator';
