"""The statements of this app that are not ORM; each is run by a test. The functions are in migrations 0002 and 0005."""

TAKE_UP = "SELECT * FROM ledgers_take_up(%s)"
CONFIRM_INVOICE = "SELECT * FROM ledgers_confirm_invoice(%s, %s, %s, %s, %s)"
ACKNOWLEDGE = "SELECT ledgers_acknowledge(%s, %s)"
CONFIRM_RUN = "SELECT ledgers_confirm_run(%s, %s, %s, %s)"

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

# Lots reached from one lot, over production and over lots that are one lot in the world. UNION makes cycles harmless.
_LOTS = """
WITH RECURSIVE reached (lot) AS (
    VALUES (%(lot)s::bigint)
    UNION
    SELECT step.lot FROM reached r CROSS JOIN LATERAL (
        SELECT k.{to} AS lot FROM ledgers_lotlink k
        WHERE k.{start} = r.lot
          AND NOT EXISTS (SELECT FROM ledgers_productionrun u WHERE u.reverses_id = k.run_id)
        UNION ALL SELECT a.same_as_id FROM catalog_lotalias a WHERE a.lot_id = r.lot
        UNION ALL SELECT a.lot_id FROM catalog_lotalias a WHERE a.same_as_id = r.lot
    ) step
)
SELECT lot FROM reached
"""
LOTS_DOWN = _LOTS.format(start="from_lot_id", to="to_lot_id")
LOTS_UP = _LOTS.format(start="to_lot_id", to="from_lot_id")

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
          AND NOT EXISTS (SELECT FROM ledgers_productionrun u WHERE u.reverses_id = k.run_id)
        UNION ALL SELECT a.same_as_id, r.place FROM catalog_lotalias a WHERE a.lot_id = r.lot
        UNION ALL SELECT a.lot_id, r.place FROM catalog_lotalias a WHERE a.same_as_id = r.lot
    ) step
)
SELECT lot, place FROM reached
"""
PLACES_DOWN = _LOTS_FROM.format(start="from_lot_id", to="to_lot_id", own="seller_id", other="buyer_id")
PLACES_UP = _LOTS_FROM.format(start="to_lot_id", to="from_lot_id", own="buyer_id", other="seller_id")

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
SELECT enterprise_id, lot_id, quantity FROM ledgers_stockbalance WHERE lot_id = ANY(%(lots)s) AND quantity > 0
"""
HOLDERS_AT = """
SELECT s.enterprise_id, s.lot_id, s.quantity
FROM (SELECT DISTINCT * FROM unnest(%(lots)s::bigint[], %(places)s::bigint[]) AS r (lot, place)) r
JOIN ledgers_stockbalance s ON s.lot_id = r.lot AND s.enterprise_id = r.place
WHERE s.quantity > 0
"""
