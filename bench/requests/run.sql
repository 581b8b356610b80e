-- What each run needs afresh: sessions of the viewers, tokens to refresh, pictures to post,
-- notifications that are not read, and posts to mute.
DELETE FROM user_sessions WHERE user_agent = 'bench';
DELETE FROM auth_wrong_passwords;
DELETE FROM images WHERE unattached_since IS NOT NULL;
CREATE TEMP TABLE viewers AS
SELECT id, row_number() OVER (ORDER BY id) AS n
FROM (SELECT id FROM users WHERE email LIKE '%@bench.example' AND left_at IS NULL
      ORDER BY md5(id::text) LIMIT $viewers) chosen;
INSERT INTO user_sessions (user_id, user_agent, expires_at)
SELECT id, 'bench', now() + interval '7 days' FROM viewers;
INSERT INTO refresh_tokens (session_id, token_hash, expires_at)
SELECT sessions.id, sha256(convert_to('$run-' || viewers.n || '-' || number, 'UTF8')),
       now() + interval '7 days'
FROM generate_series(0, $tokens - 1) number, viewers JOIN user_sessions sessions
     ON sessions.user_id = viewers.id AND sessions.user_agent = 'bench';
CREATE TEMP TABLE painted AS
SELECT uuidv7() AS id, viewers.id AS owner_id FROM viewers, generate_series(1, $pictures);
INSERT INTO images (id, owner_id, key, thumbnail_key, width, height, blurhash)
SELECT id, owner_id, 'images/' || id || '/full.webp', 'images/' || id || '/thumbnail.webp', 1600,
       1200, 'LEHV6nWB2yk8pyo0adR*.7kCMdnj'
FROM painted;
CREATE TEMP TABLE fresh AS
SELECT latest.* FROM viewers, LATERAL (
    SELECT id, user_id FROM notifications WHERE user_id = viewers.id
    ORDER BY id DESC LIMIT $notifications) latest;
DELETE FROM notification_marks WHERE user_id IN (SELECT id FROM viewers);
UPDATE notifications SET read_at = NULL
WHERE id IN (SELECT id FROM fresh) AND read_at IS NOT NULL;
CREATE TEMP TABLE own AS
SELECT posts.id, author_id FROM posts JOIN viewers ON viewers.id = author_id
WHERE moderation = 'visible' AND deleted_at IS NULL AND comment_count < 20 -- others are in `talks`
ORDER BY md5(posts.id::text) LIMIT (SELECT least(200, count(*) / 10) FROM posts);
DELETE FROM post_mutes USING own WHERE post_id = own.id AND user_id = own.author_id;
