"""The statements of this app that are not ORM; each is run by a test."""

# For each asked (product, lot, day): the rules in force on that day, and of each the best paper that stands and may be
# seen; without one the paper's columns are empty. A paper of goods that were merged with them counts, too.
EVIDENCE = """
WITH asked AS (
    SELECT a.*, p.category_id, p.kind, p.origin, ARRAY(
        SELECT same.id FROM catalog_product same
        WHERE same.id IN (p.id, p.merged_into_id) OR same.merged_into_id IN (p.id, p.merged_into_id)) AS products
    FROM unnest(%(n)s::int[], %(products)s::bigint[], %(lots)s::text[], %(days)s::date[])
        AS a (n, product_id, lot_key, day)
    JOIN catalog_product p ON p.id = a.product_id
), due AS (
    SELECT a.*, r.id AS rule_id, r.kinds, r.per, r.months, r.level, r.key
    FROM asked a
    JOIN certificates_evidencerule r ON r.valid_from <= a.day AND cardinality(r.kinds) > 0
        AND (r.category_id IS NULL OR r.category_id = a.category_id)
        AND (r.goods = '' OR r.goods = a.kind)
        AND (r.origins = '' OR EXISTS (
            SELECT FROM regexp_split_to_table(r.origins, '\\s+') word WHERE word <> '' AND strpos(a.origin, word) > 0))
        AND NOT EXISTS (
            SELECT FROM certificates_evidencerule newer
            WHERE newer.key = r.key AND newer.valid_from > r.valid_from AND newer.valid_from <= a.day)
)
SELECT due.n, due.rule_id, best.id, best.covers, best.state, best.uploaded_at
FROM due
LEFT JOIN LATERAL (
    SELECT c.id, c.state, c.uploaded_at,
           due.per = 'lot' OR (
               c.valid_from <= due.day AND COALESCE(c.valid_until >= due.day, true)
               AND COALESCE(c.valid_from > due.day - make_interval(months => due.months), true)) AS covers
    FROM certificates_certificate c
    WHERE c.product_id = ANY(due.products) AND c.kind_id = ANY(due.kinds) AND c.conforms
      AND (due.per = 'product' OR due.lot_key <> '' AND c.lot_key = due.lot_key)
      AND CASE WHEN %(known_at)s::timestamptz IS NULL THEN c.state IN ('pending', 'verified')
          ELSE c.uploaded_at <= %(known_at)s AND (c.ended_at IS NULL OR c.ended_at > %(known_at)s) END
      AND (%(all)s OR c.state = 'verified' OR c.uploaded_for_id IS NULL OR c.uploaded_for_id = c.holder_id
           OR c.uploaded_for_id = ANY(%(own)s))
    ORDER BY covers DESC, c.lot_key = due.lot_key DESC, c.valid_from DESC, c.id DESC
    LIMIT 1
) best ON true
ORDER BY due.n, due.key
"""
