"""The statements about a chain that are not ORM; each is run by a test."""

# What had happened until a day, of what was written by a moment. A reversal undoes from the moment it is written.
_ENTRY = """e.traded_on <= %(day)s AND e.recorded_at < %(known)s AND e.reverses_id IS NULL
      AND NOT EXISTS (
          SELECT FROM ledgers_ledgerentry u
          WHERE u.reverses_id = e.id AND u.reverses_id IS NOT NULL AND u.recorded_at < %(known)s)"""
_PAPER = """p.status = 'confirmed' AND p.confirmed_at < %(known)s AND p.reverses_id IS NULL
      AND NOT EXISTS (
          SELECT FROM {table} u WHERE u.reverses_id = p.id AND u.status = 'confirmed' AND u.confirmed_at < %(known)s)"""
_RUN = "p.produced_on <= %(day)s AND " + _PAPER.format(table="ledgers_productionrun")
_STOCK_PAPER = "p.happened_on <= %(day)s AND " + _PAPER.format(table="ledgers_stockpaper")

_LOTS_AS_OF = """
WITH RECURSIVE reached (lot) AS (
    VALUES (%(lot)s::bigint)
    UNION
    SELECT step.lot FROM reached r CROSS JOIN LATERAL (
        SELECT k.{to} AS lot FROM ledgers_lotlink k JOIN ledgers_productionrun p ON p.id = k.run_id
        WHERE k.{start} = r.lot AND {run}
        UNION ALL SELECT a.same_as_id FROM catalog_lotalias a WHERE a.lot_id = r.lot AND a.created_at < %(known)s
        UNION ALL SELECT a.lot_id FROM catalog_lotalias a WHERE a.same_as_id = r.lot AND a.created_at < %(known)s
    ) step
)
SELECT lot FROM reached
"""
LOTS_DOWN_AS_OF = _LOTS_AS_OF.format(start="from_lot_id", to="to_lot_id", run=_RUN)
LOTS_UP_AS_OF = _LOTS_AS_OF.format(start="to_lot_id", to="from_lot_id", run=_RUN)
MOVEMENTS_AS_OF = f"""
SELECT e.seller_id, e.buyer_id, e.lot_id, e.quantity, e.traded_on
FROM ledgers_ledgerentry e
WHERE e.lot_id = ANY(%(lots)s) AND {_ENTRY}
"""
HOLDERS_AS_OF = f"""
SELECT enterprise_id, lot_id, sum(quantity) FROM (
    SELECT e.buyer_id AS enterprise_id, e.lot_id, e.quantity FROM ledgers_ledgerentry e
    WHERE e.lot_id = ANY(%(lots)s) AND {_ENTRY}
    UNION ALL
    SELECT e.seller_id, e.lot_id, -e.quantity FROM ledgers_ledgerentry e
    WHERE e.lot_id = ANY(%(lots)s) AND {_ENTRY}
      AND (NOT e.needs_acknowledgement OR EXISTS (
          SELECT FROM ledgers_acknowledgement a WHERE a.invoice_id = e.invoice_id AND a.recorded_at < %(known)s))
    UNION ALL
    SELECT p.enterprise_id, i.lot_id, -i.quantity
    FROM ledgers_runinput i JOIN ledgers_productionrun p ON p.id = i.run_id
    WHERE i.lot_id = ANY(%(lots)s) AND {_RUN}
    UNION ALL
    SELECT p.enterprise_id, o.lot_id, o.quantity
    FROM ledgers_runoutput o JOIN ledgers_productionrun p ON p.id = o.run_id
    WHERE o.lot_id = ANY(%(lots)s) AND {_RUN}
    UNION ALL
    SELECT p.enterprise_id, l.lot_id, l.quantity
    FROM ledgers_stockpaperline l JOIN ledgers_stockpaper p ON p.id = l.paper_id
    WHERE l.lot_id = ANY(%(lots)s) AND {_STOCK_PAPER}
) moved
GROUP BY enterprise_id, lot_id HAVING sum(quantity) > 0
"""

# What became of lots, place by place. Reversals and what they reverse stand in the sums with opposite signs.
_OF_KIND = "CASE WHEN {} THEN abs(l.quantity) * CASE WHEN p.reverses_id IS NULL THEN 1 ELSE -1 END ELSE 0 END"
_LESS = "(l.quantity < 0) = (p.reverses_id IS NULL)"
PARTS_OF_BALANCE = f"""
WITH moved (lot_id, place, made, opened, found, sold_to_consumers, used, written_off, missing, stock,
            not_acknowledged) AS (
    SELECT e.lot_id, e.seller_id, 0, 0, 0, 0, 0, 0, 0, 0, e.quantity FROM ledgers_ledgerentry e
    WHERE e.lot_id = ANY(%(lots)s) AND e.needs_acknowledgement
      AND NOT EXISTS (SELECT FROM ledgers_acknowledgement a WHERE a.invoice_id = e.invoice_id)
    UNION ALL
    SELECT o.lot_id, p.enterprise_id, o.quantity, 0, 0, 0, 0, 0, 0, 0, 0
    FROM ledgers_runoutput o JOIN ledgers_productionrun p ON p.id = o.run_id AND p.status = 'confirmed'
    WHERE o.lot_id = ANY(%(lots)s)
    UNION ALL
    SELECT i.lot_id, p.enterprise_id, 0, 0, 0, 0, i.quantity, 0, 0, 0, 0
    FROM ledgers_runinput i JOIN ledgers_productionrun p ON p.id = i.run_id AND p.status = 'confirmed'
    WHERE i.lot_id = ANY(%(lots)s)
    UNION ALL
    SELECT l.lot_id, p.enterprise_id, 0,
           {_OF_KIND.format("p.kind = 'opening'")},
           {_OF_KIND.format("p.kind = 'count' AND (l.quantity > 0) = (p.reverses_id IS NULL)")},
           {_OF_KIND.format("p.missing_is_sold AND " + _LESS)},
           {_OF_KIND.format("p.kind = 'own_use'")},
           {_OF_KIND.format("p.kind IN ('write_off', 'destruction')")},
           {_OF_KIND.format("p.kind = 'count' AND NOT p.missing_is_sold AND " + _LESS)},
           0, 0
    FROM ledgers_stockpaperline l JOIN ledgers_stockpaper p ON p.id = l.paper_id AND p.status = 'confirmed'
    WHERE l.lot_id = ANY(%(lots)s) AND l.quantity <> 0
    UNION ALL
    SELECT s.lot_id, s.enterprise_id, 0, 0, 0, 0, 0, 0, 0, s.quantity + s.disputed, 0
    FROM ledgers_stockbalance s WHERE s.lot_id = ANY(%(lots)s)
)
SELECT m.lot_id, m.place, sum(made), sum(opened), sum(found), sum(sold_to_consumers), sum(used), sum(written_off),
       sum(missing), sum(stock), sum(not_acknowledged),
       bool_or(e.status = 'stub' OR e.is_person OR l.producer_id = e.id)
FROM moved m JOIN enterprises_enterprise e ON e.id = m.place JOIN catalog_lot l ON l.id = m.lot_id
GROUP BY m.lot_id, m.place
"""
