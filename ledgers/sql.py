"""The statements of this app that are not ORM; each is run by a test. Functions: the migrations."""

TAKE_UP = "SELECT * FROM ledgers_take_up(%s, %s, %s)"
CONFIRM_INVOICE = "SELECT * FROM ledgers_confirm_invoice(%s, %s, %s, %s, %s)"
# Taken up and, where nothing speaks against it, confirmed.
CONFIRM_DRAFT = """
SELECT * FROM ledgers_confirm_draft(
    %(paper)s, %(person)s, %(may_all)s, %(day)s, %(version)s, %(token)s, %(voucher)s, %(sale)s, %(return)s)
"""
ANSWER_RECEIPT = "SELECT ledgers_answer_receipt(%s, %s, %s, %s, %s)"
TAKE_LOTS = "SELECT FROM catalog_lot WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE"
ACCEPT_ALL = "SELECT ledgers_answer_receipt(paper, %s, %s, '', '[]') FROM unnest(%s::bigint[]) paper"
END_CLAIMS = "SELECT ledgers_end_claims(%s, %s, %s)"
ACKNOWLEDGE = "SELECT ledgers_acknowledge(%s, %s)"
COPY_LINES = (
    "COPY ledgers_invoiceline (invoice_id, position, product_id, known_lot_id, lot_code, lot_is_generated,"
    " produced_on, expires_on, quantity, unit_id, factor, price) FROM STDIN"
)
CONFIRM_RUN = "SELECT ledgers_confirm_run(%s, %s, %s, %s)"
CONFIRM_STOCK_PAPER = "SELECT * FROM ledgers_confirm_stock_paper(%s, %s, %s, %s)"

FOLD_TRADE_DELTAS = """
WITH gone AS (DELETE FROM ledgers_tradedelta RETURNING enterprise_id, day, purchase_lines, sale_lines),
days AS (
    INSERT INTO ledgers_enterpriseday (enterprise_id, day, purchase_lines, sale_lines)
    SELECT enterprise_id, day, sum(purchase_lines), sum(sale_lines) FROM gone
    GROUP BY enterprise_id, day ORDER BY day, enterprise_id
    ON CONFLICT (day, enterprise_id) DO UPDATE
    SET purchase_lines = ledgers_enterpriseday.purchase_lines + excluded.purchase_lines,
        sale_lines = ledgers_enterpriseday.sale_lines + excluded.sale_lines
    RETURNING 1
),
latest AS (
    SELECT enterprise_id, (max(day)::timestamp AT TIME ZONE 'Asia/Shanghai') AS traded_at
    FROM gone GROUP BY enterprise_id
),
traders AS (
    UPDATE enterprises_enterprise e SET last_trade_at = latest.traded_at
    FROM latest
    WHERE e.id = latest.enterprise_id AND (e.last_trade_at IS NULL OR e.last_trade_at < latest.traded_at)
    RETURNING 1
)
SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM days), (SELECT count(*) FROM traders)
"""

# A run that is reversed moves no goods; a reversal that is still a draft has not happened.
_RUN_IN_FORCE = """NOT EXISTS (
              SELECT FROM ledgers_productionrun u WHERE u.reverses_id = k.run_id AND u.status = 'confirmed')"""

# Lots reached from one lot, over production and over lots that are one lot in the world. UNION makes cycles harmless.
_LOTS = """
WITH RECURSIVE reached (lot) AS (
    {first}
    UNION
    SELECT step.lot FROM reached r CROSS JOIN LATERAL (
        SELECT k.{to} AS lot FROM ledgers_lotlink k
        WHERE k.{start} = r.lot
          AND {in_force}
        UNION ALL SELECT a.same_as_id FROM catalog_lotalias a WHERE a.lot_id = r.lot
        UNION ALL SELECT a.lot_id FROM catalog_lotalias a WHERE a.same_as_id = r.lot
    ) step
)
SELECT lot FROM reached
"""
_ONE, _MANY = "VALUES (%(lot)s::bigint)", "SELECT unnest(%(lots)s::bigint[])"
LOTS_DOWN = _LOTS.format(first=_ONE, start="from_lot_id", to="to_lot_id", in_force=_RUN_IN_FORCE)
LOTS_UP = _LOTS.format(first=_ONE, start="to_lot_id", to="from_lot_id", in_force=_RUN_IN_FORCE)
SOURCES = _LOTS.format(first=_MANY, start="to_lot_id", to="from_lot_id", in_force=_RUN_IN_FORCE)

