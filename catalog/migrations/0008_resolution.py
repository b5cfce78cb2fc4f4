"""The shared row follows what is said of it: each firm's latest word on a field counts, and a field takes the value
that its maker says, a steward decides, or enough firms agree on (domain rules of the shared catalogue)."""

from django.db import migrations

from documents.triggers import append_only

FIELDS = (
    "name", "kind", "brand", "pack_size", "unit", "category", "shelf_life_days", "origin", "maker", "maker_name",
    "maker_licence",
)  # fmt: skip
COLUMNS = {"unit": "unit_id", "category": "category_id", "maker": "maker_id"}
NAMES = ", ".join(f"'{field}'" for field in FIELDS)
PRESENT = " ".join(f"WHEN '{field}' THEN p.{COLUMNS.get(field, field)}::text" for field in FIELDS)
CASTS = {"maker": "::bigint", "shelf_life_days": "::smallint"}
TAKEN = ",\n            ".join(
    f"{COLUMNS.get(field, field)} = COALESCE(n.{field}{CASTS.get(field, '')}, p.{COLUMNS.get(field, field)})"
    for field in FIELDS
)
NEW = ", ".join(f"max(after) FILTER (WHERE field = '{field}') AS {field}" for field in FIELDS)

# A word weighs twice as much as one that is three years older. Scores are kept as of a fixed day, so that they only
# ever grow; catalog_score(1, now()) is what a fresh word of weight one adds.
SCORE = """
CREATE FUNCTION catalog_score(weight integer, at timestamptz) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
    SELECT round((weight * power(2, extract(epoch FROM at - '2026-01-01 00:00+00'::timestamptz) / 94672800.0))::numeric, 6)
$$;
"""
# One contribution: what its enterprise had said of these fields before is taken off, what it says now is added.
TAKE_IN = f"""
CREATE FUNCTION catalog_take_in(new_contribution bigint)
RETURNS TABLE (product bigint, field varchar, before varchar, after varchar)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    said catalog_contribution%ROWTYPE;
BEGIN
    SELECT * INTO STRICT said FROM catalog_contribution WHERE id = new_contribution;
    IF said.enterprise_id IS NULL THEN
        RETURN;
    END IF;
    UPDATE catalog_fieldvalue v SET score = v.score - earlier.score, voices = v.voices - 1
    FROM (
        SELECT f.key AS field, btrim(latest.facts ->> f.key) AS value,
               catalog_score(latest.weight, latest.created_at) AS score
        FROM jsonb_each_text(said.facts) f
        CROSS JOIN LATERAL (
            SELECT c.facts, c.weight, c.created_at FROM catalog_contribution c
            WHERE c.product_id = said.product_id AND c.enterprise_id = said.enterprise_id AND c.id < said.id
              AND c.facts ? f.key
            ORDER BY c.id DESC LIMIT 1) latest
    ) earlier
    WHERE v.product_id = said.product_id AND v.field = earlier.field AND v.value = earlier.value;
    INSERT INTO catalog_fieldvalue AS known (product_id, field, value, score, voices)
    SELECT said.product_id, f.key, btrim(f.value), catalog_score(said.weight, said.created_at), 1
    FROM jsonb_each_text(said.facts) f WHERE f.key IN ({NAMES})
    ON CONFLICT (product_id, field, value) DO UPDATE
    SET score = known.score + excluded.score, voices = known.voices + 1;
    DELETE FROM catalog_fieldvalue WHERE product_id = said.product_id AND voices = 0;
    RETURN QUERY SELECT * FROM catalog_resolve(ARRAY[said.product_id], said.id, NULL);
END $$;
"""
# The same from nothing, for any number of products.
RECOUNT = f"""
CREATE FUNCTION catalog_recount(products bigint[])
RETURNS TABLE (product bigint, field varchar, before varchar, after varchar)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM catalog_product WHERE id = ANY(products) ORDER BY id FOR NO KEY UPDATE;
    DELETE FROM catalog_fieldvalue WHERE product_id = ANY(products);
    INSERT INTO catalog_fieldvalue (product_id, field, value, score, voices)
    SELECT latest.product_id, latest.field, latest.value, sum(latest.score), count(*)
    FROM (
        SELECT DISTINCT ON (c.product_id, c.enterprise_id, f.key)
               c.product_id, f.key AS field, btrim(f.value) AS value, catalog_score(c.weight, c.created_at) AS score
        FROM catalog_contribution c CROSS JOIN LATERAL jsonb_each_text(c.facts) f
        WHERE c.product_id = ANY(products) AND c.enterprise_id IS NOT NULL AND f.key IN ({NAMES})
        ORDER BY c.product_id, c.enterprise_id, f.key, c.id DESC
    ) latest
    GROUP BY latest.product_id, latest.field, latest.value;
    RETURN QUERY SELECT * FROM catalog_resolve(products, NULL, NULL);
END $$;
"""
# What a person reads where a field keeps the key of a row.
WORD = """
CREATE FUNCTION catalog_word(field text, value text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE field
        WHEN 'unit' THEN (SELECT name_zh FROM catalog_unit WHERE code = value)
        WHEN 'category' THEN (SELECT name_zh FROM catalog_foodcategory WHERE code = value)
        WHEN 'maker' THEN (SELECT name FROM enterprises_enterprise WHERE id::text = value) END
$$;
"""
# A steward's word stands above all, then the maker's own. Otherwise an empty field takes the value that weighs most;
# a filled one changes only when another value leads by two fresh voices, rounded, and two firms stand behind it. The
# maker of the goods is never voted on, and goods that have lots keep their unit.
RESOLVE = f"""
CREATE FUNCTION catalog_resolve(products bigint[], new_contribution bigint, new_decision bigint)
RETURNS TABLE (product bigint, field varchar, before varchar, after varchar)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH asked AS (
        SELECT product_id, field FROM catalog_fieldvalue WHERE product_id = ANY(products)
        UNION
        SELECT product_id, field FROM catalog_fielddecision WHERE product_id = ANY(products)
    ), found AS (
        SELECT asked.product_id, asked.field, present.value AS before, decided.value AS decided, made.value AS made,
               CASE WHEN decided.id = new_decision AND decided.value IS NULL THEN NULLIF(decided.instead_of, '') END AS again,
               rival.value AS rival, rival.voices,
               round((rival.score - COALESCE(own.score, 0)) / catalog_score(1, now())) AS lead,
               asked.field = 'maker' OR asked.field = 'unit' AND EXISTS (
                   SELECT FROM catalog_lot WHERE product_id = asked.product_id) AS is_fixed
        FROM asked
        JOIN catalog_product p ON p.id = asked.product_id AND p.owner_id IS NULL
        CROSS JOIN LATERAL (SELECT COALESCE(CASE asked.field {PRESENT} END, '') AS value) present
        LEFT JOIN LATERAL (
            SELECT d.id, d.value, d.instead_of FROM catalog_fielddecision d
            WHERE d.product_id = asked.product_id AND d.field = asked.field ORDER BY d.id DESC LIMIT 1) decided ON true
        LEFT JOIN LATERAL (
            SELECT btrim(c.facts ->> asked.field) AS value FROM catalog_contribution c
            WHERE c.product_id = asked.product_id AND c.enterprise_id = p.maker_id AND c.facts ? asked.field
            ORDER BY c.id DESC LIMIT 1) made ON p.maker_id IS NOT NULL
        LEFT JOIN LATERAL (
            SELECT v.value, v.score, v.voices FROM catalog_fieldvalue v
            WHERE v.product_id = asked.product_id AND v.field = asked.field AND v.value <> present.value
            ORDER BY v.score DESC, v.value LIMIT 1) rival ON true
        LEFT JOIN catalog_fieldvalue own
            ON own.product_id = asked.product_id AND own.field = asked.field AND own.value = present.value
    ), settled AS (
        SELECT f.product_id, f.field, f.before, f.decided, f.made, f.is_fixed, outcome.cause, CASE outcome.cause
            WHEN 'decided' THEN f.decided WHEN 'undone' THEN f.again WHEN 'maker' THEN f.made
            WHEN 'filled' THEN f.rival WHEN 'agreed' THEN f.rival ELSE f.before END AS after
        FROM found f
        CROSS JOIN LATERAL (SELECT CASE
            WHEN f.is_fixed AND f.field = 'unit' THEN ''
            WHEN f.decided IS NOT NULL THEN 'decided'
            WHEN f.again IS NOT NULL THEN 'undone'
            WHEN f.is_fixed THEN ''
            WHEN f.made IS NOT NULL THEN 'maker'
            WHEN f.before = '' AND f.rival IS NOT NULL THEN 'filled'
            WHEN f.lead >= 2 AND f.voices >= 2 THEN 'agreed'
            ELSE '' END AS cause) outcome
    ), changed AS (
        SELECT * FROM settled WHERE after <> before
    ), written AS (
        UPDATE catalog_product p
        SET {TAKEN}
        FROM (SELECT product_id, {NEW} FROM changed GROUP BY product_id) n
        WHERE p.id = n.product_id
    ), noted AS (
        INSERT INTO catalog_fieldchange
            (product_id, field, before, after, cause, contribution_id, decision_id, changed_at)
        SELECT product_id, field, before, after, cause, new_contribution, new_decision, clock_timestamp()
        FROM changed ORDER BY product_id, field
    ), disputed AS (
        SELECT s.product_id, s.field
        FROM settled s
        LEFT JOIN catalog_fieldvalue own
            ON own.product_id = s.product_id AND own.field = s.field AND own.value = s.after
        WHERE s.decided IS NULL AND s.made IS NULL AND NOT (s.is_fixed AND s.field = 'unit') AND EXISTS (
            SELECT FROM catalog_fieldvalue v
            WHERE v.product_id = s.product_id AND v.field = s.field AND v.value <> s.after
              AND (s.field = 'maker' OR v.voices >= 2
                   AND round((COALESCE(own.score, 0) - v.score) / catalog_score(1, now())) < 2))
    ), opened AS (
        INSERT INTO catalog_fieldconflict (product_id, field, since)
        SELECT product_id, field, clock_timestamp() FROM disputed ORDER BY product_id, field
        ON CONFLICT DO NOTHING
    ), closed AS (
        DELETE FROM catalog_fieldconflict k
        WHERE k.product_id = ANY(products) AND NOT EXISTS (
            SELECT FROM disputed d WHERE d.product_id = k.product_id AND d.field = k.field)
    )
    SELECT product_id, field, before::varchar, after::varchar FROM changed;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0007_what_is_said"), ("documents", "0001_initial")]
    operations = [
        append_only("catalog_fielddecision"),
        migrations.RunSQL(SCORE + WORD + RESOLVE + TAKE_IN + RECOUNT, """
            DROP FUNCTION catalog_recount(bigint[]);
            DROP FUNCTION catalog_take_in(bigint);
            DROP FUNCTION catalog_resolve(bigint[], bigint, bigint);
            DROP FUNCTION catalog_score(integer, timestamptz);
            DROP FUNCTION catalog_word(text, text);
        """),
        # What was said before anybody counted.
        migrations.RunSQL(
            "SELECT catalog_recount(ARRAY(SELECT DISTINCT product_id FROM catalog_contribution))",
            migrations.RunSQL.noop,
        ),
    ]
