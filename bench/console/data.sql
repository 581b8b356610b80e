-- What the console has besides the lists of `bench/scale`: a case that many reported, a long queue of
-- cases, a user of whom everything is known, words, reasons, dead jobs and numbers by day. It runs behind
-- `extremes.sql`, whose temporary tables it reads.
INSERT INTO reports (case_id, reporter_id, target_type, target_id, reason, detail)
SELECT first.id, people.id, 'post', first.target_id, 'abuse', '何度も続いています。'
FROM (SELECT id, target_id FROM report_cases WHERE status = 'open' ORDER BY id LIMIT 1) first
JOIN people ON people.n > 2 AND people.n <= $users * 3 / 10 + 2;
UPDATE report_cases SET report_count = $users * 3 / 10
WHERE id = (SELECT id FROM report_cases WHERE status = 'open' ORDER BY id LIMIT 1);
-- The first of them reported much before.
INSERT INTO reports (id, case_id, reporter_id, target_type, target_id, reason, detail)
SELECT uuidv7(interval '-1 day'), old.id, first.reporter_id, old.target_type, old.target_id, 'spam', ''
FROM (SELECT reporter_id FROM reports JOIN report_cases ON report_cases.id = case_id
      WHERE status = 'open' AND reporter_id IS NOT NULL ORDER BY case_id, reports.id LIMIT 1) first
JOIN report_cases old ON NOT EXISTS
    (SELECT FROM reports WHERE case_id = old.id AND reports.reporter_id = first.reporter_id)
LIMIT 500;
UPDATE report_cases SET author_id = stars.id
FROM cases JOIN stars ON stars.name = 'heavy' WHERE cases.id = report_cases.id AND cases.n % 10 = 0;
INSERT INTO user_warnings (user_id, notification_id, reason)
SELECT CASE WHEN people.n % 2 = 0 THEN stars.id ELSE people.id END, uuidv7(), '規約違反のため'
FROM people JOIN stars ON stars.name = 'heavy' WHERE people.n <= $users / 20;
-- Enough that a walk through the whole log shows at any scale.
INSERT INTO audit_log (actor_id, action, target_type, target_id, reason, before, after, address)
SELECT moderator.id, 'user.warned', 'user', uuidv7(), '規約違反のため', '{}', '{}', '203.0.113.7'
FROM stars moderator, generate_series(1, 15000) n WHERE moderator.name = 'moderator';
INSERT INTO audit_log (actor_id, action, target_type, target_id, reason, before, after, address)
SELECT moderator.id, 'user.warned', 'user', heavy.id, '規約違反のため', '{}', '{}', '203.0.113.7'
FROM people JOIN stars moderator ON moderator.name = 'moderator' JOIN stars heavy ON heavy.name = 'heavy'
WHERE people.n <= $users / 20;
UPDATE users SET status = 'suspended', suspension_reason = '宣伝のため', suspension_id = uuidv7()
FROM people WHERE people.id = users.id AND people.n % 50 = 0;
UPDATE posts SET moderation = 'hidden' WHERE moderation = 'visible' AND hashtext(id::text) % 50 = 0;
UPDATE lounges SET closed_at = now() FROM rooms WHERE rooms.id = lounges.id AND rooms.n % 10 = 0;
INSERT INTO user_sessions (user_id, user_agent, expires_at, ended_at)
SELECT stars.id, 'Console: Chrome', now() + interval '7 days',
       CASE WHEN n % 2 = 0 THEN now() END
FROM stars, generate_series(1, 200) n WHERE stars.name = 'moderator';
INSERT INTO waiting_announcements (title_ja, body_ja, push, created_by, publish_at, audience)
SELECT 'お知らせ', '来月からです。', true, stars.id, now() + n * interval '30 days', $users
FROM stars, generate_series(1, 30) n WHERE stars.name = 'moderator';
INSERT INTO banned_words (kind, word, key)
SELECT CASE WHEN n % 4 = 0 THEN 'allowed' ELSE 'banned' END, '禁止語' || n, '禁止語' || n
FROM generate_series(1, 400) n;
INSERT INTO canned_reasons (use, ja, en)
SELECT use, '理由' || n, 'reason ' || n
FROM unnest(ARRAY['request', 'content', 'user']) use, generate_series(1, 10) n;
INSERT INTO pgqueuer (priority, status, entrypoint, attempts)
SELECT 0, CASE WHEN n % 2 = 0 THEN 'failed' ELSE 'queued' END::pgqueuer_status, 'send_push', 9
FROM generate_series(1, 400) n;
INSERT INTO daily_counts (day, sign_ups, posts, comments, reports)
SELECT day, 100, 3000, 3000, 100
FROM generate_series(current_date - 59, current_date - 1, interval '1 day') day;
-- What happened in the last minutes is counted again at each look. All of the above did not.
UPDATE reports SET created_at = created_at - interval '3 days';
UPDATE comments SET created_at = created_at - interval '3 days' WHERE moderation = 'held' OR created_at > now() - interval '1 hour';
UPDATE lounge_requests SET decided_at = decided_at - interval '3 days' - random() * interval '1 day';
UPDATE report_cases SET resolved_at = resolved_at - interval '3 days' - random() * interval '1 day';
UPDATE appeals SET decided_at = decided_at - interval '3 days' - random() * interval '1 day';