# The same from one enterprise's part of the lot: only what left from there, or what came to there.
_LOTS_FROM = """
WITH RECURSIVE reached (lot, place) AS (
    VALUES (%(lot)s::bigint, %(enterprise)s::bigint)
    UNION
    SELECT step.lot, step.place FROM reached r CROSS JOIN LATERAL (
        SELECT e.lot_id AS lot, e.{other} AS place FROM ledgers_ledgerentry e
        WHERE e.lot_id = r.lot AND e.{own} = r.place AND e.reverses_id IS NULL
          AND NOT EXISTS (SELECT FROM ledgers_ledgerentry u WHERE u.reverses_id = e.id)
        UNION ALL
        SELECT k.{to}, k.enterprise_id FROM ledgers_lotlink k
        WHERE k.{start} = r.lot AND k.enterprise_id = r.place
          AND {in_force}
        UNION ALL SELECT a.same_as_id, r.place FROM catalog_lotalias a WHERE a.lot_id = r.lot
        UNION ALL SELECT a.lot_id, r.place FROM catalog_lotalias a WHERE a.same_as_id = r.lot
    ) step
)
SELECT lot, place FROM reached
"""
PLACES_DOWN = _LOTS_FROM.format(
    start="from_lot_id", to="to_lot_id", own="seller_id", other="buyer_id", in_force=_RUN_IN_FORCE
)
PLACES_UP = _LOTS_FROM.format(
    start="to_lot_id", to="from_lot_id", own="buyer_id", other="seller_id", in_force=_RUN_IN_FORCE
)

# IS NOT NULL follows from the equality, but tells the planner how few reversals there are: it hashes them, and does
# not sort a large answer to merge it with an index that is mostly nulls.
MOVEMENTS = """
SELECT e.seller_id, e.buyer_id, e.lot_id, e.quantity, e.traded_on
FROM ledgers_ledgerentry e
WHERE e.lot_id = ANY(%(lots)s) AND e.reverses_id IS NULL
  AND NOT EXISTS (SELECT FROM ledgers_ledgerentry u WHERE u.reverses_id = e.id AND u.reverses_id IS NOT NULL)
"""
_MOVEMENTS_FROM = """
SELECT e.seller_id, e.buyer_id, e.lot_id, e.quantity, e.traded_on
FROM unnest(%(lots)s::bigint[], %(places)s::bigint[]) AS r (lot, place)
JOIN ledgers_ledgerentry e ON e.lot_id = r.lot AND e.{own} = r.place AND e.reverses_id IS NULL
WHERE NOT EXISTS (SELECT FROM ledgers_ledgerentry u WHERE u.reverses_id = e.id)
"""
MOVEMENTS_DOWN = _MOVEMENTS_FROM.format(own="seller_id")
MOVEMENTS_UP = _MOVEMENTS_FROM.format(own="buyer_id")

HOLDERS = """
SELECT enterprise_id, lot_id, quantity + disputed FROM ledgers_stockbalance
WHERE lot_id = ANY(%(lots)s) AND quantity + disputed > 0
"""
HOLDERS_AT = """
SELECT s.enterprise_id, s.lot_id, s.quantity + s.disputed
FROM (SELECT DISTINCT * FROM unnest(%(lots)s::bigint[], %(places)s::bigint[]) AS r (lot, place)) r
JOIN ledgers_stockbalance s ON s.lot_id = r.lot AND s.enterprise_id = r.place
WHERE s.quantity + s.disputed > 0
"""

