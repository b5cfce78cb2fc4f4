"""More that the books say twice: what hangs on papers. Each statement returns what differs, as in `sql.py`."""

# A paper is whole: one that is confirmed has entries and one for each line, whatever is no paper yet has none.
VERIFY_PAPERS = """
SELECT format('paper %s', COALESCE(i.number, 'draft ' || i.id)), e.entries, l.lines
FROM ledgers_invoice i
CROSS JOIN LATERAL (SELECT count(*) AS entries FROM ledgers_ledgerentry WHERE invoice_id = i.id) e
CROSS JOIN LATERAL (SELECT count(*) AS lines FROM ledgers_invoiceline WHERE invoice_id = i.id) l
WHERE CASE WHEN i.status = 'confirmed' THEN e.entries = 0 OR e.entries <> l.lines ELSE e.entries > 0 END
ORDER BY 1
"""

# The lot of an entry is the one its line means, of the goods the line names, or of those they were merged into.
VERIFY_LOTS = """
SELECT format('paper %s, line %s', i.number, l.position), e.lot_id, l.known_lot_id
FROM ledgers_ledgerentry e
JOIN ledgers_invoiceline l ON l.id = e.line_id
JOIN ledgers_invoice i ON i.id = l.invoice_id
JOIN catalog_lot lot ON lot.id = e.lot_id
JOIN catalog_product named ON named.id = l.product_id
JOIN catalog_product there ON there.id = lot.product_id
WHERE COALESCE(there.merged_into_id, there.id) <> COALESCE(named.merged_into_id, named.id)
   OR CASE WHEN l.known_lot_id IS NOT NULL THEN l.known_lot_id <> e.lot_id
           ELSE lot.code_key <> upper(btrim(normalize(l.lot_code, NFKC))) END
ORDER BY 1
"""

# A reversal takes back each line of its paper, and each lot of its run, wholly.
VERIFY_REVERSALS = """
SELECT format('paper %s, line %s', u.number, pair.position), pair.back, pair.wanted
FROM ledgers_invoice u
CROSS JOIN LATERAL (
    SELECT COALESCE(back.position, went.position) AS position, back.quantity AS back, -went.quantity AS wanted,
           (back.lot_id, back.reverses_id) IS DISTINCT FROM (went.lot_id, went.id) AS is_another
    FROM (SELECT l.position, e.quantity, e.lot_id, e.reverses_id
          FROM ledgers_invoiceline l JOIN ledgers_ledgerentry e ON e.line_id = l.id WHERE l.invoice_id = u.id) back
    FULL JOIN (
          SELECT l.position, e.quantity, e.lot_id, e.id
          FROM ledgers_invoiceline l JOIN ledgers_ledgerentry e ON e.line_id = l.id
          WHERE l.invoice_id = u.reverses_id) went ON went.position = back.position
) pair
WHERE u.status = 'confirmed' AND u.reverses_id IS NOT NULL
  AND (pair.back IS DISTINCT FROM pair.wanted OR pair.is_another)
UNION ALL
SELECT format('run %s, lot %s', u.number, moved.lot_id), sum(moved.quantity), 0
FROM ledgers_productionrun u
CROSS JOIN LATERAL (
    SELECT lot_id, quantity FROM ledgers_runinput WHERE run_id IN (u.id, u.reverses_id)
    UNION ALL SELECT lot_id, quantity FROM ledgers_runoutput WHERE run_id IN (u.id, u.reverses_id)
) moved
WHERE u.status = 'confirmed' AND u.reverses_id IS NOT NULL
GROUP BY u.number, moved.lot_id
HAVING sum(moved.quantity) <> 0
ORDER BY 1
"""

# A receipt answers a delivery of a seller: no draft, no correction, nothing that the buyer wrote, and to its buyer.
VERIFY_RECEIPTS = """
SELECT format('receipt of paper %s', COALESCE(i.number, 'draft ' || i.id)), r.buyer_id, i.buyer_id
FROM ledgers_receipt r
JOIN ledgers_invoice i ON i.id = r.invoice_id
WHERE i.status <> 'confirmed' OR r.buyer_id <> i.buyer_id OR i.author_id <> i.seller_id
   OR i.reverses_id IS NOT NULL OR i.adjusts_id IS NOT NULL
ORDER BY 1
"""

