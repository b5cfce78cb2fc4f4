"""The statement that looks after vouchers; the books publish them themselves (migration 0003)."""

# Every paper has its public row, and nothing is published that no paper says.
VERIFY = """
SELECT format('voucher %s', COALESCE(v.number, i.number)), jsonb_array_length(v.lines), entries.count
FROM portal_publishedvoucher v
FULL JOIN (SELECT * FROM ledgers_invoice WHERE status = 'confirmed') i ON i.id = v.invoice_id
LEFT JOIN ledgers_invoice u ON u.reverses_id = i.id AND u.status = 'confirmed'
CROSS JOIN LATERAL (SELECT count(*) FROM ledgers_ledgerentry WHERE invoice_id = COALESCE(i.id, v.invoice_id)) entries
WHERE (v.token, v.number, v.traded_on, jsonb_array_length(v.lines), v.reversed_by)
      IS DISTINCT FROM (i.voucher_token, i.number, i.traded_on, entries.count::integer, COALESCE(u.number, ''))
ORDER BY 1
"""