# What the books say twice, side by side: each statement returns only what differs, as (what, written, recomputed).
_MOVED = """
    SELECT e.buyer_id AS enterprise_id, e.lot_id, e.quantity FROM ledgers_ledgerentry e
    UNION ALL
    SELECT e.seller_id, e.lot_id, -e.quantity FROM ledgers_ledgerentry e
    WHERE NOT e.needs_acknowledgement
       OR EXISTS (SELECT FROM ledgers_acknowledgement a WHERE a.invoice_id = e.invoice_id)
    UNION ALL
    SELECT r.enterprise_id, i.lot_id, -i.quantity
    FROM ledgers_runinput i JOIN ledgers_productionrun r ON r.id = i.run_id AND r.status = 'confirmed'
    UNION ALL
    SELECT r.enterprise_id, o.lot_id, o.quantity
    FROM ledgers_runoutput o JOIN ledgers_productionrun r ON r.id = o.run_id AND r.status = 'confirmed'
    UNION ALL
    SELECT p.enterprise_id, l.lot_id, l.quantity
    FROM ledgers_stockpaperline l JOIN ledgers_stockpaper p ON p.id = l.paper_id AND p.status = 'confirmed'
"""
VERIFY_STOCK = f"""
SELECT format('enterprise %s, lot %s', COALESCE(s.enterprise_id, m.enterprise_id), COALESCE(s.lot_id, m.lot_id)),
       COALESCE(s.quantity + s.disputed, 0), COALESCE(m.quantity, 0)
FROM (SELECT enterprise_id, lot_id, sum(quantity) AS quantity FROM ({_MOVED}) moved GROUP BY 1, 2) m
FULL JOIN ledgers_stockbalance s ON s.enterprise_id = m.enterprise_id AND s.lot_id = m.lot_id
WHERE COALESCE(s.quantity + s.disputed, 0) <> COALESCE(m.quantity, 0)
ORDER BY 1
"""
VERIFY_DISPUTES = """
SELECT format('enterprise %s, lot %s', s.enterprise_id, s.lot_id), s.disputed, COALESCE(c.quantity, 0)
FROM ledgers_stockbalance s
LEFT JOIN (
    SELECT e.buyer_id, e.lot_id, sum(c.quantity) AS quantity
    FROM ledgers_receiptclaim c JOIN ledgers_ledgerentry e ON e.line_id = c.line_id
    WHERE NOT EXISTS (SELECT FROM ledgers_claimsettlement t WHERE t.claim_id = c.id)
    GROUP BY 1, 2
) c ON c.buyer_id = s.enterprise_id AND c.lot_id = s.lot_id
WHERE s.disputed <> COALESCE(c.quantity, 0)
ORDER BY 1
"""
VERIFY_LINES = """
SELECT format('paper %s, line %s', i.number, l.position), e.quantity, l.quantity * l.factor
FROM ledgers_invoice i
JOIN ledgers_invoiceline l ON l.invoice_id = i.id
FULL JOIN ledgers_ledgerentry e ON e.line_id = l.id
WHERE (i.status = 'confirmed' OR e.id IS NOT NULL)
  AND (e.quantity, e.invoice_id, e.seller_id, e.buyer_id, e.author_id, e.traded_on, e.product_id)
      IS DISTINCT FROM
      (l.quantity * l.factor, i.id, i.seller_id, i.buyer_id, i.author_id, i.traded_on, l.product_id)
ORDER BY 1
"""
VERIFY_DAYS = """
SELECT format('enterprise %s on %s, %s', COALESCE(w.enterprise_id, b.enterprise_id), COALESCE(w.day, b.day),
              COALESCE(w.side, b.side)),
       COALESCE(w.lines, 0), COALESCE(b.lines, 0)
FROM (
    SELECT enterprise_id, day, side, sum(count) AS lines
    FROM (SELECT enterprise_id, day, purchase_lines, sale_lines FROM ledgers_enterpriseday
          UNION ALL SELECT enterprise_id, day, purchase_lines, sale_lines FROM ledgers_tradedelta) written
    CROSS JOIN LATERAL (VALUES ('purchases', purchase_lines), ('sales', sale_lines)) sides (side, count)
    GROUP BY 1, 2, 3
) w
FULL JOIN (
    SELECT enterprise_id, day, side, count(*) AS lines
    FROM (SELECT buyer_id AS enterprise_id, invoice_id, 'purchases' AS side FROM ledgers_ledgerentry
          UNION ALL
          SELECT seller_id, invoice_id, 'sales' FROM ledgers_ledgerentry e
          WHERE NOT needs_acknowledgement
             OR EXISTS (SELECT FROM ledgers_acknowledgement a WHERE a.invoice_id = e.invoice_id)) sides
    JOIN (SELECT id, traded_on AS day FROM ledgers_invoice) i ON i.id = sides.invoice_id
    GROUP BY 1, 2, 3
) b ON b.enterprise_id = w.enterprise_id AND b.day = w.day AND b.side = w.side
WHERE COALESCE(w.lines, 0) <> COALESCE(b.lines, 0)
ORDER BY 1
"""

