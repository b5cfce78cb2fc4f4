"""A confirmation is one round trip: the rules are looked at where the lines are, the lot of each line is looked up once,
and what it has made sure of is not checked again by keys."""

import django.db.models.deletion
from django.db import migrations, models

LOT = """COALESCE(l.known_lot_id, CASE WHEN p.maker_id IS NULL THEN (
               SELECT lot.id FROM catalog_lot lot
               WHERE lot.product_id = l.product_id AND lot.producer_id IS NULL
                 AND lot.code_key = upper(btrim(normalize(l.lot_code, NFKC))))
           ELSE (
               SELECT lot.id FROM catalog_lot lot
               WHERE lot.product_id = l.product_id AND lot.producer_id = p.maker_id
                 AND lot.code_key = upper(btrim(normalize(l.lot_code, NFKC)))) END)"""
LOTS = f"""SELECT array_agg(of.line ORDER BY of.position), array_agg(of.lot ORDER BY of.position) INTO lines, lots
    FROM (
        SELECT l.id AS line, l.position, {LOT} AS lot
        FROM ledgers_invoiceline l JOIN catalog_product p ON p.id = l.product_id WHERE l.invoice_id = paper
    ) of;"""
CONFIRM_INVOICE = f"""
CREATE OR REPLACE FUNCTION ledgers_confirm_invoice(
    paper bigint, prefix text, person bigint, new_token uuid, voucher text,
    OUT held text, OUT suspended text, OUT new_number text, OUT at timestamptz
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    inv ledgers_invoice%ROWTYPE;
    parties record;
    corrected bigint;
    unilateral boolean;
    lines bigint[];
    lots bigint[];
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

    -- The lot of each line; those the paper speaks of for the first time are made, sorted, so that two papers never
    -- wait for each other.
    {LOTS}
    IF array_position(lots, NULL) IS NOT NULL THEN
        INSERT INTO catalog_lot (product_id, producer_id, code, code_key, produced_on, expires_on, unit_id,
                                 declared_by_id, is_generated)
        SELECT DISTINCT ON (l.product_id, key.code_key)
               l.product_id, p.maker_id, l.lot_code, key.code_key, l.produced_on, l.expires_on, p.unit_id,
               inv.author_id, l.lot_is_generated
        FROM unnest(lines, lots) AS known (line, lot)
        JOIN ledgers_invoiceline l ON l.id = known.line
        JOIN catalog_product p ON p.id = l.product_id
        CROSS JOIN LATERAL (SELECT upper(btrim(normalize(l.lot_code, NFKC))) AS code_key) key
        WHERE known.lot IS NULL
        ORDER BY l.product_id, key.code_key, l.position
        ON CONFLICT DO NOTHING;
        {LOTS}
    END IF;

    UPDATE ledgers_invoice
    SET status = 'confirmed', number = new_number, token = new_token, voucher_token = voucher,
        printed = parties.printed, confirmed_at = at, confirmed_by_id = person, version = version + 1
    WHERE id = paper;

    INSERT INTO ledgers_ledgerentry (invoice_id, line_id, seller_id, buyer_id, author_id, product_id, lot_id, goods,
                                     goods_code, quantity, traded_on, recorded_at, reverses_id, needs_acknowledgement)
    SELECT paper, l.id, inv.seller_id, inv.buyer_id, inv.author_id, l.product_id, known.lot,
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
    FROM ledgers_invoiceline l
    JOIN unnest(lines, lots) AS known (line, lot) ON known.line = l.id
    JOIN catalog_product p ON p.id = l.product_id
    WHERE l.invoice_id = paper
    ORDER BY l.position;

    IF corrected IS NOT NULL THEN
        PERFORM ledgers_settle_claims(paper, corrected, person, at);
    END IF;
    PERFORM ledgers_move_stock(paper, NOT unilateral, true);

    IF corrected IS NULL AND inv.author_id = inv.seller_id AND parties.buyer = 'active' THEN
        INSERT INTO ledgers_receipt (invoice_id, buyer_id, state, opened_at, remark)
        VALUES (paper, inv.buyer_id, 'pending', at, '');
    END IF;

    INSERT INTO ledgers_tradedelta (enterprise_id, day, purchase_lines, sale_lines)
    SELECT side.enterprise_id, inv.traded_on, side.bought * cardinality(lots), side.sold * cardinality(lots)
    FROM (VALUES (inv.buyer_id, 1, 0), (inv.seller_id, 0, 1)) AS side (enterprise_id, bought, sold)
    WHERE side.bought = 1 OR NOT unilateral;

    -- The lots come last in the lock order. A hold takes them FOR UPDATE, so either it sees these entries or this
    -- statement waits for it and the next one sees the hold. A reversal moves goods back and is always let through.
    PERFORM FROM catalog_lot WHERE id = ANY(lots) ORDER BY id FOR KEY SHARE;
    IF corrected IS NULL THEN
        SELECT string_agg(DISTINCT lot.code, ', ') INTO held
        FROM ledgers_lothold hold JOIN catalog_lot lot ON lot.id = hold.lot_id
        WHERE hold.lot_id = ANY(lots) AND hold.released_at IS NULL;
    END IF;
END $$;
"""
# The paper, locked, with what its services ask of it: a few of its columns, in the model's order; whether this person
# keeps the books of its author; and the first rule that forbids to confirm it on this day, with the line that breaks it.
TAKE_UP = """
DROP FUNCTION ledgers_take_up(bigint, bigint);
CREATE FUNCTION ledgers_take_up(paper bigint, person bigint, day date) RETURNS TABLE (
    id bigint, number varchar, status varchar, version integer, token uuid, reverses_id bigint,
    confirmed_at timestamptz, confirmed_by_id bigint, kind varchar, author_id bigint, seller_id bigint,
    buyer_id bigint, traded_on date, adjusts_id bigint, voucher_token varchar,
    is_keeper boolean, refusal text, at_line smallint
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM FROM ledgers_invoice WHERE id = paper FOR UPDATE;
    RETURN QUERY
    SELECT i.id, i.number, i.status, i.version, i.token, i.reverses_id, i.confirmed_at, i.confirmed_by_id, i.kind,
           i.author_id, i.seller_id, i.buyer_id, i.traded_on, i.adjusts_id, i.voucher_token,
           enterprises_keeps_books(person, ARRAY[author.id::text, author.headquarters_id::text]),
           CASE WHEN i.seller_id IS NULL OR i.buyer_id IS NULL THEN 'no partner'
                WHEN first.of_all IS NULL THEN 'no lines'
                WHEN i.traded_on > day THEN 'not yet'
                WHEN first.without_quantity IS NOT NULL THEN 'no quantity'
                WHEN first.without_lot IS NOT NULL THEN 'no lot'
                WHEN first.made_later IS NOT NULL THEN 'made later'
                WHEN first.expired IS NOT NULL AND i.kind <> 'return' THEN 'expired' END,
           COALESCE(first.without_quantity, first.without_lot, first.made_later, first.expired)
    FROM ledgers_invoice i
    JOIN enterprises_enterprise author ON author.id = i.author_id
    CROSS JOIN LATERAL (
        SELECT min(position) AS of_all,
               min(position) FILTER (WHERE quantity <= 0 AND i.adjusts_id IS NULL) AS without_quantity,
               min(position) FILTER (WHERE lot_code = '' AND known_lot_id IS NULL) AS without_lot,
               min(position) FILTER (WHERE produced_on > i.traded_on) AS made_later,
               min(position) FILTER (WHERE expires_on < i.traded_on) AS expired
        FROM ledgers_invoiceline WHERE invoice_id = i.id
    ) first
    WHERE i.id = paper;
END $$;
"""
# What moves stock runs with the rights of whoever books: the application may call neither.
MOVE_STOCK = """
ALTER FUNCTION ledgers_move_stock(bigint, boolean, boolean) SECURITY INVOKER RESET search_path;
"""


class Migration(migrations.Migration):
    dependencies = [("ledgers", "0014_new_lots_in_one_order"), ("catalog", "0005_lots_stay")]
    operations = [
        # A balance is written by the functions that book, for a party of the paper they book and a lot they hold locked.
        migrations.AlterField(
            model_name="stockbalance",
            name="enterprise",
            field=models.ForeignKey(
                db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name="stock",
                to="enterprises.enterprise", verbose_name="Enterprise",
            ),
        ),
        migrations.AlterField(
            model_name="stockbalance",
            name="lot",
            field=models.ForeignKey(
                db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT,
                related_name="stock", to="catalog.lot", verbose_name="Lot",
            ),
        ),
        # Who wrote a paper is asked of drafts, and with the number on the supplier's own paper.
        migrations.AlterField(
            model_name="invoice",
            name="author",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="papers",
                to="enterprises.enterprise", verbose_name="Written by",
            ),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(condition=models.Q(("status", "draft")), fields=["author"], name="invoice_draft"),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(
                condition=models.Q(("paper_number", ""), _negated=True), fields=["author", "paper_number"],
                name="invoice_paper_number",
            ),
        ),
        migrations.RunSQL(TAKE_UP + CONFIRM_INVOICE + MOVE_STOCK),
    ]
