CREATE OR REPLACE FUNCTION linky_copy_search_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.deleted_at IS NOT NULL THEN
        DELETE FROM public.post_search WHERE post_id = NEW.id;
    ELSE
        INSERT INTO public.post_search (post_id, lounge_id, search_text)
        VALUES (NEW.id, NEW.lounge_id, NEW.search_text)
        ON CONFLICT (post_id) DO UPDATE SET search_text = excluded.search_text;
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER posts_copy_search_text AFTER INSERT OR UPDATE OF search_text ON posts
FOR EACH ROW WHEN (NEW.search_text <> '') EXECUTE FUNCTION linky_copy_search_text();