# How long each paper is kept. A rule is taken in the version in force when its clock starts: the best before of the
# goods, or the day of the trade. A paper and what corrects it are one family: none goes before the others.
_SPAN = """(
    SELECT CASE r.unit WHEN 'd' THEN make_interval(days => r.value::int)
                       WHEN 'm' THEN make_interval(months => r.value::int)
                       WHEN 'y' THEN make_interval(years => r.value::int) END
    FROM laws_ruleparameter r WHERE r.key = {key} AND r.valid_from <= {start} ORDER BY r.valid_from DESC LIMIT 1)"""
_KEPT = f"""
WITH lines AS (
    SELECT COALESCE(i.reverses_id, i.adjusts_id, i.id) AS family, CASE
        WHEN good.until IS NULL THEN i.traded_on + {_SPAN.format(key="%(least)s", start="i.traded_on")}
        ELSE good.until + {_SPAN.format(key="%(expiry)s", start="good.until")} END AS by_law,
        i.traded_on + {_SPAN.format(key="%(floor)s", start="i.traded_on")} AS by_platform,
        EXISTS (SELECT FROM ledgers_receiptclaim c WHERE c.line_id = e.line_id AND NOT EXISTS (
            SELECT FROM ledgers_claimsettlement t WHERE t.claim_id = c.id)) AS is_disputed
    FROM ledgers_ledgerentry e
    JOIN ledgers_invoice i ON i.id = e.invoice_id
    JOIN ledgers_invoiceline l ON l.id = e.line_id
    JOIN catalog_lot lot ON lot.id = e.lot_id
    CROSS JOIN LATERAL (SELECT greatest(l.expires_on, lot.expires_on) AS until) good
), families AS (
    SELECT family, max(greatest(by_law, by_platform))::date AS kept_until, bool_or(is_disputed) AS is_disputed
    FROM lines GROUP BY family
), papers AS (
    SELECT i.number, i.traded_on, f.kept_until, f.kept_until < %(day)s AND NOT f.is_disputed AS is_free
    FROM families f JOIN ledgers_invoice i ON f.family = COALESCE(i.reverses_id, i.adjusts_id, i.id)
    WHERE i.status = 'confirmed'
)"""
COUNT_RETENTION = f"""{_KEPT}
INSERT INTO ledgers_retentionyear (year, papers, free, kept_until, counted_on)
SELECT extract(year FROM traded_on), count(*), count(*) FILTER (WHERE is_free), max(kept_until), %(day)s
FROM papers GROUP BY 1
ON CONFLICT (year) DO UPDATE SET papers = excluded.papers, free = excluded.free, kept_until = excluded.kept_until,
    counted_on = excluded.counted_on
"""
FREE_PAPERS = f"{_KEPT} SELECT number, traded_on, kept_until FROM papers WHERE is_free ORDER BY traded_on, number"

