"""The statements of what-ifs and scores: a walk over holdings, which are lots at places. Each is run by a test."""

from __future__ import annotations

_RUN_IN_FORCE = """NOT EXISTS (
            SELECT FROM ledgers_productionrun u WHERE u.reverses_id = k.run_id AND u.status = 'confirmed')"""
_IN_FORCE = """e.reverses_id IS NULL
        AND NOT EXISTS (SELECT FROM ledgers_ledgerentry u WHERE u.reverses_id = e.id AND u.reverses_id IS NOT NULL)"""

# Downstream a holding is reached on the day on which it came, upstream until the day on which it left. `began`: the
# walk starts here, and the hazard does not end here; `dated`: only what left after that day (upstream: came before it)
# counts, either because time counts at all, or since the holding was reached by mixing. UNION makes cycles harmless.
_WALK = """
WITH RECURSIVE start (origin, lot, place) AS ({start}
), reached (origin, lot, place, day, began, dated) AS (
    SELECT origin, lot, place, '{eternal}'::date, true, %(in_time)s FROM start
    UNION
    SELECT r.origin, step.lot, step.place, CASE WHEN %(with_days)s THEN step.day ELSE '{eternal}'::date END,
           step.began, step.dated
    FROM reached r CROSS JOIN LATERAL (
        SELECT e.lot_id AS lot, e.{other} AS place, e.traded_on AS day, false AS began, %(in_time)s AS dated
        FROM ledgers_ledgerentry e
        WHERE e.lot_id = r.lot AND e.{own} = r.place AND e.id <> ALL(%(ignore)s) AND {in_force}
          AND (NOT r.dated OR e.traded_on {then} r.day) AND (r.began OR r.place <> ALL(%(kill)s))
        UNION ALL
        SELECT k.{to}, r.place, run.produced_on, false, %(in_time)s
        FROM ledgers_lotlink k JOIN ledgers_productionrun run ON run.id = k.run_id
        WHERE k.{source} = r.lot AND k.enterprise_id = r.place AND {run_in_force}
          AND (NOT r.dated OR run.produced_on {then} r.day) AND (r.began OR r.place <> ALL(%(kill)s))
        UNION ALL SELECT a.same_as_id, r.place, r.day, r.began, r.dated FROM catalog_lotalias a WHERE a.lot_id = r.lot
        UNION ALL SELECT a.lot_id, r.place, r.day, r.began, r.dated FROM catalog_lotalias a WHERE a.same_as_id = r.lot
        UNION ALL
        SELECT r.lot, same.other, r.day, r.began, r.dated
        FROM unnest(%(merged)s::bigint[], %(merged_into)s::bigint[]) AS same (one, other) WHERE same.one = r.place
        UNION ALL
        SELECT mixed.lot, r.place, r.day, false, true FROM (
            SELECT e.lot_id AS lot, e.traded_on AS day FROM ledgers_ledgerentry e
            WHERE e.{own} = r.place AND e.id <> ALL(%(ignore)s) AND {in_force}
            UNION ALL
            SELECT k.{source}, run.produced_on FROM ledgers_lotlink k
            JOIN ledgers_productionrun run ON run.id = k.run_id
            WHERE k.enterprise_id = r.place AND {run_in_force}
        ) mixed
        WHERE r.place = ANY(%(cross)s) AND mixed.day {then} r.day AND (r.began OR r.place <> ALL(%(kill)s))
    ) step
)
"""
# Of each holding, whether all that left it counts, or only what left from a day on, or nothing.
_HOLDINGS = """
SELECT lot, place, COALESCE(bool_or(NOT dated OR day = '{eternal}') FILTER (WHERE goes_on), false),
       {first}(day) FILTER (WHERE goes_on AND dated AND day <> '{eternal}')
FROM (SELECT *, began OR place <> ALL(%(kill)s) AS goes_on FROM reached) r GROUP BY lot, place
"""
# Where a lot that goes by these codes begins (upstream: ends): with whoever made it (used it up) or did not get it from
# (give it to) anybody; where that is nobody, with everybody. A balance is kept for every lot that somebody ever held.
_ENDS = """
    SELECT 0, lot, place FROM unnest(%(lots)s::bigint[]) AS code (lot) CROSS JOIN (
        SELECT place, bool_or(made) OR NOT bool_or(came) AS is_end,
               bool_or(bool_or(made) OR NOT bool_or(came)) OVER () AS any
        FROM (
            SELECT e.{other} AS place, true AS came, false AS made
            FROM ledgers_ledgerentry e WHERE e.lot_id = ANY(%(lots)s) AND {in_force}
            UNION ALL
            SELECT k.enterprise_id, false, true FROM ledgers_lotlink k WHERE k.{to} = ANY(%(lots)s) AND {run_in_force}
            UNION ALL
            SELECT s.enterprise_id, false, false FROM ledgers_stockbalance s WHERE s.lot_id = ANY(%(lots)s)
        ) known GROUP BY place
    ) places WHERE is_end OR NOT places.any"""
