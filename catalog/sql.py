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
# The best by rank whose text holds every word. Of frequent grams the first by rank are walked: enough
# found among those are the very first of all. What has exactly the name that was typed is told apart.
_RANK = "popularity DESC, length, product_id"
_NAME = "split_part(text, chr(31), 1)"
_NAMED = f"""
UNION ALL (
SELECT true, product_id FROM (SELECT * FROM catalog_productsearch WHERE {_NAME} = %(name)s OFFSET 0) named
WHERE popularity >= 0 ORDER BY {_RANK} LIMIT %(limit)s)
"""
WALK = f"""(
SELECT false, product_id FROM (
    SELECT product_id, text FROM catalog_productsearch WHERE popularity >= 0 ORDER BY {_RANK} LIMIT %(walked)s) first
WHERE text LIKE ALL (%(like)s) LIMIT %(limit)s)
{_NAMED}"""
BY_GRAMS = f"""(
SELECT false, product_id FROM catalog_productsearch
WHERE popularity >= 0 AND text LIKE ALL (%(like)s) AND catalog_grams(text) @> %(grams)s
ORDER BY {_RANK} LIMIT %(limit)s)
{_NAMED}"""

# Who is still writing: whatever they changed already is dated at or after the begin of their transaction.
SETTLED_UNTIL = """
SELECT LEAST(clock_timestamp(), min(xact_start)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
