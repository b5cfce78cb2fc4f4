"""The search text follows the product in the same statement; rank and frequent grams are counted every night."""

from django.db import migrations

TEXT = """
CREATE FUNCTION catalog_search_text(p catalog_product) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT lower(normalize(concat_ws(
        chr(31), p.name, p.brand, p.maker_name, p.maker_licence, p.self_code, replace(p.name_pinyin, ' ', ''),
        p.name_initials), NFKC))
$$;
"""
KEPT = """
CREATE FUNCTION catalog_search_follows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO catalog_productsearch (product_id, popularity, length, text)
        SELECT p.id, CASE WHEN p.owner_id IS NULL THEN 0 ELSE -1 END, length(p.name), catalog_search_text(p)
        FROM fresh p;
    ELSE
        UPDATE catalog_productsearch s SET text = line.text, length = line.length
        FROM (SELECT p.id, length(p.name) AS length, catalog_search_text(p) AS text FROM fresh p) line
        WHERE s.product_id = line.id AND s.text <> line.text;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_search_follows_new AFTER INSERT ON catalog_product
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION catalog_search_follows();
CREATE TRIGGER catalog_search_follows_changed AFTER UPDATE ON catalog_product
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION catalog_search_follows();

CREATE FUNCTION catalog_search_forgets() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM catalog_productsearch WHERE product_id IN (SELECT id FROM gone);
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_search_forgets AFTER DELETE ON catalog_product
REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION catalog_search_forgets();
"""
# Returns how many products changed their rank. A gram in fewer products than this is found by the index at once.
REFRESH = """
CREATE FUNCTION catalog_refresh_search(frequent integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    changed bigint;
BEGIN
    UPDATE catalog_productsearch s SET popularity = counted.listings
    FROM (
        SELECT p.id, count(l.id) AS listings FROM catalog_product p LEFT JOIN catalog_listing l ON l.product_id = p.id
        WHERE p.owner_id IS NULL GROUP BY p.id) counted
    WHERE s.product_id = counted.id AND s.popularity <> counted.listings;
    GET DIAGNOSTICS changed = ROW_COUNT;
    DELETE FROM catalog_frequentgram;
    INSERT INTO catalog_frequentgram (gram, products)
    SELECT gram, count(*) FROM catalog_productsearch s CROSS JOIN LATERAL unnest(catalog_grams(s.text)) gram
    GROUP BY gram HAVING count(*) >= frequent
    UNION ALL
    SELECT '', count(*) FROM catalog_productsearch;
    RETURN changed;
END $$;
"""
FILL = """
INSERT INTO catalog_productsearch (product_id, popularity, length, text)
SELECT p.id, CASE WHEN p.owner_id IS NULL THEN 0 ELSE -1 END, length(p.name), catalog_search_text(p)
FROM catalog_product p;
SELECT catalog_refresh_search(800);
"""
UNDO = """
DROP TRIGGER catalog_search_follows_new ON catalog_product;
DROP TRIGGER catalog_search_follows_changed ON catalog_product;
DROP TRIGGER catalog_search_forgets ON catalog_product;
DROP FUNCTION catalog_search_follows();
DROP FUNCTION catalog_search_forgets();
DROP FUNCTION catalog_refresh_search(integer);
DROP FUNCTION catalog_search_text(catalog_product);
DELETE FROM catalog_productsearch;
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0010_search_tables")]
    operations = [migrations.RunSQL(TEXT + KEPT + REFRESH + FILL, UNDO)]
