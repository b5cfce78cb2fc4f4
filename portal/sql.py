"""The statements about vouchers: one publishes them (its function stands in migration 0002), one looks after them."""

PUBLISH = "SELECT portal_publish(%s)"

# Nothing is published that no paper says. One that is not published yet is no difference: beat catches it up.
VERIFY = """
SELECT format('voucher %s', v.number), jsonb_array_length(v.lines), entries.count
FROM portal_publishedvoucher v
LEFT JOIN ledgers_invoice i ON i.id = v.invoice_id AND i.status = 'confirmed'
LEFT JOIN ledgers_invoice u ON u.reverses_id = i.id AND u.status = 'confirmed'
CROSS JOIN LATERAL (SELECT count(*) FROM ledgers_ledgerentry WHERE invoice_id = v.invoice_id) entries
WHERE (v.token, v.number, v.traded_on, jsonb_array_length(v.lines))
      IS DISTINCT FROM (i.voucher_token, i.number, i.traded_on, entries.count::integer)
   OR v.reversed_by <> '' AND v.reversed_by IS DISTINCT FROM u.number
ORDER BY 1
"""
