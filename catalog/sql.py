"""The statements of this app that are not ORM; each is run by a test. Functions: migrations 0008, 0009, 0011."""

TAKE_IN = "SELECT * FROM catalog_take_in(%s)"
RESOLVE = "SELECT * FROM catalog_resolve(%s, NULL, %s)"
RECOUNT = "SELECT * FROM catalog_recount(%s)"

# Fields that took another value, for each firm whose latest word on them is another one.
OVERRULED = """
SELECT format('%%s-%%s', change.id, said.enterprise_id), said.enterprise_id, p.id, p.name, change.field,
       COALESCE(catalog_word(change.field, said.value), said.value),
       COALESCE(catalog_word(change.field, change.after), change.after), change.changed_at
FROM catalog_fieldchange change
JOIN catalog_product p ON p.id = change.product_id
JOIN LATERAL (
    SELECT DISTINCT ON (c.enterprise_id) c.enterprise_id, btrim(c.facts ->> change.field) AS value
    FROM catalog_contribution c
    WHERE c.product_id = change.product_id AND c.enterprise_id IS NOT NULL AND c.facts ? change.field
    ORDER BY c.enterprise_id, c.id DESC) said ON said.value <> change.after
WHERE change.changed_at >= %(since)s AND change.before <> ''
  AND NOT EXISTS (
      SELECT FROM catalog_fieldchange later
      WHERE later.product_id = change.product_id AND later.field = change.field AND later.id > change.id)
  AND (%(only)s::text[] IS NULL OR format('%%s-%%s', change.id, said.enterprise_id) = ANY(%(only)s))
ORDER BY 1
"""

REFRESH_SEARCH = "SELECT catalog_refresh_search(%s)"
FIND = "SELECT * FROM catalog_find(%(name)s, %(like)s, %(grams)s, %(limit)s, %(walked)s)"

# Who is still writing: whatever they changed already is dated at or after the begin of their transaction.
SETTLED_UNTIL = """
SELECT LEAST(clock_timestamp(), min(xact_start)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

# Loading: the rows of a file are staged, compared with what is known, and written in one statement. A file fills what
# is empty; it changes what is filled only where neither the maker keeps the product nor any enterprise has said
# anything of the field, and never the unit of goods that have lots. The barcode of a case changes nothing.
LOADED_TEXTS = ("name", "brand", "pack_size", "origin", "maker_name", "maker_licence")
STAGED = ("gtin", *LOADED_TEXTS, "name_pinyin", "name_initials", "unit_id", "shelf_life_days")
STAGE = f"""
COPY catalog_productstaging ({", ".join(STAGED)}) FROM STDIN
WITH (FORMAT csv, FORCE_NOT_NULL ({", ".join(STAGED[:-2])}))
"""
CLEAR_STAGED = "DELETE FROM catalog_productstaging"


def _taken(field: str, said: str, filled: str, given: str) -> str:
    may = f"NOT ({filled}) OR (p.maker_id IS NULL AND NOT '{said}' = ANY(p.said))"
    return f"CASE WHEN {given} AND ({may}) THEN s.{field} ELSE p.{field} END AS {field}"


# A name without pinyin was known when it was staged: if it is another by now, somebody was faster, and is left alone.
_GIVEN = {field: f"s.{field} <> ''" for field in LOADED_TEXTS} | {"name": "s.name_pinyin <> ''"}
_TEXTS = ", ".join(_taken(field, field, f"p.{field} <> ''", given) for field, given in _GIVEN.items())
_DAYS = _taken("shelf_life_days", "shelf_life_days", "p.shelf_life_days IS NOT NULL", "s.shelf_life_days IS NOT NULL")
_UNIT = _taken("unit_id", "unit", "true", "s.unit_id IS NOT NULL AND NOT p.has_lots")
_FIELDS = ", ".join((*LOADED_TEXTS, "shelf_life_days", "unit_id"))
_OURS = ", ".join(f"p.{field}" for field in (*LOADED_TEXTS, "shelf_life_days", "unit_id"))
_THEIRS = ", ".join(f"new.{field}" for field in (*LOADED_TEXTS, "shelf_life_days", "unit_id"))
LOAD_STAGED = f"""
WITH fresh AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('catalog_product', 'id')) AS id, s.*
    FROM catalog_productstaging s
    WHERE NOT EXISTS (SELECT FROM catalog_productcode c WHERE c.gtin = s.gtin)
), made AS (
    INSERT INTO catalog_product (id, kind, self_code, name_pinyin, name_initials, {_FIELDS})
    SELECT id, 'prepacked', '', name_pinyin, name_initials, {", ".join(LOADED_TEXTS)}, shelf_life_days,
           COALESCE(unit_id, %(unit)s)
    FROM fresh
), coded AS (
    INSERT INTO catalog_productcode (product_id, gtin, factor) SELECT id, gtin, 1 FROM fresh
), changed AS (
    UPDATE catalog_product p SET ({_FIELDS}) = ROW ({_THEIRS}),
        name_pinyin = CASE WHEN p.name = new.name THEN p.name_pinyin ELSE new.name_pinyin END,
        name_initials = CASE WHEN p.name = new.name THEN p.name_initials ELSE new.name_initials END
    FROM (
        SELECT p.id, s.name_pinyin, s.name_initials, {_TEXTS}, {_DAYS}, {_UNIT}
        FROM catalog_productstaging s JOIN catalog_productcode c USING (gtin)
        JOIN LATERAL (
            SELECT known.*, EXISTS (SELECT FROM catalog_lot lot WHERE lot.product_id = known.id) AS has_lots,
                   ARRAY(SELECT v.field FROM catalog_fieldvalue v WHERE v.product_id = known.id) AS said
            FROM catalog_product known WHERE known.id = c.product_id OFFSET 0) p ON c.factor = 1
    ) new
    WHERE new.id = p.id AND ({_OURS}) IS DISTINCT FROM ({_THEIRS})
    RETURNING p.id
)
SELECT (SELECT count(*) FROM fresh), (SELECT count(*) FROM changed)
"""

LIKELY_DUPLICATES = """
SELECT first, second FROM (
    SELECT p.id AS second, s.popularity,
           first_value(p.id) OVER (
               PARTITION BY lower(replace(concat(p.name, chr(31), p.pack_size), ' ', '')), lower(p.brand),
                            COALESCE(maker.name, p.maker_name)
               ORDER BY s.popularity DESC, p.id) AS first
    FROM catalog_product p JOIN catalog_productsearch s ON s.product_id = p.id
    LEFT JOIN enterprises_enterprise maker ON maker.id = p.maker_id
    WHERE s.popularity >= 0 AND EXISTS (SELECT FROM catalog_productcode c WHERE c.product_id = p.id)) alike
WHERE first <> second
ORDER BY popularity DESC, second
LIMIT %(most)s
"""
