"""A search is one call whose plans the session keeps: the statements were planned anew for each, and often both ran."""

from django.db import migrations

# What has exactly the name that was typed comes first. Of frequent grams the first by rank are walked: enough found
# among those are the very first of all. A generic plan is the right one: which index serves does not hang on the words.
FIND = """
CREATE FUNCTION catalog_find(named text, likes text[], grams text[], most integer, walked integer)
RETURNS TABLE (is_named boolean, product bigint)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    found bigint[] := '{}';
BEGIN
    IF walked > 0 THEN
        found := ARRAY(
            SELECT product_id FROM (
                SELECT product_id, text FROM catalog_productsearch
                WHERE popularity >= 0 ORDER BY popularity DESC, length, product_id LIMIT walked) first
            WHERE text LIKE ALL (likes) LIMIT most);
    END IF;
    IF cardinality(found) < most THEN
        found := ARRAY(
            SELECT product_id FROM catalog_productsearch
            WHERE popularity >= 0 AND text LIKE ALL (likes) AND catalog_grams(text) @> grams
            ORDER BY popularity DESC, length, product_id LIMIT most);
    END IF;
    RETURN QUERY (
        SELECT true, exact.product_id
        FROM (SELECT * FROM catalog_productsearch WHERE split_part(text, chr(31), 1) = named OFFSET 0) exact
        WHERE exact.popularity >= 0 ORDER BY exact.popularity DESC, exact.length, exact.product_id LIMIT most)
    UNION ALL SELECT false, unnest(found);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0020_pictures")]
    operations = [migrations.RunSQL(FIND, "DROP FUNCTION catalog_find(text, text[], text[], integer, integer)")]
