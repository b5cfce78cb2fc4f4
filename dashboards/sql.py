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
# The alerts that officers of a region are told, as far as a board speaks of them. `since` is a day here.
_TOLD = """
WITH told AS (
    SELECT a.rule_id, a.raised_at, a.closed_at, a.acknowledged_at, a.due_at, e.region_code,
           a.closed_at IS NULL AS is_open
    FROM alerts_alert a JOIN enterprises_enterprise e ON e.id = a.enterprise_id
    WHERE a.audience = 'officers' AND e.region_code LIKE %(area)s
      AND (a.closed_at IS NULL OR a.closed_at >= %(since)s::date::timestamp AT TIME ZONE %(zone)s)
), start AS (
    SELECT %(since)s::date::timestamp AT TIME ZONE %(zone)s AS at
)
"""
ALERTS_BY_RULE = (
    _TOLD
    + """
SELECT rule_id, count(*) FILTER (WHERE is_open)::int,
       count(*) FILTER (WHERE is_open AND acknowledged_at IS NULL)::int,
       count(*) FILTER (WHERE is_open AND due_at < %(now)s)::int,
       count(*) FILTER (WHERE raised_at >= start.at)::int, count(*) FILTER (WHERE NOT is_open)::int,
       round((percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM closed_at - raised_at))
           FILTER (WHERE NOT is_open) / 3600)::numeric, 1)::float
FROM told CROSS JOIN start GROUP BY rule_id ORDER BY rule_id
"""
)
ALERTS_BY_WEEK = (
    _TOLD
    + """, happened AS (
    SELECT date_trunc('week', raised_at AT TIME ZONE %(zone)s)::date AS week, 1 AS raised, 0 AS closed FROM told
    UNION ALL
    SELECT date_trunc('week', closed_at AT TIME ZONE %(zone)s)::date, 0, 1 FROM told WHERE NOT is_open
)
SELECT weeks.week::date, COALESCE(sum(raised), 0)::int, COALESCE(sum(closed), 0)::int
FROM generate_series(%(since)s::date, %(monday)s::date, '1 week') AS weeks (week)
LEFT JOIN happened ON happened.week = weeks.week::date
GROUP BY weeks.week ORDER BY weeks.week
"""
)
ALERTS_BY_AREA = (
    _TOLD
    + """
SELECT below.code, count(*)::int, count(*) FILTER (WHERE due_at < %(now)s)::int
FROM told JOIN unnest(%(codes)s::text[]) AS below (code) ON starts_with(told.region_code, below.code)
WHERE is_open GROUP BY below.code
"""
)
