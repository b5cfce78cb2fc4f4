"""The statements of this app that are not ORM; each is run by a test."""

# One run at a time: the second finds nothing to do that the first does not do. Freed at the end of the session, too.
TAKE_TURN = "SELECT pg_try_advisory_lock(hashtext('alerts.run_rules'))"
END_TURN = "SELECT pg_advisory_unlock(hashtext('alerts.run_rules'))"

# The runs that are due now, each for whoever writes it first; one that never ended is taken over.
TAKE_UP_DUE = """
INSERT INTO alerts_rulerun AS run (rule_id, period, started_at)
SELECT * FROM unnest(%(rules)s::text[], %(periods)s::timestamptz[], %(nows)s::timestamptz[])
ON CONFLICT (rule_id, period) DO UPDATE SET started_at = excluded.started_at
WHERE run.finished_at IS NULL AND run.started_at < %(stale)s
RETURNING rule_id, id
"""
# A cause that is known and lasts only has its facts brought up to date; one that had gone and is back is raised again.
# In the order of the key, so that two who raise the same alerts wait for each other and never in a circle.
RAISE = """
WITH found AS (
    SELECT DISTINCT ON (f.subject, f.period, told.audience) f.*, r.key, r.severity, told.audience,
           CASE WHEN told.audience = 'officers' AND r.reach > 0 THEN LEAST(r.reach, COALESCE((
               SELECT max(length(near.region_id)) FROM accounts_authority_regions near
               JOIN accounts_user officer ON officer.authority_id = near.authority_id AND officer.is_active
               JOIN enterprises_enterprise e ON e.id = f.enterprise_id
               WHERE starts_with(e.region_code, near.region_id)), 0)) ELSE 0 END AS reach
    FROM jsonb_to_recordset(%(facts)s::jsonb) AS f (
        subject text, period text, enterprise_id bigint, facts jsonb, link jsonb, due_at timestamptz,
        lapses_at timestamptz)
    JOIN alerts_alertrule r ON r.key = %(rule)s
    CROSS JOIN LATERAL (VALUES ('enterprise'), ('officers')) AS told (audience)
    WHERE r.audience IN ('both', told.audience)
    ORDER BY f.subject, f.period, told.audience
), raised AS (
    INSERT INTO alerts_alert AS known (
        rule_id, subject, period, audience, enterprise_id, severity, reach, facts, link, raised_at, due_at, lapses_at,
        outcome)
    SELECT key, subject, period, audience, enterprise_id, severity, reach, facts, link, %(now)s, due_at, lapses_at, ''
    FROM found ORDER BY subject, period, audience
    ON CONFLICT (rule_id, subject, period, audience) DO UPDATE SET
        enterprise_id = excluded.enterprise_id, severity = excluded.severity, reach = excluded.reach,
        facts = excluded.facts,
        link = excluded.link, due_at = excluded.due_at, lapses_at = excluded.lapses_at, gone_at = NULL,
        raised_at = CASE WHEN known.gone_at IS NULL THEN known.raised_at ELSE excluded.raised_at END,
        acknowledged_at = CASE WHEN known.gone_at IS NULL THEN known.acknowledged_at END,
        acknowledged_by_id = CASE WHEN known.gone_at IS NULL THEN known.acknowledged_by_id END,
        closed_at = CASE WHEN known.gone_at IS NULL THEN known.closed_at END,
        closed_by_id = CASE WHEN known.gone_at IS NULL THEN known.closed_by_id END,
        outcome = CASE WHEN known.gone_at IS NULL THEN known.outcome ELSE '' END
    WHERE known.gone_at IS NOT NULL
       OR known.closed_at IS NULL AND (known.enterprise_id, known.facts, known.link, known.due_at, known.lapses_at)
          IS DISTINCT FROM (excluded.enterprise_id, excluded.facts, excluded.link, excluded.due_at, excluded.lapses_at)
    RETURNING id, raised_at = %(now)s AS is_raised, xmax = 0 AS is_new
), noted AS (
    INSERT INTO alerts_alertnote (alert_id, kind, words, written_at)
    SELECT id, 'raised', '', %(now)s FROM raised WHERE is_raised AND NOT is_new
)
SELECT count(*) FILTER (WHERE is_raised) FROM raised
"""
CLOSE_GONE = """
WITH gone AS (
    SELECT a.id FROM alerts_alert a
    WHERE a.rule_id = %(rule)s AND a.gone_at IS NULL
      AND (%(only)s::text[] IS NULL OR a.subject = ANY(%(only)s))
      AND NOT EXISTS (
          SELECT FROM unnest(%(subjects)s::text[], %(periods)s::text[]) AS still (subject, period)
          WHERE still.subject = a.subject AND still.period = a.period)
    ORDER BY a.id FOR UPDATE
), ended AS (
    UPDATE alerts_alert a SET
        gone_at = %(now)s, closed_at = COALESCE(a.closed_at, %(now)s),
        outcome = CASE WHEN a.outcome <> '' THEN a.outcome WHEN a.lapses_at <= %(now)s THEN 'expired' ELSE 'gone' END
    FROM gone WHERE a.id = gone.id
    RETURNING a.id, a.outcome, a.closed_at = %(now)s AS is_closed
), noted AS (
    INSERT INTO alerts_alertnote (alert_id, kind, words, written_at)
    SELECT id, outcome, '', %(now)s FROM ended WHERE is_closed
)
SELECT count(*) FILTER (WHERE is_closed) FROM ended
"""
