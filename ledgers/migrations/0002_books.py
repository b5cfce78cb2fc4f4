"""The functions that write the books. They belong to the owner of the tables and run with its rights, because the
application's login may not write a confirmed fact itself; they check what they are given against the paper."""

from django.db import migrations

CONFIRM_INVOICE = """
CREATE FUNCTION ledgers_confirm_invoice(
    paper bigint, prefix text, person bigint, new_token uuid, voucher text,
    OUT held text, OUT new_number text, OUT at timestamptz
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    inv ledgers_invoice%ROWTYPE;
    unilateral boolean;
BEGIN
    at := clock_timestamp();
    new_number := ledgers_next_number(prefix);
    SELECT * INTO STRICT inv FROM ledgers_invoice WHERE id = paper FOR UPDATE;
    IF inv.status <> 'draft' THEN
        RAISE EXCEPTION 'ledgers_invoice % is confirmed', paper USING ERRCODE = 'restrict_violation';
    END IF;

    -- A correction is booked where its original is booked, whatever the seller has become since.
    unilateral := ledgers_needs_acknowledgement(inv.seller_id, inv.author_id);
    IF inv.reverses_id IS NOT NULL OR inv.adjusts_id IS NOT NULL THEN
        SELECT bool_or(e.needs_acknowledgement) AND NOT EXISTS (
            SELECT FROM ledgers_acknowledgement WHERE invoice_id = COALESCE(inv.reverses_id, inv.adjusts_id)
        ) INTO unilateral FROM ledgers_ledgerentry e WHERE e.invoice_id = COALESCE(inv.reverses_id, inv.adjusts_id);
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
    WHERE l.invoice_id = paper AND l.lot_id IS NULL
    ORDER BY l.product_id, key.code_key, l.position
    ON CONFLICT DO NOTHING;

    UPDATE ledgers_invoiceline l
    SET lot_id = COALESCE(l.lot_id, CASE
            -- Spelt out twice, because IS NOT DISTINCT FROM cannot use the index and goods have many lots.
            WHEN p.maker_id IS NULL THEN (
                SELECT lot.id FROM catalog_lot lot
                WHERE lot.product_id = l.product_id AND lot.producer_id IS NULL
                  AND lot.code_key = upper(btrim(normalize(l.lot_code, NFKC))))
            ELSE (
                SELECT lot.id FROM catalog_lot lot
                WHERE lot.product_id = l.product_id AND lot.producer_id = p.maker_id
                  AND lot.code_key = upper(btrim(normalize(l.lot_code, NFKC))))
            END),
        goods = concat_ws(' ', p.name, NULLIF(p.pack_size, '')),
        goods_code = COALESCE(NULLIF(p.self_code, ''), (
            SELECT CASE WHEN c.gtin LIKE '000000%' THEN right(c.gtin, 8)
                        WHEN c.gtin LIKE '00%' THEN right(c.gtin, 12)
                        WHEN c.gtin LIKE '0%' THEN right(c.gtin, 13)
                        ELSE c.gtin END
            FROM catalog_productcode c WHERE c.product_id = p.id ORDER BY c.factor <> 1, c.id LIMIT 1), '')
    FROM catalog_product p
    WHERE l.invoice_id = paper AND p.id = l.product_id;

    UPDATE ledgers_invoice
    SET status = 'confirmed', number = new_number, token = new_token, voucher_token = voucher,
        printed = jsonb_build_object(
            'seller', ledgers_as_printed(inv.seller_id), 'buyer', ledgers_as_printed(inv.buyer_id)),
        confirmed_at = at, confirmed_by_id = person, version = version + 1
    WHERE id = paper;

    PERFORM ledgers_move_stock(paper, NOT unilateral, true);

    INSERT INTO ledgers_ledgerentry (invoice_id, line_id, seller_id, buyer_id, author_id, product_id, lot_id,
                                     quantity, traded_on, recorded_at, reverses_id, needs_acknowledgement)
    SELECT paper, l.id, inv.seller_id, inv.buyer_id, inv.author_id, l.product_id, l.lot_id,
           l.quantity * l.factor, inv.traded_on, at, CASE WHEN inv.reverses_id IS NOT NULL THEN (
               SELECT original.id
               FROM ledgers_invoiceline undone JOIN ledgers_ledgerentry original ON original.line_id = undone.id
               WHERE undone.invoice_id = inv.reverses_id AND undone.position = l.position) END,
           unilateral
    FROM ledgers_invoiceline l
    WHERE l.invoice_id = paper
    ORDER BY l.position;

    IF inv.reverses_id IS NULL AND inv.adjusts_id IS NULL AND inv.author_id = inv.seller_id AND EXISTS (
        SELECT FROM enterprises_enterprise WHERE id = inv.buyer_id AND status = 'active'
    ) THEN
        INSERT INTO ledgers_receipt (invoice_id, buyer_id, state, opened_at)
        VALUES (paper, inv.buyer_id, 'pending', at);
    END IF;

    INSERT INTO ledgers_tradedelta (enterprise_id, day, purchase_lines, sale_lines)
    SELECT side.enterprise_id, inv.traded_on, side.bought * n.lines, side.sold * n.lines
    FROM (SELECT count(*) AS lines FROM ledgers_invoiceline WHERE invoice_id = paper) n,
         (VALUES (inv.buyer_id, 1, 0), (inv.seller_id, 0, 1)) AS side (enterprise_id, bought, sold)
    WHERE side.bought = 1 OR NOT unilateral;

    -- The lots come last in the lock order. A hold takes them FOR UPDATE, so either it sees these entries or this
    -- statement waits for it and the next one sees the hold. A reversal moves goods back and is always let through.
    PERFORM FROM catalog_lot WHERE id IN (SELECT lot_id FROM ledgers_invoiceline WHERE invoice_id = paper)
    ORDER BY id FOR KEY SHARE;
    IF inv.reverses_id IS NULL AND inv.adjusts_id IS NULL THEN
        SELECT string_agg(DISTINCT lot.code, ', ') INTO held
        FROM ledgers_invoiceline l
        JOIN ledgers_lothold hold ON hold.lot_id = l.lot_id AND hold.released_at IS NULL
        JOIN catalog_lot lot ON lot.id = l.lot_id
        WHERE l.invoice_id = paper;
    END IF;
END $$;
"""
PIECES = """
CREATE FUNCTION ledgers_next_number(prefix text) RETURNS text
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT prefix || '-' || lpad(n::text, greatest(6, length(n::text)), '0') FROM nextval('documents_number') n
$$;
-- The party as it stands on this day: later changes do not reach the paper.
CREATE FUNCTION ledgers_as_printed(party bigint) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT jsonb_build_object(
        'name', name, 'licence', COALESCE(NULLIF(uscc, ''), legacy_number), 'address', address,
        'telephone', telephone, 'contact', contact_name, 'region', COALESCE(region_code, ''))
    FROM enterprises_enterprise WHERE id = party
$$;
"""
MOVE_STOCK = """
CREATE FUNCTION ledgers_move_stock(paper bigint, from_seller boolean, to_buyer boolean) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO ledgers_stockbalance (enterprise_id, lot_id, quantity, disputed)
    SELECT side.enterprise_id, l.lot_id, sum(side.sign * l.quantity * l.factor), 0
    FROM ledgers_invoice i
    JOIN ledgers_invoiceline l ON l.invoice_id = i.id
    CROSS JOIN LATERAL (VALUES (i.seller_id, -1, from_seller), (i.buyer_id, 1, to_buyer))
        AS side (enterprise_id, sign, moves)
    WHERE i.id = paper AND side.moves
    GROUP BY side.enterprise_id, l.lot_id
    ORDER BY side.enterprise_id, l.lot_id
    ON CONFLICT (lot_id, enterprise_id) DO UPDATE SET quantity = ledgers_stockbalance.quantity + excluded.quantity
$$;
"""
NEEDS_ACKNOWLEDGEMENT = """
CREATE FUNCTION ledgers_needs_acknowledgement(seller bigint, author bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT author <> seller AND EXISTS (
        SELECT FROM enterprises_enterprise WHERE id = seller AND status = 'active')
$$;
"""
ACKNOWLEDGE = """
CREATE FUNCTION ledgers_acknowledge(paper bigint, person bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE inv ledgers_invoice%ROWTYPE;
BEGIN
    SELECT * INTO STRICT inv FROM ledgers_invoice WHERE id = paper AND status = 'confirmed' FOR UPDATE;
    IF NOT ledgers_needs_acknowledgement(inv.seller_id, inv.author_id) THEN
        RAISE EXCEPTION 'ledgers_invoice % needs no acknowledgement', paper USING ERRCODE = 'restrict_violation';
    END IF;
    INSERT INTO ledgers_acknowledgement (invoice_id, actor_id, recorded_at) VALUES (paper, person, clock_timestamp());
    PERFORM ledgers_move_stock(paper, true, false);
    INSERT INTO ledgers_tradedelta (enterprise_id, day, purchase_lines, sale_lines)
    SELECT inv.seller_id, inv.traded_on, 0, count(*) FROM ledgers_invoiceline WHERE invoice_id = paper;
END $$;
"""
CONFIRM_RUN = """
CREATE FUNCTION ledgers_confirm_run(paper bigint, prefix text, person bigint, new_token uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    run ledgers_productionrun%ROWTYPE;
    at timestamptz := clock_timestamp();
    new_number text := ledgers_next_number(prefix);
BEGIN
    SELECT * INTO STRICT run FROM ledgers_productionrun WHERE id = paper FOR UPDATE;
    IF run.status <> 'draft' THEN
        RAISE EXCEPTION 'ledgers_productionrun % is confirmed', paper USING ERRCODE = 'restrict_violation';
    END IF;
    INSERT INTO catalog_lot (product_id, producer_id, code, code_key, produced_on, expires_on, unit_id,
                             declared_by_id, is_generated)
    SELECT o.product_id, run.enterprise_id, o.lot_code, upper(btrim(normalize(o.lot_code, NFKC))), run.produced_on,
           o.expires_on, p.unit_id, run.enterprise_id, false
    FROM ledgers_runoutput o JOIN catalog_product p ON p.id = o.product_id
    WHERE o.run_id = paper
    ORDER BY o.product_id, o.lot_code
    ON CONFLICT DO NOTHING;
    UPDATE ledgers_runoutput o SET lot_id = lot.id
    FROM catalog_lot lot
    WHERE o.run_id = paper AND lot.product_id = o.product_id AND lot.producer_id = run.enterprise_id
      AND lot.code_key = upper(btrim(normalize(o.lot_code, NFKC)));
    UPDATE ledgers_productionrun
    SET status = 'confirmed', number = new_number, token = new_token, confirmed_at = at, confirmed_by_id = person,
        version = version + 1
    WHERE id = paper;
    INSERT INTO ledgers_stockbalance (enterprise_id, lot_id, quantity, disputed)
    SELECT run.enterprise_id, moved.lot_id, sum(moved.quantity), 0
    FROM (SELECT lot_id, -quantity AS quantity FROM ledgers_runinput WHERE run_id = paper
          UNION ALL SELECT lot_id, quantity FROM ledgers_runoutput WHERE run_id = paper) moved
    GROUP BY moved.lot_id ORDER BY moved.lot_id
    ON CONFLICT (lot_id, enterprise_id) DO UPDATE SET quantity = ledgers_stockbalance.quantity + excluded.quantity;
    INSERT INTO ledgers_lotlink (run_id, enterprise_id, kind, from_lot_id, to_lot_id)
    SELECT paper, run.enterprise_id, 'transformation', i.lot_id, o.lot_id
    FROM ledgers_runinput i JOIN ledgers_runoutput o ON o.run_id = i.run_id
    WHERE i.run_id = paper AND i.lot_id <> o.lot_id;
    INSERT INTO ledgers_lothold (lot_id, cause, reason, placed_by_id, placed_at, release_note)
    SELECT DISTINCT lot_id, 'release', new_number, person, at, '' FROM ledgers_runoutput WHERE run_id = paper
    ON CONFLICT DO NOTHING;
END $$;
"""
DROP = """
DROP FUNCTION ledgers_confirm_run; DROP FUNCTION ledgers_acknowledge; DROP FUNCTION ledgers_confirm_invoice;
DROP FUNCTION ledgers_move_stock; DROP FUNCTION ledgers_needs_acknowledgement; DROP FUNCTION ledgers_as_printed;
DROP FUNCTION ledgers_next_number;
"""


class Migration(migrations.Migration):
    dependencies = [("ledgers", "0001_initial")]
    operations = [
        migrations.RunSQL(
            PIECES + NEEDS_ACKNOWLEDGEMENT + MOVE_STOCK + CONFIRM_INVOICE + ACKNOWLEDGE + CONFIRM_RUN, DROP
        )
    ]
