DO $$
DECLARE
    edge uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
BEGIN
    LOOP
        WITH newest AS MATERIALIZED (
            SELECT id FROM public.posts WHERE id < edge AND deleted_at IS NULL
            ORDER BY id DESC LIMIT 1000
        ), locked AS MATERIALIZED (
            -- Locked in the order of their ids, as everywhere. A deletion waits until the row that
            -- it has to delete is there.
            SELECT posts.id, posts.lounge_id, posts.search_text
            FROM public.posts JOIN newest ON newest.id = posts.id
            WHERE posts.deleted_at IS NULL AND posts.search_text <> ''
            ORDER BY posts.id FOR SHARE OF posts
        ), filled AS (
            INSERT INTO public.post_search (post_id, lounge_id, search_text)
            SELECT id, lounge_id, search_text FROM locked ON CONFLICT DO NOTHING
        )
        SELECT id INTO edge FROM newest ORDER BY id LIMIT 1;
        COMMIT;
        EXIT WHEN edge IS NULL;
    END LOOP;
END $$
