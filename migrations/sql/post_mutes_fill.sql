DO $$
DECLARE
    edge_user uuid := '00000000-0000-0000-0000-000000000000';
    edge_post uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
    LOOP
        WITH next AS MATERIALIZED (
            SELECT user_id, post_id FROM public.post_mutes
            WHERE (user_id, post_id) > (edge_user, edge_post)
            ORDER BY user_id, post_id LIMIT 1000
        ), filled AS (
            UPDATE public.post_mutes SET id = uuidv7() FROM next
            WHERE post_mutes.user_id = next.user_id AND post_mutes.post_id = next.post_id
              AND post_mutes.id IS NULL
        )
        SELECT user_id, post_id INTO edge_user, edge_post FROM next
        ORDER BY user_id DESC, post_id DESC LIMIT 1;
        COMMIT;
        EXIT WHEN edge_user IS NULL;
    END LOOP;
END $$
