-- What users want to hear of: watched posts, lounges with notifications, what they have seen of a
-- lounge, and announcements. It runs behind `community.sql`, whose temporary tables it reads, if the
-- schema has these tables.
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
