-- What apps show, and what the log must say when it changes: in the databases of tests only.
-- See completeness.py.

-- The bridge for 0.2: here our own code writes each sign-in method. `tests/auth/test_first_method.py` has both.
DROP TRIGGER users_copy_first_door ON users;

-- Without it each change in a batch of thousands would read all that was told.
CREATE INDEX told ON live_inbox (subject);

CREATE FUNCTION told(what integer, of_subject uuid, in_topic uuid) RETURNS boolean
LANGUAGE sql VOLATILE AS $$
    SELECT EXISTS (
        SELECT FROM live_inbox WHERE kind = what AND subject = of_subject AND topic = in_topic
    )
$$;

CREATE FUNCTION has_left(person uuid) RETURNS boolean LANGUAGE sql VOLATILE AS $$
    SELECT person IS NULL OR NOT EXISTS (
        SELECT FROM users WHERE id = person AND left_at IS NULL
    )
$$;

CREATE FUNCTION must_tell(is_told boolean, what text, subject uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT is_told THEN
        RAISE EXCEPTION 'untold: % % (CONTRIBUTING.md, What apps are told)', what, subject USING ERRCODE = 'raise_exception';
    END IF;
END
$$;

CREATE FUNCTION is_checked() RETURNS boolean LANGUAGE sql AS $$
    SELECT coalesce(current_setting('linky.checked', true) IN ('here', 'at_commit'), false)
$$;

-- In the one transaction of a test the inbox has nothing of others.
CREATE FUNCTION is_alone() RETURNS boolean LANGUAGE sql AS $$
    SELECT current_setting('linky.checked', true) = 'here'
$$;

CREATE FUNCTION check_post() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was_out boolean := TG_OP = 'INSERT' OR OLD.deleted_at IS NOT NULL OR OLD.moderation = 'hidden';
    is_out boolean;
BEGIN
    IF NOT is_checked() OR has_left(NEW.author_id) THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'updated_at' = to_jsonb(NEW) - 'updated_at' THEN
        RETURN NULL;
    END IF;
    is_out := NEW.deleted_at IS NOT NULL OR NEW.moderation = 'hidden';
    IF was_out AND is_out THEN
        RETURN NULL;
    END IF;
    PERFORM must_tell(told(1, NEW.id, NEW.id), 'post in its own topic', NEW.id);
    IF TG_OP = 'INSERT' OR (OLD.title, OLD.body, OLD.moderation, OLD.deleted_at)
        IS DISTINCT FROM (NEW.title, NEW.body, NEW.moderation, NEW.deleted_at) THEN
        PERFORM must_tell(told(1, NEW.id, NEW.lounge_id), 'post in its lounge', NEW.id);
    END IF;
    IF TG_OP = 'UPDATE' AND (OLD.title, OLD.moderation, OLD.deleted_at)
        IS DISTINCT FROM (NEW.title, NEW.moderation, NEW.deleted_at) THEN
        PERFORM must_tell_about(NEW.id, NULL);
    END IF;
    IF is_alone() AND NEW.moderation = 'held' AND (TG_OP = 'INSERT' OR OLD.moderation = 'held')
        AND EXISTS (SELECT FROM posts WHERE id = NEW.id AND moderation = 'held') THEN
        PERFORM must_tell(NOT EXISTS (
            SELECT FROM live_inbox
            WHERE kind = 1 AND subject = NEW.id AND only_for IS DISTINCT FROM NEW.author_id
        ), 'held post to its author alone', NEW.id);
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION check_comment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was_out boolean := TG_OP = 'INSERT' OR OLD.moderation = 'hidden'
        OR (OLD.deleted_at IS NOT NULL AND OLD.reply_count = 0);
    is_out boolean := TG_OP = 'DELETE' OR NEW.moderation = 'hidden'
        OR (NEW.deleted_at IS NOT NULL AND NEW.reply_count = 0);
    it comments;
BEGIN
    it := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    IF NOT is_checked() OR (was_out AND is_out)
        OR NOT EXISTS (SELECT FROM posts WHERE id = it.post_id AND deleted_at IS NULL)
        OR has_left((SELECT author_id FROM posts WHERE id = it.post_id))
        OR (has_left(it.author_id) AND is_out) THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' AND (OLD.body, OLD.moderation, OLD.deleted_at, OLD.reply_count)
        IS NOT DISTINCT FROM (NEW.body, NEW.moderation, NEW.deleted_at, NEW.reply_count) THEN
        RETURN NULL;
    END IF;
    PERFORM must_tell(told(2, it.id, it.post_id), 'comment', it.id);
    IF TG_OP = 'UPDATE' AND (left(OLD.body, 60), OLD.moderation, OLD.deleted_at)
        IS DISTINCT FROM (left(NEW.body, 60), NEW.moderation, NEW.deleted_at) THEN
        PERFORM must_tell_about(NULL, it.id);
    END IF;
    IF is_alone() AND it.moderation = 'held' AND (TG_OP = 'INSERT' OR OLD.moderation = 'held')
        AND EXISTS (SELECT FROM comments WHERE id = it.id AND moderation = 'held') THEN
        PERFORM must_tell(NOT EXISTS (
            SELECT FROM live_inbox
            WHERE kind = 2 AND subject = it.id AND only_for IS DISTINCT FROM it.author_id
        ), 'held comment to its author alone', it.id);
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION check_picture() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    post uuid := CASE WHEN TG_OP = 'DELETE' THEN OLD.post_id ELSE NEW.post_id END;
BEGIN
    IF is_checked() AND NOT has_left((
        SELECT author_id FROM posts
        WHERE id = post AND deleted_at IS NULL AND moderation <> 'hidden'
    )) THEN
        PERFORM must_tell(told(1, post, post), 'post with its pictures', post);
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION check_lounge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF is_checked() THEN
        PERFORM must_tell(told(3, NEW.id, NEW.id), 'lounge', NEW.id);
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION check_notification() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    it notifications;
BEGIN
    it := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    IF NOT is_checked() OR has_left(it.user_id) THEN
        RETURN NULL;
    END IF;
    -- What is old goes without a word. Only the badge is told.
    IF TG_OP = 'DELETE' AND OLD.created_at < now() - interval '1 day' THEN
        IF OLD.read_at IS NULL THEN
            PERFORM must_tell(
                told(5, it.user_id, it.user_id) OR told(4, it.id, it.user_id), 'badge', it.user_id
            );
        END IF;
        RETURN NULL;
    END IF;
    -- The job that notes a user's mark in the rows changes nothing that shows.
    IF TG_OP = 'UPDATE' AND EXISTS (
        SELECT FROM notification_marks WHERE user_id = it.user_id AND read_at = it.read_at
    ) THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.read_at IS NOT DISTINCT FROM NEW.read_at THEN
        RETURN NULL;
    END IF;
    PERFORM must_tell(
        told(4, it.id, it.user_id)
            OR EXISTS (SELECT FROM live_inbox WHERE kind IN (7, 10) AND topic = it.user_id),
        'notification', it.id
    );
    RETURN NULL;
END
$$;

-- A batch at once, and a job tells of the rest: tests of so many tell by themselves.
CREATE FUNCTION must_tell_about(post uuid, comment uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    it notifications;
BEGIN
    FOR it IN SELECT * FROM notifications
        WHERE notifications.post_id = post OR notifications.comment_id = comment LIMIT 100
    LOOP
        PERFORM must_tell(
            has_left(it.user_id)
                -- With the author, apps drop what this author did.
                OR (it.actor_id IS NOT NULL AND has_left(it.actor_id))
                OR told(4, it.id, it.user_id)
                OR EXISTS (
                    SELECT FROM pgqueuer WHERE entrypoint = 'notification.tell'
                )
                OR EXISTS (SELECT FROM live_inbox WHERE kind IN (7, 10) AND topic = it.user_id),
            'notification', it.id
        );
    END LOOP;
END
$$;

CREATE FUNCTION check_mark() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF is_checked() THEN
        PERFORM must_tell(told(5, NEW.user_id, NEW.user_id), 'badge', NEW.user_id);
        PERFORM must_tell(told(10, NEW.user_id, NEW.user_id), 'reload', NEW.user_id);
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION check_announcement() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    announcement uuid := CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END;
BEGIN
    IF is_checked() THEN
        PERFORM must_tell(
            told(9, announcement, '00000000-0000-0000-0000-000000000000'),
            'announcement', announcement
        );
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION check_announcement_mark() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF is_checked() AND NEW.read_at IS NOT NULL THEN
        PERFORM must_tell(
            told(4, NEW.announcement_id, NEW.user_id), 'announcement read', NEW.announcement_id
        );
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION check_block() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    it user_blocks;
BEGIN
    it := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    IF is_checked() AND NOT has_left(it.blocker_id) AND NOT has_left(it.blocked_id) THEN
        PERFORM must_tell(told(7, it.blocked_id, it.blocker_id), 'block', it.blocked_id);
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION check_mute() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    it post_mutes;
BEGIN
    it := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    IF is_checked() AND NOT has_left(it.user_id) AND NOT has_left((
        SELECT author_id FROM posts WHERE id = it.post_id AND deleted_at IS NULL
    )) THEN
        PERFORM must_tell(told(7, it.post_id, it.user_id), 'mute', it.post_id);
    END IF;
    RETURN NULL;
END
$$;

-- For the tables of marks: completeness.py makes their triggers.
CREATE FUNCTION check_own_mark() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    it jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
    reader uuid := it ->> 'user_id';
    subject uuid := it ->> TG_ARGV[1];
BEGIN
    IF is_checked() AND NOT has_left(reader) AND (TG_ARGV[1] <> 'post_id' OR EXISTS (
        SELECT FROM posts WHERE id = subject AND deleted_at IS NULL
    )) THEN
        PERFORM must_tell(told(TG_ARGV[0]::integer, subject, reader), TG_TABLE_NAME, subject);
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION check_user() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT is_checked() THEN
        RETURN NULL;
    END IF;
    -- Who really leaves has no sessions. Tests set the column by itself. A guest wrote nothing.
    IF OLD.left_at IS NULL AND NEW.left_at IS NOT NULL AND NEW.role <> 'guest' AND NOT EXISTS (
        SELECT FROM user_sessions WHERE user_id = NEW.id AND ended_at IS NULL
    ) THEN
        PERFORM must_tell(
            told(6, NEW.id, '00000000-0000-0000-0000-000000000000'), 'author', NEW.id
        );
    END IF;
    IF OLD.status <> 'suspended' AND NEW.status = 'suspended' THEN
        PERFORM must_tell(told(8, NEW.id, NEW.id), 'suspension', NEW.id);
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION check_session() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF is_checked() AND OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL THEN
        PERFORM must_tell(
            EXISTS (SELECT FROM live_inbox WHERE kind = 8 AND topic = NEW.user_id)
                -- Tests let people leave by SQL of their own, and say this much.
                OR told(6, NEW.user_id, '00000000-0000-0000-0000-000000000000'),
            'end of a session', NEW.id
        );
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER told AFTER INSERT OR UPDATE OF
    title, body, comment_count, like_count, moderation, deleted_at
    ON posts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_post();
CREATE CONSTRAINT TRIGGER told AFTER INSERT OR DELETE OR UPDATE OF
    body, moderation, deleted_at, reply_count
    ON comments DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_comment();
CREATE CONSTRAINT TRIGGER told AFTER INSERT OR DELETE
    ON post_images DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_picture();
CREATE CONSTRAINT TRIGGER told AFTER UPDATE OF name, description, cover_key, closed_at
    ON lounges DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.name, OLD.description, OLD.cover_key, OLD.closed_at)
        IS DISTINCT FROM (NEW.name, NEW.description, NEW.cover_key, NEW.closed_at))
    EXECUTE FUNCTION check_lounge();
CREATE CONSTRAINT TRIGGER told AFTER INSERT OR DELETE OR UPDATE OF
    read_at
    ON notifications DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION check_notification();
CREATE CONSTRAINT TRIGGER told AFTER INSERT OR UPDATE ON notification_marks
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_mark();
CREATE CONSTRAINT TRIGGER told AFTER INSERT OR DELETE ON announcements
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_announcement();
CREATE CONSTRAINT TRIGGER told AFTER INSERT OR UPDATE OF read_at ON announcement_marks
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_announcement_mark();
CREATE CONSTRAINT TRIGGER told AFTER INSERT OR DELETE ON user_blocks
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_block();
CREATE CONSTRAINT TRIGGER told AFTER INSERT OR DELETE ON post_mutes
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_mute();
-- The job that pushes changes its other columns.
CREATE CONSTRAINT TRIGGER told AFTER INSERT OR DELETE OR UPDATE OF level ON lounge_subscriptions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_own_mark(12, lounge_id);
CREATE CONSTRAINT TRIGGER told AFTER UPDATE OF left_at, status ON users
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_user();
CREATE CONSTRAINT TRIGGER told AFTER UPDATE OF ended_at ON user_sessions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_session();
