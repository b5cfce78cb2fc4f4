"""The publishing of vouchers as a function: it is part of every confirmation, and is planned once in a session."""

from django.db import migrations

MASKED = """
    CASE WHEN {party}.is_person OR length({name}) < 3 THEN left({name}, 1) || '*'
         WHEN length({name}) >= 6 THEN left({name}, 2) || '**' || right({name}, 2)
         ELSE left({name}, 1) || '**' || right({name}, 1) END"""

# The whitelist: whatever is not named here stays private, prices and telephone numbers above all. Of a party's name
# the public sees enough to compare it with the paper in hand, too little to learn it: 哈尔**公司, 北谷**行, 李*.
PUBLISH = f"""
CREATE FUNCTION portal_publish(papers bigint[]) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE published integer;
BEGIN
    INSERT INTO portal_publishedvoucher
        (token, invoice_id, number, seller, buyer, traded_on, lines, reversed_by, published_at)
    SELECT i.voucher_token, i.id, i.number,
        {MASKED.format(party="s", name="names.seller")},
        {MASKED.format(party="b", name="names.buyer")},
        i.traded_on,
        COALESCE((
            SELECT jsonb_agg(jsonb_build_object(
                'goods', e.goods, 'lot', l.lot_code, 'quantity', trim_scale(l.quantity)::text,
                'unit_zh', u.name_zh, 'unit_en', u.name_en) ORDER BY l.position)
            FROM ledgers_invoiceline l
            JOIN ledgers_ledgerentry e ON e.line_id = l.id
            JOIN catalog_unit u ON u.code = l.unit_id
            WHERE l.invoice_id = i.id), '[]'),
        COALESCE(r.number, ''), now()
    FROM ledgers_invoice i
    JOIN enterprises_enterprise s ON s.id = i.seller_id
    JOIN enterprises_enterprise b ON b.id = i.buyer_id
    LEFT JOIN ledgers_invoice r ON r.reverses_id = i.id AND r.status = 'confirmed'
    CROSS JOIN LATERAL (
        SELECT btrim(i.printed -> 'seller' ->> 'name') AS seller, btrim(i.printed -> 'buyer' ->> 'name') AS buyer
    ) names
    WHERE i.status = 'confirmed' AND i.id = ANY(papers)
    ON CONFLICT (token) DO UPDATE
    SET number = excluded.number, seller = excluded.seller, buyer = excluded.buyer, traded_on = excluded.traded_on,
        lines = excluded.lines, reversed_by = excluded.reversed_by, published_at = excluded.published_at;
    GET DIAGNOSTICS published = ROW_COUNT;
    RETURN published;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0001_initial"), ("ledgers", "0006_book_functions"), ("enterprises", "0002_initial"),
        ("catalog", "0002_initial"),
    ]  # fmt: skip
    operations = [migrations.RunSQL(PUBLISH, "DROP FUNCTION portal_publish")]