_PLACES = "SELECT 0, lot, place FROM unnest(%(lots)s::bigint[], %(places)s::bigint[]) AS s (lot, place)"
# Every lot that a weighted place ever held, and a weighted lot wherever it ever was; numbered by the weight.
_WEIGHTED = """
    SELECT n, s.lot_id, s.enterprise_id FROM unnest(%(places)s::bigint[]) WITH ORDINALITY AS w (place, n)
    JOIN ledgers_stockbalance s ON s.enterprise_id = w.place
    UNION ALL
    SELECT cardinality(%(places)s::bigint[]) + n, s.lot_id, s.enterprise_id
    FROM unnest(%(lots)s::bigint[]) WITH ORDINALITY AS w (lot, n) JOIN ledgers_stockbalance s ON s.lot_id = w.lot"""
_MOVEMENTS = """
SELECT e.seller_id, e.buyer_id, e.lot_id, e.quantity, e.traded_on
FROM unnest(%(lots)s::bigint[], %(places)s::bigint[], %(opens)s::bool[], %(days)s::date[])
    AS r (lot, place, is_open, day)
JOIN ledgers_ledgerentry e ON e.lot_id = r.lot AND e.{own} = r.place AND {in_force}
WHERE e.id <> ALL(%(ignore)s) AND (r.is_open OR e.traded_on {then} r.day)
"""
_SCORES = """, weighed AS (
    SELECT n AS origin, weight FROM unnest(%(weights)s::float8[]) WITH ORDINALITY AS w (weight, n)
)
SELECT 'place', place, sum(weight) FROM (SELECT DISTINCT origin, place FROM reached) f JOIN weighed USING (origin)
GROUP BY place
UNION ALL
SELECT 'lot', lot, sum(weight) FROM (SELECT DISTINCT origin, lot FROM reached) f JOIN weighed USING (origin)
GROUP BY lot
"""
_DOWN = {
    "own": "seller_id", "other": "buyer_id", "source": "from_lot_id", "to": "to_lot_id", "then": ">=",
    "eternal": "-infinity", "first": "min",
}  # fmt: skip
_UP = {
    "own": "buyer_id", "other": "seller_id", "source": "to_lot_id", "to": "from_lot_id", "then": "<=",
    "eternal": "infinity", "first": "max",
}  # fmt: skip


def _in(direction: dict[str, str], statement: str, start: str = "") -> str:
    known = {"in_force": _IN_FORCE, "run_in_force": _RUN_IN_FORCE, **direction}
    return statement.format(**known, start=start.format(**known))


HOLDINGS_DOWN, HOLDINGS_UP = (_in(way, _WALK + _HOLDINGS, _ENDS) for way in (_DOWN, _UP))
HOLDINGS_DOWN_FROM, HOLDINGS_UP_FROM = (_in(way, _WALK + _HOLDINGS, _PLACES) for way in (_DOWN, _UP))
MOVEMENTS_DOWN, MOVEMENTS_UP = (_in(way, _MOVEMENTS) for way in (_DOWN, _UP))
SCORES = _in(_UP, _WALK, _WEIGHTED) + _SCORES