# Each holding of these lots that gave some on or used some up, and whether it is known how it came there.
_IS_KNOWN = f"""p.status = 'stub' OR p.is_person OR l.producer_id = g.place OR EXISTS (
    SELECT FROM (
        SELECT g.lot AS lot
        UNION SELECT a.same_as_id FROM catalog_lotalias a WHERE a.lot_id = g.lot
        UNION SELECT a.lot_id FROM catalog_lotalias a WHERE a.same_as_id = g.lot
    ) code WHERE EXISTS (
        SELECT FROM ledgers_ledgerentry e WHERE e.lot_id = code.lot AND e.buyer_id = g.place AND e.reverses_id IS NULL
        AND NOT EXISTS (SELECT FROM ledgers_ledgerentry u WHERE u.reverses_id = e.id)
    ) OR EXISTS (
        SELECT FROM ledgers_lotlink k WHERE k.to_lot_id = code.lot AND k.enterprise_id = g.place AND {_RUN_IN_FORCE}
    ) OR EXISTS (
        SELECT FROM ledgers_stockpaperline s JOIN ledgers_stockpaper paper ON paper.id = s.paper_id
        WHERE s.lot_id = code.lot AND paper.enterprise_id = g.place AND paper.kind = 'opening' AND s.supplier <> ''
          AND paper.status = 'confirmed'
          AND NOT EXISTS (
              SELECT FROM ledgers_stockpaper u WHERE u.reverses_id = paper.id AND u.status = 'confirmed')
    )
)"""
_GAVE = "FROM gave g JOIN catalog_lot l ON l.id = g.lot JOIN enterprises_enterprise p ON p.id = g.place"
ACCOUNTED_FOR = f"""
WITH gave (lot, place) AS (
    SELECT e.lot_id, e.seller_id FROM ledgers_ledgerentry e
    WHERE e.lot_id = ANY(%(lots)s) AND e.reverses_id IS NULL
      AND NOT EXISTS (SELECT FROM ledgers_ledgerentry u WHERE u.reverses_id = e.id AND u.reverses_id IS NOT NULL)
    UNION
    SELECT k.from_lot_id, k.enterprise_id FROM ledgers_lotlink k
    WHERE k.from_lot_id = ANY(%(lots)s) AND {_RUN_IN_FORCE}
)
SELECT g.lot, g.place, {_IS_KNOWN}
{_GAVE}
ORDER BY g.lot, g.place
"""
# The same of what the enterprises of a region gave on or used up in a time, by enterprise.
ACCOUNTED_FOR_IN = f"""
WITH here AS (SELECT id FROM enterprises_enterprise WHERE region_code LIKE %(region)s || '%%'
), gave (lot, place) AS (
    SELECT e.lot_id, e.seller_id FROM ledgers_ledgerentry e JOIN here ON here.id = e.seller_id
    WHERE e.traded_on BETWEEN %(since)s AND %(until)s AND e.reverses_id IS NULL
      AND NOT EXISTS (SELECT FROM ledgers_ledgerentry u WHERE u.reverses_id = e.id AND u.reverses_id IS NOT NULL)
    UNION
    SELECT k.from_lot_id, k.enterprise_id FROM ledgers_lotlink k JOIN here ON here.id = k.enterprise_id
    JOIN ledgers_productionrun run ON run.id = k.run_id
    WHERE run.produced_on BETWEEN %(since)s AND %(until)s AND {_RUN_IN_FORCE}
)
SELECT place, count(*), count(*) FILTER (WHERE is_known)
FROM (SELECT g.place, {_IS_KNOWN} AS is_known {_GAVE}) known
GROUP BY place
"""