# Something is in dispute exactly where the receipt says so; only a rejection of what was corrected to nothing has none.
VERIFY_STATES = """
SELECT format('receipt of paper %s is %s', i.number, r.state), 0, claims.open
FROM ledgers_receipt r
JOIN ledgers_invoice i ON i.id = r.invoice_id
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE NOT EXISTS (
        SELECT FROM ledgers_claimsettlement t WHERE t.claim_id = c.id)) AS open, count(*) AS made
    FROM ledgers_receiptclaim c WHERE c.receipt_id = r.id
) claims
WHERE CASE WHEN r.state IN ('partial', 'rejected', 'disputed', 'escalated') THEN claims.open = 0 AND claims.made > 0
           WHEN r.state IN ('pending', 'accepted', 'auto_accepted') THEN claims.made > 0
           ELSE claims.open > 0 END
ORDER BY 1
"""

# What is in dispute of a line is part of it: no more than it brought with every difference, and of its own delivery.
VERIFY_CLAIMS = """
SELECT format('claim %s on paper %s, line %s', c.id, i.number, l.position), c.quantity, brought.quantity
FROM ledgers_receiptclaim c
JOIN ledgers_invoiceline l ON l.id = c.line_id
JOIN ledgers_invoice i ON i.id = l.invoice_id
JOIN ledgers_receipt r ON r.id = c.receipt_id
CROSS JOIN LATERAL (
    SELECT sum(e.quantity) AS quantity
    FROM ledgers_invoice p
    JOIN ledgers_invoiceline pl ON pl.invoice_id = p.id AND pl.position = l.position
    JOIN ledgers_ledgerentry e ON e.line_id = pl.id
    WHERE (p.id = i.id OR p.adjusts_id = i.id)
      AND NOT EXISTS (SELECT FROM ledgers_invoice u WHERE u.reverses_id = p.id AND u.status = 'confirmed')
) brought
WHERE r.invoice_id <> l.invoice_id
   OR NOT EXISTS (SELECT FROM ledgers_claimsettlement t WHERE t.claim_id = c.id)
      AND c.quantity > COALESCE(brought.quantity, 0)
ORDER BY 1
"""

# A claim is settled by a paper that corrects the one it is about, on the same line.
VERIFY_SETTLEMENTS = """
SELECT format('claim %s settled on paper %s', c.id, p.number), p.id, claimed.invoice_id
FROM ledgers_claimsettlement t
JOIN ledgers_receiptclaim c ON c.id = t.claim_id
JOIN ledgers_invoiceline claimed ON claimed.id = c.line_id
JOIN ledgers_invoiceline l ON l.id = t.line_id
JOIN ledgers_invoice p ON p.id = l.invoice_id
WHERE p.status <> 'confirmed' OR l.position <> claimed.position OR l.settles_id IS DISTINCT FROM c.id
   OR claimed.invoice_id IS DISTINCT FROM COALESCE(p.reverses_id, p.adjusts_id)
ORDER BY 1
"""

# Only what a buyer wrote of an active seller is acknowledged.
VERIFY_ACKNOWLEDGEMENTS = """
SELECT format('acknowledgement of paper %s', COALESCE(i.number, 'draft ' || i.id)), 1, 0
FROM ledgers_acknowledgement a
JOIN ledgers_invoice i ON i.id = a.invoice_id
WHERE i.status <> 'confirmed'
   OR NOT EXISTS (SELECT FROM ledgers_ledgerentry e WHERE e.invoice_id = i.id AND e.needs_acknowledgement)
ORDER BY 1
"""

# A run links each lot that went in to each that came out; a reversal links nothing, a draft neither.
VERIFY_LINKS = """
SELECT format('run %s, from lot %s to lot %s', COALESCE(r.number, 'draft ' || r.id),
              COALESCE(k.from_lot_id, went.from_lot_id), COALESCE(k.to_lot_id, went.to_lot_id)),
       count(k.to_lot_id), count(went.to_lot_id)
FROM (
    SELECT DISTINCT r.id AS run_id, r.enterprise_id, i.lot_id AS from_lot_id, o.lot_id AS to_lot_id
    FROM ledgers_productionrun r
    JOIN ledgers_runinput i ON i.run_id = r.id
    JOIN ledgers_runoutput o ON o.run_id = r.id AND o.lot_id IS DISTINCT FROM i.lot_id
    WHERE r.status = 'confirmed' AND r.reverses_id IS NULL
) went
FULL JOIN ledgers_lotlink k ON (k.run_id, k.enterprise_id, k.from_lot_id, k.to_lot_id)
                             = (went.run_id, went.enterprise_id, went.from_lot_id, went.to_lot_id)
JOIN ledgers_productionrun r ON r.id = COALESCE(k.run_id, went.run_id)
WHERE k.id IS NULL OR went.run_id IS NULL
GROUP BY 1
ORDER BY 1
"""
