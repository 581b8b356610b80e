-- What the database computes, after all migrations. `make functions` writes this file; to change
-- something, write a migration.

-- Functions

CREATE OR REPLACE FUNCTION public.audit_log_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only';
END
$function$;

CREATE OR REPLACE FUNCTION public.fn_pgqueuer_changed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    to_emit BOOLEAN := false;  -- Flag to decide whether to emit a notification
BEGIN
    -- Check operation type and set the emit flag accordingly
    IF TG_OP = 'UPDATE' AND OLD IS DISTINCT FROM NEW THEN
        to_emit := true;
    ELSIF TG_OP = 'DELETE' THEN
        to_emit := true;
    ELSIF TG_OP = 'INSERT' THEN
        to_emit := true;
    ELSIF TG_OP = 'TRUNCATE' THEN
        to_emit := true;
    END IF;

    -- Perform notification if the emit flag is set
    IF to_emit THEN
        PERFORM pg_notify(
            'ch_pgqueuer',
            json_build_object(
                'channel', 'ch_pgqueuer',
                'operation', lower(TG_OP),
                'sent_at', NOW(),
                'table', TG_TABLE_NAME,
                'type', 'table_changed_event'
            )::text
        );
    END IF;

    -- Return appropriate value based on the operation
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        RETURN NEW;
    ELSIF TG_OP = 'DELETE' THEN
        RETURN OLD;
    ELSE
        RETURN NULL; -- For TRUNCATE and other non-row-specific contexts
    END IF;

END;
$function$;

CREATE OR REPLACE FUNCTION public.linky_banned_words_changed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    UPDATE banned_words_version SET version = uuidv7();
    RETURN NULL;
END
$function$;

CREATE OR REPLACE FUNCTION public.linky_bigrams(folded text)
 RETURNS tsvector
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (SELECT COALESCE(array_to_tsvector(array_agg(DISTINCT substr(word.word, place.place, 2))), ''::tsvector) AS "coalesce" FROM string_to_table(linky_bigrams.folded, ' '::text) word(word), LATERAL generate_series(1, length(word.word)) place(place));

CREATE OR REPLACE FUNCTION public.linky_clean_post_search()
 RETURNS bigint
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$ SELECT gin_clean_pending_list('public.post_search_idx') $function$;

-- Kept for older releases (KEPT in app/core/migrations.py).
CREATE OR REPLACE FUNCTION public.linky_copy_first_door()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.provider = OLD.provider
            AND NEW.provider_user_id IS NOT DISTINCT FROM OLD.provider_user_id THEN
            RETURN NULL;
        END IF;
        DELETE FROM user_identities
        WHERE user_id = OLD.id AND provider = OLD.provider
            AND subject IS NOT DISTINCT FROM OLD.provider_user_id;
    END IF;
    IF NEW.provider = 'email' OR NEW.provider_user_id IS NOT NULL THEN
        INSERT INTO user_identities (user_id, provider, subject, email, email_verified)
        VALUES (
            NEW.id, NEW.provider, NEW.provider_user_id,
            CASE WHEN NEW.provider <> 'email' THEN NEW.email END,
            NEW.provider <> 'email' AND NEW.email_verified_at IS NOT NULL
        );
    END IF;
    RETURN NULL;
END
$function$;

