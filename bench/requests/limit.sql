-- name: comment
-- $1 author, $2 post, $3 id, $4 body, $5 key or NULL, $6 fingerprint, $7 the answer to keep
WITH post AS (
    SELECT posts.id, posts.author_id, posts.lounge_id, posts.title
    FROM posts JOIN lounges ON lounges.id = posts.lounge_id
    WHERE posts.id = $2 AND posts.deleted_at IS NULL AND posts.moderation = 'visible'
      AND lounges.closed_at IS NULL
      AND NOT EXISTS (SELECT FROM user_blocks WHERE blocker_id = $1 AND blocked_id = posts.author_id)
      AND NOT EXISTS (SELECT FROM post_mutes WHERE user_id = $1 AND post_id = posts.id
                                               AND posts.author_id <> $1)
    FOR NO KEY UPDATE OF posts
), writer AS (
    SELECT nickname, avatar_key FROM users WHERE id = $1 AND left_at IS NULL AND status = 'active'
), kept AS (
    INSERT INTO idempotency_keys (user_id, key, fingerprint, status, body, created_at)
    SELECT $1, $5, $6, 201, $7, now() FROM post WHERE $5::text IS NOT NULL
), comment AS (
    INSERT INTO comments (id, post_id, author_id, body) SELECT $3, post.id, $1, $4 FROM post
    RETURNING id, created_at, updated_at
), record AS (
    INSERT INTO connection_records (user_id, act, subject_type, subject_id, address, port)
    SELECT $1, 'created', 'comment', id, '10.0.0.1', 40000 FROM comment
), news AS (
    INSERT INTO notifications (user_id, type, actor_id, post_author_id, post_id, comment_id,
                               lounge_id, params)
    SELECT post.author_id, 'comment', $1, post.author_id, post.id, comment.id, post.lounge_id,
           jsonb_build_object('post', post.title, 'body', $4::text)
    FROM post, comment
    WHERE post.author_id <> $1
      AND NOT EXISTS (SELECT FROM user_blocks WHERE blocker_id = post.author_id AND blocked_id = $1)
      AND NOT EXISTS (SELECT FROM post_mutes WHERE user_id = post.author_id AND post_id = post.id)
    RETURNING id, user_id
), job AS (
    INSERT INTO pgqueuer (priority, status, entrypoint, payload, headers)
    SELECT 0, 'queued', 'notification.send_push',
           convert_to(jsonb_build_object('notification_id', id)::text, 'UTF8'), '{}'
    FROM news
    RETURNING id, entrypoint, priority
), logged AS (
    INSERT INTO pgqueuer_log (job_id, status, entrypoint, priority)
    SELECT id, 'queued', entrypoint, priority FROM job
), live AS (
    INSERT INTO live_inbox (topic, kind, subject)
    SELECT $2, 2::smallint, id FROM comment
    UNION ALL SELECT $2, 1::smallint, $2 FROM comment
    UNION ALL SELECT user_id, 4::smallint, id FROM news
), counted AS (
    UPDATE posts SET comment_count = comment_count + 1 FROM comment WHERE posts.id = $2
)
SELECT comment.created_at, comment.updated_at, writer.nickname, writer.avatar_key
FROM comment, writer
-- name: post
-- $1 author, $2 lounge, $3 id, $4 title, $5 body, $6 images, $7 the folded words
WITH lounge AS (
    SELECT id, name FROM lounges WHERE id = $2 AND closed_at IS NULL FOR KEY SHARE
), writer AS (
    UPDATE users SET post_count = post_count + 1 FROM lounge
    WHERE users.id = $1 AND users.left_at IS NULL AND users.status = 'active'
    RETURNING users.id, users.nickname, users.avatar_key
), post AS (
    INSERT INTO posts (id, lounge_id, author_id, title, body)
    SELECT $3, lounge.id, writer.id, $4, $5 FROM lounge, writer
    RETURNING id, created_at, updated_at
), words AS (
    INSERT INTO post_search (post_id, lounge_id, search_text) SELECT id, $2, $7 FROM post
), taken AS (
    UPDATE images SET unattached_since = NULL FROM post
    WHERE images.id = ANY($6::uuid[]) AND images.owner_id = $1
      AND images.unattached_since IS NOT NULL
    RETURNING images.id, images.key, images.thumbnail_key, images.width, images.height,
              images.blurhash
), placed AS (
    INSERT INTO post_images (post_id, position, image_id)
    SELECT post.id, given.position - 1, given.id
    FROM post, unnest($6::uuid[]) WITH ORDINALITY AS given (id, position)
), record AS (
    INSERT INTO connection_records (user_id, act, subject_type, subject_id, address, port)
    SELECT $1, 'created', 'post', id, '10.0.0.1', 40000 FROM post
), live AS (
    INSERT INTO live_inbox (topic, kind, subject)
    SELECT topic, 1::smallint, post.id FROM post, unnest(ARRAY[$3, $2]::uuid[]) AS topic
), counted AS (
    UPDATE lounges SET post_count = post_count + 1, last_posted_at = post.created_at
    FROM post WHERE lounges.id = $2
)
SELECT lounge.name, writer.nickname, writer.avatar_key, post.created_at, post.updated_at,
       (SELECT json_agg(taken)::text FROM taken) AS images
FROM lounge, writer, post
-- name: like
-- $1 user, $2 post
WITH post AS (
    SELECT id FROM posts
    WHERE id = $2 AND deleted_at IS NULL AND moderation = 'visible'
      AND NOT EXISTS (SELECT FROM user_blocks WHERE blocker_id = $1 AND blocked_id = posts.author_id)
      AND NOT EXISTS (SELECT FROM post_mutes WHERE user_id = $1 AND post_id = posts.id
                                               AND posts.author_id <> $1)
    FOR NO KEY UPDATE
), liked AS (
    INSERT INTO post_likes (user_id, post_id) SELECT $1, id FROM post
    ON CONFLICT DO NOTHING
    RETURNING post_id
), live AS (
    INSERT INTO live_inbox (topic, kind, subject)
    SELECT $1, 11::smallint, post_id FROM liked UNION ALL SELECT post_id, 1::smallint, post_id FROM liked
)
UPDATE posts SET like_count = like_count + 1 FROM liked WHERE posts.id = liked.post_id
-- name: me
-- $1 user, $2 the beginning of the addresses of pictures
SELECT id, email, email_verified_at IS NOT NULL AS email_verified, nickname,
       nickname = 'Linkyユーザー' AND password_hash IS NULL AS needs_nickname, bio,
       $2 || avatar_key AS avatar_url, role, role = 'guest' AS is_guest, provider, locale,
       terms_version, created_at, 'yes' AS may_publish
FROM users WHERE id = $1 AND left_at IS NULL
