"""Merges are never chains, are kept for ever, and what was merged is no more found; grams are taken and counted faster."""

from django.db import migrations

from documents.triggers import append_only

FLAT = """
CREATE FUNCTION catalog_merged_stays_flat() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM catalog_product WHERE id = NEW.merged_into_id AND merged_into_id IS NOT NULL)
       OR EXISTS (SELECT FROM catalog_product WHERE merged_into_id = NEW.id) THEN
        RAISE EXCEPTION 'product % would be merged over two steps', NEW.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER catalog_merged_stays_flat AFTER INSERT OR UPDATE OF merged_into_id ON catalog_product
    DEFERRABLE INITIALLY IMMEDIATE
    FOR EACH ROW WHEN (NEW.merged_into_id IS NOT NULL) EXECUTE FUNCTION catalog_merged_stays_flat();
ALTER TABLE catalog_product ENABLE ALWAYS TRIGGER catalog_merged_stays_flat;
"""
HIDDEN = "p.owner_id IS NOT NULL OR p.merged_into_id IS NOT NULL"
FOLLOWS = f"""
CREATE OR REPLACE FUNCTION catalog_search_follows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO catalog_productsearch (product_id, popularity, length, text)
        SELECT p.id, CASE WHEN {HIDDEN} THEN -1 ELSE 0 END, length(p.name), catalog_search_text(p)
        FROM fresh p;
    ELSE
        UPDATE catalog_productsearch s SET text = line.text, length = line.length, popularity = line.popularity
        FROM (SELECT p.id, length(p.name) AS length, catalog_search_text(p) AS text,
                     CASE WHEN {HIDDEN} THEN -1 ELSE greatest(known.popularity, 0) END AS popularity
              FROM fresh p JOIN catalog_productsearch known ON known.product_id = p.id) line
        WHERE s.product_id = line.id AND (s.text, s.popularity) <> (line.text, line.popularity);
    END IF;
    RETURN NULL;
END $$;
"""
# The same grams as before, from the signs once taken apart: a third of the time.
GRAMS = """
CREATE OR REPLACE FUNCTION catalog_grams(line text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    signs text[] := string_to_array(line, NULL);
BEGIN
    RETURN ARRAY(
        SELECT DISTINCT gram
        FROM (SELECT unnest(signs)
              UNION ALL SELECT a || b FROM unnest(signs, signs[2:]) pair (a, b) WHERE b IS NOT NULL) g (gram));
END $$;
"""
# What is frequent is estimated from so many products, taken at random, where there are more.
REFRESH = """
CREATE OR REPLACE FUNCTION catalog_refresh_search(frequent integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    changed bigint;
    part real := least(100, 100 * 50000.0 / (SELECT greatest(count(*), 1) FROM catalog_productsearch));
BEGIN
    UPDATE catalog_productsearch s SET popularity = counted.listings
    FROM (
        SELECT p.id, count(l.id) AS listings FROM catalog_product p LEFT JOIN catalog_listing l ON l.product_id = p.id
        WHERE p.owner_id IS NULL AND p.merged_into_id IS NULL GROUP BY p.id) counted
    WHERE s.product_id = counted.id AND s.popularity <> counted.listings;
    GET DIAGNOSTICS changed = ROW_COUNT;
    DELETE FROM catalog_frequentgram;
    INSERT INTO catalog_frequentgram (gram, products)
    SELECT gram, round(count(*) * 100 / part)
    FROM catalog_productsearch s TABLESAMPLE BERNOULLI (part) CROSS JOIN LATERAL unnest(catalog_grams(s.text)) gram
    GROUP BY gram HAVING round(count(*) * 100 / part) >= frequent
    UNION ALL
    SELECT '', count(*) FROM catalog_productsearch;
    RETURN changed;
END $$;
"""
UNDO = """
DROP TRIGGER catalog_merged_stays_flat ON catalog_product;
DROP FUNCTION catalog_merged_stays_flat();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0014_merging")]
    operations = [migrations.RunSQL(GRAMS + FLAT + FOLLOWS + REFRESH, UNDO), append_only("catalog_productmerge")]