CREATE OR REPLACE FUNCTION public.linky_fold(value text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN NORMALIZE(casefold((NORMALIZE(value, NFKC) COLLATE pg_unicode_fast)), NFKC);

-- Kept for older releases (KEPT in app/core/migrations.py).
CREATE OR REPLACE FUNCTION public.linky_has_muted(reader uuid, post uuid, lock bigint)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(lock);
    RETURN EXISTS (SELECT FROM post_mutes WHERE user_id = reader AND post_id = post);
END
$function$;

-- Kept for older releases (KEPT in app/core/migrations.py).
CREATE OR REPLACE FUNCTION public.linky_has_new_posts(reader uuid, lounge uuid, since uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE STRICT
AS $function$
    SELECT EXISTS (
        SELECT FROM (
            (
                SELECT posts.id, posts.author_id, posts.moderation, since AS hidden_id FROM posts
                WHERE posts.lounge_id = lounge AND posts.id > since
                    AND posts.deleted_at IS NULL AND posts.moderation <> 'hidden'
                ORDER BY posts.id DESC
                LIMIT 200
            )
            UNION ALL
            (
                SELECT posts.id, posts.author_id, posts.moderation,
                    coalesce(posts.hidden_id, posts.id) FROM posts
                WHERE posts.lounge_id = lounge AND posts.shown_id > since
                    AND posts.deleted_at IS NULL
                ORDER BY posts.shown_id DESC
                LIMIT 200
            )
        ) AS newest
        WHERE newest.moderation = 'visible'
            AND newest.hidden_id <= since
            AND newest.author_id <> reader
            AND NOT EXISTS (
                SELECT FROM user_departures WHERE user_id = newest.author_id
            )
            AND NOT EXISTS (
                SELECT FROM user_blocks
                WHERE blocker_id = reader AND blocked_id = newest.author_id
            )
            AND NOT EXISTS (
                SELECT FROM post_mutes WHERE user_id = reader AND post_id = newest.id
            )
    )
$function$;

-- Kept for older releases (KEPT in app/core/migrations.py).
CREATE OR REPLACE FUNCTION public.linky_hides_replies(reader uuid, parent uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE STRICT
AS $function$
    SELECT EXISTS (
        SELECT FROM comments
        WHERE comments.id = parent AND (
            comments.moderation = 'hidden'
            OR (comments.moderation = 'held' AND comments.author_id IS DISTINCT FROM reader)
            OR EXISTS (SELECT FROM user_departures WHERE user_id = comments.author_id)
            OR EXISTS (
                SELECT FROM user_blocks
                WHERE blocker_id = reader AND blocked_id = comments.author_id
            )
        )
    )
$function$;

CREATE OR REPLACE FUNCTION public.linky_post_lexemes(post_id uuid, lounge_id uuid, search_text text)
 RETURNS tsvector
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT COST 10000
AS $function$
DECLARE
    -- A UUIDv7 begins with milliseconds. A slice has four weeks, and its number four digits.
    moment bigint := ('x' || translate(left(post_id::text, 13), '-', ''))::bit(48)::bigint;
    slice text := to_char(least(moment / 2419200000, 9999), 'FM0000');
    letters text[] := string_to_array(search_text, NULL);
    number int := cardinality(letters);
    title int := length(split_part(search_text, E'\n', 1));
    lexemes text[] := array_fill(slice, ARRAY[number + title + 1]);
    pair text;
BEGIN
    FOR i IN 1..number LOOP
        IF letters[i] COLLATE "C" > ' ' THEN
            pair := letters[i];
            -- A mark begins no pair: few search for one, and it would be a tenth of the index.
            IF letters[i + 1] COLLATE "C" > ' ' AND strpos('。、・「」『』【】!?.,:;()~♪', pair) = 0 THEN
                pair := pair || letters[i + 1];
            END IF;
            lexemes[i] := slice || pair;
            IF i <= title THEN
                lexemes[number + i] := slice || E'\x01' || pair;
            END IF;
        END IF;
    END LOOP;
    lexemes[number + title + 1] := slice || E'\x02' || right(lounge_id::text, 8);
    RETURN array_to_tsvector(lexemes);
END $function$;

CREATE OR REPLACE FUNCTION public.live_advance(most integer)
 RETURNS bigint
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (SELECT FROM live_inbox) THEN
        IF pg_try_advisory_xact_lock(815) THEN
            WITH taken AS (
                DELETE FROM live_inbox
                WHERE ctid = ANY (ARRAY(SELECT ctid FROM live_inbox LIMIT most))
                RETURNING topic, kind, subject, only_for
            )
            INSERT INTO live_changes (topic, kind, subject, only_for)
            SELECT topic, kind, subject, only_for FROM taken;
        END IF;
    END IF;
    RETURN coalesce(
        (SELECT max(pos) FROM live_changes), (SELECT pruned_to FROM live_epoch), 0
    );
END
$function$;

CREATE OR REPLACE FUNCTION public.live_now()
 RETURNS bigint
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (SELECT FROM live_inbox) THEN
        PERFORM pg_advisory_xact_lock(815);
        WITH taken AS (
            DELETE FROM live_inbox
            RETURNING topic, kind, subject, only_for
        )
        INSERT INTO live_changes (topic, kind, subject, only_for)
        SELECT topic, kind, subject, only_for FROM taken;
    END IF;
    RETURN coalesce(
        (SELECT max(pos) FROM live_changes), (SELECT pruned_to FROM live_epoch), 0
    );
END
$function$;

CREATE OR REPLACE FUNCTION public.live_origin()
 RETURNS text
 LANGUAGE plpgsql
 STABLE
AS $function$
BEGIN
    RETURN (SELECT system_identifier FROM pg_control_system())::text
        || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8);
EXCEPTION WHEN OTHERS THEN
    RETURN '';
END
$function$;

-- Triggers

CREATE TRIGGER audit_log_rows_stay BEFORE DELETE OR UPDATE ON public.audit_log FOR EACH ROW EXECUTE FUNCTION audit_log_append_only();

CREATE TRIGGER audit_log_table_stays BEFORE TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION audit_log_append_only();

CREATE TRIGGER banned_words_changed AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.banned_words FOR EACH STATEMENT EXECUTE FUNCTION linky_banned_words_changed();

-- Kept for older releases (KEPT in app/core/migrations.py).
CREATE TRIGGER users_copy_first_door AFTER INSERT OR UPDATE OF provider, provider_user_id ON public.users FOR EACH ROW EXECUTE FUNCTION linky_copy_first_door();

-- Generated columns

-- users.search_text = linky_fold(((nickname || ' '::text) || COALESCE(email, ''::text)))

-- users.search_vector = linky_bigrams(linky_fold(((nickname || ' '::text) || COALESCE(email, ''::text))))
