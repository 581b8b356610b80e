CREATE OR REPLACE FUNCTION linky_post_lexemes(post_id uuid, lounge_id uuid, search_text text)
RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 10000 AS $$
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
END $$
