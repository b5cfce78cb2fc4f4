"""A confirmation reads its two parties once: how they stand, and what is printed of them. Nothing is traded with a
suspended enterprise; goods may go back to it."""

from django.db import migrations

LOT = """COALESCE(l.known_lot_id, CASE WHEN p.maker_id IS NULL THEN (
               SELECT lot.id FROM catalog_lot lot
               WHERE lot.product_id = l.product_id AND lot.producer_id IS NULL
                 AND lot.code_key = upper(btrim(normalize(l.lot_code, NFKC))))
           ELSE (
               SELECT lot.id FROM catalog_lot lot
               WHERE lot.product_id = l.product_id AND lot.producer_id = p.maker_id
                 AND lot.code_key = upper(btrim(normalize(l.lot_code, NFKC)))) END)"""
CONFIRM_INVOICE = f"""
DROP FUNCTION ledgers_confirm_invoice(bigint, text, bigint, uuid, text);
CREATE FUNCTION ledgers_confirm_invoice(
    paper bigint, prefix text, person bigint, new_token uuid, voucher text,
    OUT held text, OUT suspended text, OUT new_number text, OUT at timestamptz
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    inv ledgers_invoice%ROWTYPE;
    parties record;
    corrected bigint;
    unilateral boolean;
    entries integer;
BEGIN
    at := clock_timestamp();
    new_number := ledgers_next_number(prefix);
    SELECT * INTO STRICT inv FROM ledgers_invoice WHERE id = paper FOR UPDATE;
    IF inv.status <> 'draft' THEN
        RAISE EXCEPTION 'ledgers_invoice % is confirmed', paper USING ERRCODE = 'restrict_violation';
    END IF;

    -- The parties as they stand on this day: later changes do not reach the paper.
    SELECT s.status AS seller, b.status AS buyer, jsonb_build_object(
        'seller', jsonb_build_object(
            'name', s.name, 'licence', COALESCE(NULLIF(s.uscc, ''), s.legacy_number), 'address', s.address,
            'telephone', s.telephone, 'contact', s.contact_name, 'region', COALESCE(s.region_code, '')),
        'buyer', jsonb_build_object(
            'name', b.name, 'licence', COALESCE(NULLIF(b.uscc, ''), b.legacy_number), 'address', b.address,
            'telephone', b.telephone, 'contact', b.contact_name, 'region', COALESCE(b.region_code, ''))) AS printed
    INTO STRICT parties
    FROM enterprises_enterprise s, enterprises_enterprise b WHERE s.id = inv.seller_id AND b.id = inv.buyer_id;

    -- A correction is booked where its original is booked, whatever the parties have become since.
    corrected := COALESCE(inv.reverses_id, inv.adjusts_id);
    IF corrected IS NULL THEN
        unilateral := inv.author_id <> inv.seller_id AND parties.seller = 'active';
        IF inv.kind <> 'return' AND 'suspended' IN (parties.seller, parties.buyer) THEN
            suspended := parties.printed -> CASE parties.seller WHEN 'suspended' THEN 'seller' ELSE 'buyer' END ->> 'name';
            RETURN;
        END IF;
    ELSE
        SELECT bool_or(e.needs_acknowledgement)
            AND NOT EXISTS (SELECT FROM ledgers_acknowledgement WHERE invoice_id = corrected)
        INTO unilateral FROM ledgers_ledgerentry e WHERE e.invoice_id = corrected;
    END IF;

    -- Lots the paper speaks of for the first time; sorted, so that two papers never wait for each other.
    INSERT INTO catalog_lot (product_id, producer_id, code, code_key, produced_on, expires_on, unit_id,
                             declared_by_id, is_generated)
    SELECT DISTINCT ON (l.product_id, key.code_key)
           l.product_id, p.maker_id, l.lot_code, key.code_key, l.produced_on, l.expires_on, p.unit_id,
           inv.author_id, l.lot_is_generated
    FROM ledgers_invoiceline l
    JOIN catalog_product p ON p.id = l.product_id
    CROSS JOIN LATERAL (SELECT upper(btrim(normalize(l.lot_code, NFKC))) AS code_key) key
    WHERE l.invoice_id = paper AND {LOT} IS NULL
    ORDER BY l.product_id, key.code_key, l.position
    ON CONFLICT DO NOTHING;

    UPDATE ledgers_invoice
    SET status = 'confirmed', number = new_number, token = new_token, voucher_token = voucher,
        printed = parties.printed, confirmed_at = at, confirmed_by_id = person, version = version + 1
    WHERE id = paper;

    INSERT INTO ledgers_ledgerentry (invoice_id, line_id, seller_id, buyer_id, author_id, product_id, lot_id, goods,
                                     goods_code, quantity, traded_on, recorded_at, reverses_id, needs_acknowledgement)
    SELECT paper, l.id, inv.seller_id, inv.buyer_id, inv.author_id, l.product_id, {LOT},
           concat_ws(' ', p.name, NULLIF(p.pack_size, '')),
           COALESCE(NULLIF(p.self_code, ''), (
               SELECT CASE WHEN c.gtin LIKE '000000%' THEN right(c.gtin, 8)
                           WHEN c.gtin LIKE '00%' THEN right(c.gtin, 12)
                           WHEN c.gtin LIKE '0%' THEN right(c.gtin, 13)
                           ELSE c.gtin END
               FROM catalog_productcode c WHERE c.product_id = p.id ORDER BY c.factor <> 1, c.id LIMIT 1), ''),
           l.quantity * l.factor, inv.traded_on, at,
           CASE WHEN inv.reverses_id IS NOT NULL THEN (
               SELECT original.id
               FROM ledgers_invoiceline undone JOIN ledgers_ledgerentry original ON original.line_id = undone.id
               WHERE undone.invoice_id = inv.reverses_id AND undone.position = l.position) END,
           unilateral
    FROM ledgers_invoiceline l JOIN catalog_product p ON p.id = l.product_id
    WHERE l.invoice_id = paper
    ORDER BY l.position;
    GET DIAGNOSTICS entries = ROW_COUNT;

    IF corrected IS NOT NULL THEN
        PERFORM ledgers_settle_claims(paper, corrected, person, at);
    END IF;
    PERFORM ledgers_move_stock(paper, NOT unilateral, true);

    IF corrected IS NULL AND inv.author_id = inv.seller_id AND parties.buyer = 'active' THEN
        INSERT INTO ledgers_receipt (invoice_id, buyer_id, state, opened_at, remark)
        VALUES (paper, inv.buyer_id, 'pending', at, '');
    END IF;

    INSERT INTO ledgers_tradedelta (enterprise_id, day, purchase_lines, sale_lines)
    SELECT side.enterprise_id, inv.traded_on, side.bought * entries, side.sold * entries
    FROM (VALUES (inv.buyer_id, 1, 0), (inv.seller_id, 0, 1)) AS side (enterprise_id, bought, sold)
    WHERE side.bought = 1 OR NOT unilateral;

    -- The lots come last in the lock order. A hold takes them FOR UPDATE, so either it sees these entries or this
    -- statement waits for it and the next one sees the hold. A reversal moves goods back and is always let through.
    PERFORM FROM catalog_lot WHERE id IN (SELECT lot_id FROM ledgers_ledgerentry WHERE invoice_id = paper)
    ORDER BY id FOR KEY SHARE;
    IF corrected IS NULL THEN
        SELECT string_agg(DISTINCT lot.code, ', ') INTO held
        FROM ledgers_ledgerentry e
        JOIN ledgers_lothold hold ON hold.lot_id = e.lot_id AND hold.released_at IS NULL
        JOIN catalog_lot lot ON lot.id = e.lot_id
        WHERE e.invoice_id = paper;
    END IF;
END $$;
"""
DROP = "DROP FUNCTION ledgers_as_printed(bigint)"


class Migration(migrations.Migration):
    dependencies = [("ledgers", "0008_corrections_and_warnings")]
    operations = [migrations.RunSQL(CONFIRM_INVOICE + DROP)]
