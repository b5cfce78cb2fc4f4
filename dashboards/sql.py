"""The dashboards' statements that are not ORM; each is run by a test."""

_FACTS = """
WITH facts AS (
    SELECT d.enterprise_id, d.day, d.purchase_lines, d.sale_lines FROM ledgers_enterpriseday d
    WHERE d.day BETWEEN %(since)s AND %(until)s
    UNION ALL
    SELECT t.enterprise_id, t.day, t.purchase_lines, t.sale_lines FROM ledgers_tradedelta t
    WHERE t.day BETWEEN %(since)s AND %(until)s
), area AS (
    SELECT f.* FROM facts f JOIN enterprises_enterprise e ON e.id = f.enterprise_id
    WHERE e.region_code LIKE %(area)s
)
"""
DAYS = (
    _FACTS
    + """
SELECT calendar.day::date, COALESCE(sum(a.purchase_lines), 0)::int, COALESCE(sum(a.sale_lines), 0)::int,
       count(DISTINCT a.enterprise_id)::int
FROM generate_series(%(since)s::date, %(until)s::date, '1 day') AS calendar (day)
LEFT JOIN area a ON a.day = calendar.day
GROUP BY calendar.day ORDER BY calendar.day
"""
)
ACTIVE = _FACTS + "SELECT count(DISTINCT enterprise_id)::int FROM area"
