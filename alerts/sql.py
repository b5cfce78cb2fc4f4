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
# Whom an alert concerns: who keeps the books of its enterprise, or the officers whose region it has reached.
CONCERNED = """
    SELECT a.id AS alert_id, p.user_id
    FROM {alerts} a JOIN enterprises_enterprise e ON e.id = a.enterprise_id
    JOIN guardian_userobjectpermission p ON p.object_pk IN (e.id::text, e.headquarters_id::text)
    JOIN auth_permission may ON may.id = p.permission_id AND may.codename = 'keep_books'
    JOIN accounts_user person ON person.id = p.user_id AND person.is_active
    WHERE a.audience = 'enterprise'
    UNION
    SELECT a.id, officer.id
    FROM {alerts} a JOIN enterprises_enterprise e ON e.id = a.enterprise_id
    JOIN accounts_authority_regions near
        ON starts_with(e.region_code, near.region_id) AND length(near.region_id) >= a.reach
    JOIN accounts_user officer ON officer.authority_id = near.authority_id AND officer.is_active
    WHERE a.audience = 'officers'
"""
# When the owner of the address c may be disturbed: ContactPoint.quiet_ends in SQL.
_CLOCK = "(%(now)s::timestamptz AT TIME ZONE %(zone)s)"
QUIET_ENDS = f"""CASE
    WHEN c.quiet_from > c.quiet_until AND {_CLOCK}::time >= c.quiet_from
        THEN ({_CLOCK}::date + 1 + c.quiet_until) AT TIME ZONE %(zone)s
    WHEN {_CLOCK}::time < c.quiet_until AND (c.quiet_from > c.quiet_until OR {_CLOCK}::time >= c.quiet_from)
        THEN ({_CLOCK}::date + c.quiet_until) AT TIME ZONE %(zone)s
    ELSE %(now)s END"""
# A cause that is known and lasts only has its facts brought up to date; one that had gone and is back is raised again.
# In the order of the key, so that two who raise the same alerts wait for each other and never in a circle.
RAISE = (
    """
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
        enterprise_id = excluded.enterprise_id, severity = excluded.severity, facts = excluded.facts,
        reach = CASE WHEN known.escalated_at IS NULL OR known.gone_at IS NOT NULL THEN excluded.reach
                ELSE LEAST(known.reach, excluded.reach) END,
        escalated_at = CASE WHEN known.gone_at IS NULL THEN known.escalated_at END,
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
    RETURNING id, rule_id, audience, enterprise_id, severity, reach, raised_at = %(now)s AS is_raised,
              xmax = 0 AS is_new
), noted AS (
    INSERT INTO alerts_alertnote (alert_id, kind, words, written_at)
    SELECT id, 'raised', '', %(now)s FROM raised WHERE is_raised AND NOT is_new
), pressing AS (
    SELECT a.*, r.at_once FROM raised a JOIN alerts_alertrule r ON r.key = a.rule_id
    WHERE a.is_raised AND (r.at_once OR a.severity = %(urgent)s)
), concerned AS ("""
    + CONCERNED.format(alerts="pressing")
    + """), told AS (
    INSERT INTO alerts_delivery (
        key, uid, recipient_id, contact_id, channel, shown, lane, alert_id, not_before, created_at)
    SELECT DISTINCT ON (c.id, CASE WHEN a.at_once THEN a.id END)  -- what is urgent is told once for a whole run
           format('alert:%%s:%%s:%%s', a.id, extract(epoch FROM %(now)s::timestamptz)::numeric(20, 3), c.id),
           gen_random_uuid(), c.user_id, c.id, c.channel, c.shown,
           CASE WHEN a.at_once THEN %(at_once_lane)s ELSE %(urgent_lane)s END, a.id,
           CASE WHEN a.at_once THEN %(now)s ELSE """
    + QUIET_ENDS
    + """ END, %(now)s
    FROM concerned
    JOIN pressing a ON a.id = concerned.alert_id
    JOIN alerts_contactpoint c ON c.user_id = concerned.user_id AND c.confirmed_at IS NOT NULL
    WHERE a.at_once OR c.urgent
    ORDER BY c.id, CASE WHEN a.at_once THEN a.id END, a.id
    ON CONFLICT (key) DO NOTHING
)
SELECT count(*) FILTER (WHERE is_raised) FROM raised
"""
)
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
# Alerts of officers that nobody has looked at for so long are shown to the next higher authority, too.
ESCALATE = """
WITH passed AS (
    UPDATE alerts_alert SET escalated_at = %(now)s,
        reach = CASE WHEN reach > 9 THEN 9 WHEN reach > 6 THEN 6 ELSE 4 END
    WHERE audience = 'officers' AND closed_at IS NULL AND acknowledged_at IS NULL AND reach > 4
      AND COALESCE(escalated_at, raised_at) < %(since)s
    RETURNING id
), noted AS (
    INSERT INTO alerts_alertnote (alert_id, kind, words, written_at) SELECT id, 'escalated', '', %(now)s FROM passed
)
SELECT count(*) FROM passed
"""
OPEN_CONVERSATIONS = """
INSERT INTO alerts_conversation (message_id, enterprise_id, last_side, last_at)
SELECT %%s, chosen.id, 'officers', %%s FROM (%(chosen)s) AS chosen (id)
ON CONFLICT (message_id, enterprise_id) DO NOTHING RETURNING id
"""
# The next thing to send, held until the lease ends; what somebody held longer than that is taken up again.
TAKE_NEXT = """
UPDATE alerts_delivery d SET state = 'sending', lease_until = %(until)s, attempts = d.attempts + 1
FROM (
    SELECT id, state FROM alerts_delivery
    WHERE state IN ('pending', 'sending') AND not_before <= %(now)s AND (lease_until IS NULL OR lease_until < %(now)s)
    ORDER BY lane, id LIMIT 1 FOR UPDATE SKIP LOCKED
) AS next
WHERE d.id = next.id RETURNING d.id, next.state = 'sending'
"""
# One summary a day for each address whose owner wants it, from the hour it was asked for on, when something waits.
WRITE_DAILY = (
    """
WITH open AS (
    SELECT id, audience, enterprise_id, reach FROM alerts_alert WHERE closed_at IS NULL AND acknowledged_at IS NULL
), concerned AS ("""
    + CONCERNED.format(alerts="open")
    + f"""), told AS (
    INSERT INTO alerts_delivery (
        key, uid, recipient_id, contact_id, channel, shown, lane, not_before, created_at)
    SELECT format('daily:%%s:%%s', {_CLOCK}::date, c.id), gen_random_uuid(), c.user_id, c.id, c.channel, c.shown,
           %(lane)s, {QUIET_ENDS}, %(now)s
    FROM alerts_contactpoint c
    WHERE c.confirmed_at IS NOT NULL AND c.daily AND {_CLOCK}::time >= c.daily_at
      AND c.user_id IN (SELECT user_id FROM concerned)
    ORDER BY c.id
    ON CONFLICT (key) DO NOTHING RETURNING 1
)
SELECT count(*) FROM told
"""
)
