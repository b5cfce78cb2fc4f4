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
# How the alerts stand that officers of a region are told, by rule, week and area: one look, so that the figures agree.
ALERT_BOARD = """
WITH start AS (
    SELECT %(since)s::date::timestamp AT TIME ZONE %(zone)s AS at
), told AS MATERIALIZED (
    SELECT a.rule_id, a.raised_at, a.closed_at, e.region_code, a.closed_at IS NULL AS is_open,
           a.closed_at IS NULL AND a.acknowledged_at IS NULL AS is_unseen,
           a.closed_at IS NULL AND a.due_at < %(now)s AS is_overdue
    FROM start CROSS JOIN alerts_alert a JOIN enterprises_enterprise e ON e.id = a.enterprise_id
    WHERE a.audience = 'officers' AND e.region_code LIKE %(area)s AND (a.closed_at IS NULL OR a.closed_at >= start.at)
), rules AS (
    SELECT rule_id AS rule, count(*) FILTER (WHERE is_open) AS open, count(*) FILTER (WHERE is_unseen) AS unseen,
           count(*) FILTER (WHERE is_overdue) AS overdue, count(*) FILTER (WHERE raised_at >= start.at) AS raised,
           count(*) FILTER (WHERE NOT is_open) AS closed,
           round((percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM closed_at - raised_at))
               FILTER (WHERE NOT is_open) / 3600)::numeric, 1) AS hours
    FROM told CROSS JOIN start GROUP BY rule_id
), happened AS (
    SELECT date_trunc('week', raised_at AT TIME ZONE %(zone)s)::date AS week, count(*) AS raised, 0 AS closed
    FROM told GROUP BY 1
    UNION ALL
    SELECT date_trunc('week', closed_at AT TIME ZONE %(zone)s)::date, 0, count(*) FROM told WHERE NOT is_open GROUP BY 1
), weeks AS (
    SELECT calendar.week::date AS week, COALESCE(sum(raised), 0) AS raised, COALESCE(sum(closed), 0) AS closed
    FROM generate_series(%(since)s::date, %(monday)s::date, '1 week') AS calendar (week)
    LEFT JOIN happened ON happened.week = calendar.week::date
    GROUP BY calendar.week
), areas AS (
    SELECT left(region_code, %(digits)s) AS code, count(*) AS open, count(*) FILTER (WHERE is_overdue) AS overdue
    FROM told WHERE is_open AND length(region_code) >= %(digits)s GROUP BY 1
)
SELECT (SELECT COALESCE(json_agg(rules ORDER BY rule), '[]') FROM rules),
       (SELECT json_agg(weeks ORDER BY week) FROM weeks),
       (SELECT COALESCE(json_agg(areas), '[]') FROM areas)
"""
