"""The statements of this app that are not ORM; each is run by a test. Functions: migration 0008."""

TAKE_IN = "SELECT * FROM catalog_take_in(%s)"
RESOLVE = "SELECT * FROM catalog_resolve(%s, NULL, %s)"
RECOUNT = "SELECT * FROM catalog_recount(%s)"

# Fields that took another value, for each firm whose latest word on them is another one.
OVERRULED = """
SELECT format('%%s-%%s', change.id, said.enterprise_id), said.enterprise_id, p.id, p.name, change.field, said.value,
       change.after, change.changed_at
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
