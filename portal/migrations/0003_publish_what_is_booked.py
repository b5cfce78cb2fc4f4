"""Vouchers are published by the books themselves: whatever is booked has its public row in the same statement."""

from importlib import import_module

from django.db import migrations

before = import_module("portal.migrations.0002_publish")

# Papers of a load that was cut short between its books and its vouchers.
CATCH_UP = """
SELECT portal_publish(ARRAY(
    SELECT i.id FROM ledgers_invoice i LEFT JOIN portal_publishedvoucher v ON v.invoice_id = i.id
    LEFT JOIN ledgers_invoice r ON r.reverses_id = i.id AND r.status = 'confirmed'
    WHERE i.status = 'confirmed' AND (v.token IS NULL OR r.id IS NOT NULL AND v.reversed_by = '')));
"""
# The whitelist of 0002, filled from the entries that a statement has just written. It runs with the rights of the
# function that books, under its search_path.
PUBLISH_BOOKED = f"""
CREATE FUNCTION portal_publish_booked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO portal_publishedvoucher
        (token, invoice_id, number, seller, buyer, traded_on, lines, reversed_by, published_at)
    SELECT i.voucher_token, i.id, i.number,
        {before.MASKED.format(party="s", name="names.seller")},
        {before.MASKED.format(party="b", name="names.buyer")},
        i.traded_on, papers.lines, '', now()
    FROM (
        SELECT e.invoice_id, jsonb_agg(jsonb_build_object(
            'goods', e.goods, 'lot', l.lot_code, 'quantity', trim_scale(l.quantity)::text,
            'unit_zh', u.name_zh, 'unit_en', u.name_en) ORDER BY l.position) AS lines
        FROM booked e
        JOIN ledgers_invoiceline l ON l.id = e.line_id
        JOIN catalog_unit u ON u.code = l.unit_id
        GROUP BY e.invoice_id
    ) papers
    JOIN ledgers_invoice i ON i.id = papers.invoice_id
    JOIN enterprises_enterprise s ON s.id = i.seller_id
    JOIN enterprises_enterprise b ON b.id = i.buyer_id
    CROSS JOIN LATERAL (
        SELECT btrim(i.printed -> 'seller' ->> 'name') AS seller, btrim(i.printed -> 'buyer' ->> 'name') AS buyer
    ) names;
    IF EXISTS (SELECT FROM booked WHERE reverses_id IS NOT NULL) THEN
        UPDATE portal_publishedvoucher v SET reversed_by = i.number, published_at = now()
        FROM ledgers_invoice i
        WHERE i.id IN (SELECT invoice_id FROM booked) AND v.invoice_id = i.reverses_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER portal_publish_booked AFTER INSERT ON ledgers_ledgerentry
REFERENCING NEW TABLE AS booked FOR EACH STATEMENT EXECUTE FUNCTION portal_publish_booked();
"""
# Codes are looked up whole, never by their beginning.
AFTERWARDS = """
DROP FUNCTION portal_publish(bigint[]);
DROP INDEX portal_publishedvoucher_token_fa70f888_like;
"""
UNDO = """
DROP TRIGGER portal_publish_booked ON ledgers_ledgerentry;
DROP FUNCTION portal_publish_booked;
"""


class Migration(migrations.Migration):
    dependencies = [("portal", "0002_publish"), ("ledgers", "0014_new_lots_in_one_order")]
    operations = [
        migrations.RunSQL(
            CATCH_UP + PUBLISH_BOOKED + AFTERWARDS, UNDO + before.PUBLISH
        )
    ]
