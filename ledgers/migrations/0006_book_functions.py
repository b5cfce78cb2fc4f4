"""The functions that write an invoice into the books, from the entries on: a confirmation is mostly their work, so each
statement is planned once in a session and every fact is looked up and written once."""

from django.db import migrations

from documents.triggers import append_only

# The paper, locked, with what its services ask of it: a few of its columns, in the model's order, and the first of its
# lines that breaks each rule. A function, so that the lines are seen as they are after the wait for the lock.
TAKE_UP = """
CREATE FUNCTION ledgers_take_up(paper bigint) RETURNS TABLE (
    id bigint, number varchar, status varchar, version integer, token uuid, reverses_id bigint,
    confirmed_at timestamptz, confirmed_by_id bigint, kind varchar, author_id bigint, seller_id bigint,
    buyer_id bigint, traded_on date, adjusts_id bigint, voucher_token varchar,
    author_headquarters bigint, lines bigint, without_quantity smallint, without_lot smallint, made_later smallint,
    expired smallint
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM FROM ledgers_invoice WHERE id = paper FOR UPDATE;
    RETURN QUERY
    SELECT i.id, i.number, i.status, i.version, i.token, i.reverses_id, i.confirmed_at, i.confirmed_by_id, i.kind,
           i.author_id, i.seller_id, i.buyer_id, i.traded_on, i.adjusts_id, i.voucher_token,
           author.headquarters_id, checked.*
    FROM ledgers_invoice i
    JOIN enterprises_enterprise author ON author.id = i.author_id
    CROSS JOIN LATERAL (
        SELECT count(*), min(position) FILTER (WHERE quantity <= 0),
               min(position) FILTER (WHERE lot_code = '' AND known_lot_id IS NULL),
               min(position) FILTER (WHERE produced_on > i.traded_on),
               min(position) FILTER (WHERE expires_on < i.traded_on)
        FROM ledgers_invoiceline WHERE invoice_id = i.id
    ) checked
    WHERE i.id = paper;
END $$;
"""
# Spelt out twice, because IS NOT DISTINCT FROM cannot use the index and goods have many lots.
LOT = """COALESCE(l.known_lot_id, CASE WHEN p.maker_id IS NULL THEN (
               SELECT lot.id FROM catalog_lot lot
               WHERE lot.product_id = l.product_id AND lot.producer_id IS NULL
                 AND lot.code_key = upper(btrim(normalize(l.lot_code, NFKC))))
           ELSE (
               SELECT lot.id FROM catalog_lot lot
               WHERE lot.product_id = l.product_id AND lot.producer_id = p.maker_id
                 AND lot.code_key = upper(btrim(normalize(l.lot_code, NFKC)))) END)"""
CONFIRM_INVOICE = f"""
CREATE OR REPLACE FUNCTION ledgers_confirm_invoice(
    paper bigint, prefix text, person bigint, new_token uuid, voucher text,
    OUT held text, OUT new_number text, OUT at timestamptz
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    inv ledgers_invoice%ROWTYPE;
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

    -- A correction is booked where its original is booked, whatever the seller has become since.
    corrected := COALESCE(inv.reverses_id, inv.adjusts_id);
    IF corrected IS NULL THEN
        unilateral := ledgers_needs_acknowledgement(inv.seller_id, inv.author_id);
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
        printed = jsonb_build_object(
            'seller', ledgers_as_printed(inv.seller_id), 'buyer', ledgers_as_printed(inv.buyer_id)),
        confirmed_at = at, confirmed_by_id = person, version = version + 1
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

    IF corrected IS NULL AND inv.author_id = inv.seller_id AND EXISTS (
        SELECT FROM enterprises_enterprise WHERE id = inv.buyer_id AND status = 'active'
    ) THEN
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
MOVE_STOCK = """
CREATE OR REPLACE FUNCTION ledgers_move_stock(paper bigint, from_seller boolean, to_buyer boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO ledgers_stockbalance (enterprise_id, lot_id, quantity, disputed)
    SELECT side.enterprise_id, e.lot_id, sum(side.sign * e.quantity), 0
    FROM ledgers_ledgerentry e
    CROSS JOIN LATERAL (VALUES (e.seller_id, -1, from_seller), (e.buyer_id, 1, to_buyer))
        AS side (enterprise_id, sign, moves)
    WHERE e.invoice_id = paper AND side.moves
    GROUP BY side.enterprise_id, e.lot_id
    ORDER BY side.enterprise_id, e.lot_id
    ON CONFLICT (lot_id, enterprise_id) DO UPDATE SET quantity = ledgers_stockbalance.quantity + excluded.quantity;
END $$;
"""


ANSWER_RECEIPT = """
CREATE FUNCTION ledgers_answer_receipt(paper bigint, answer text, person bigint, words text, claims jsonb)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    rec ledgers_receipt%ROWTYPE;
    at timestamptz := clock_timestamp();
    added bigint[];
BEGIN
    PERFORM FROM ledgers_invoice WHERE id = paper FOR UPDATE;
    SELECT * INTO STRICT rec FROM ledgers_receipt WHERE invoice_id = paper FOR UPDATE;
    IF NOT (CASE answer
        WHEN 'disputed' THEN rec.state IN ('accepted', 'auto_accepted', 'partial', 'settled')
        WHEN 'escalated' THEN rec.state IN ('partial', 'rejected', 'disputed')
        ELSE answer IN ('accepted', 'auto_accepted', 'partial', 'rejected') AND rec.state = 'pending' END)
    THEN
        RAISE EXCEPTION 'ledgers_receipt % is %', rec.id, rec.state USING ERRCODE = 'restrict_violation';
    END IF;
    UPDATE ledgers_receipt
    SET state = answer, remark = words,
        answered_at = CASE WHEN answer = 'escalated' THEN answered_at ELSE at END,
        answered_by_id = CASE WHEN answer = 'escalated' THEN answered_by_id ELSE person END
    WHERE id = rec.id;
    WITH rows AS (
        INSERT INTO ledgers_receiptclaim (receipt_id, line_id, quantity, cause, reason, claimed_by_id, claimed_at)
        SELECT rec.id, l.id, c.quantity, c.cause, c.reason, person, at
        FROM jsonb_to_recordset(claims) AS c (line bigint, quantity numeric(14, 3), cause text, reason text)
        JOIN ledgers_invoiceline l ON l.id = c.line AND l.invoice_id = paper
        RETURNING id
    )
    SELECT array_agg(id) INTO added FROM rows;
    PERFORM ledgers_dispute_stock(added, 1);
END $$;
"""
CLAIMS = """
-- The claimed quantity goes from the buyer's stock into dispute, or with -1 back.
CREATE FUNCTION ledgers_dispute_stock(claims bigint[], direction integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM ledgers_stockbalance s
    WHERE (s.enterprise_id, s.lot_id) IN (
        SELECT e.buyer_id, e.lot_id FROM ledgers_receiptclaim c JOIN ledgers_ledgerentry e ON e.line_id = c.line_id
        WHERE c.id = ANY(claims))
    ORDER BY s.enterprise_id, s.lot_id FOR UPDATE;
    UPDATE ledgers_stockbalance s
    SET quantity = s.quantity - direction * moved.quantity, disputed = s.disputed + direction * moved.quantity
    FROM (SELECT e.buyer_id, e.lot_id, sum(c.quantity) AS quantity
          FROM ledgers_receiptclaim c JOIN ledgers_ledgerentry e ON e.line_id = c.line_id
          WHERE c.id = ANY(claims) GROUP BY e.buyer_id, e.lot_id) moved
    WHERE s.enterprise_id = moved.buyer_id AND s.lot_id = moved.lot_id;
END $$;
-- Claims end; a receipt with none left open is settled.
CREATE FUNCTION ledgers_close_claims(claims bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM ledgers_dispute_stock(claims, -1);
    UPDATE ledgers_receipt r SET state = 'settled'
    WHERE r.id IN (SELECT receipt_id FROM ledgers_receiptclaim WHERE id = ANY(claims))
      AND NOT EXISTS (
          SELECT FROM ledgers_receiptclaim c WHERE c.receipt_id = r.id
          AND NOT EXISTS (SELECT FROM ledgers_claimsettlement WHERE claim_id = c.id));
END $$;
-- What a line settles is no longer in dispute: it is the buyer's again, and the movement after this takes it away.
-- Every balance of the paper is locked first, in the order in which confirmations lock them.
CREATE FUNCTION ledgers_settle_claims(paper bigint, corrected bigint, person bigint, at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE settled bigint[];
BEGIN
    PERFORM FROM ledgers_stockbalance s JOIN ledgers_ledgerentry e
        ON e.lot_id = s.lot_id AND s.enterprise_id IN (e.seller_id, e.buyer_id)
    WHERE e.invoice_id = paper ORDER BY s.enterprise_id, s.lot_id FOR UPDATE OF s;
    WITH rows AS (
        INSERT INTO ledgers_claimsettlement (claim_id, outcome, line_id, settled_by_id, settled_at)
        SELECT c.id, 'paper', l.id, person, at
        FROM ledgers_invoiceline l
        JOIN ledgers_receiptclaim c ON c.id = l.settles_id
        JOIN ledgers_invoiceline claimed ON claimed.id = c.line_id AND claimed.invoice_id = corrected
        WHERE l.invoice_id = paper
        RETURNING claim_id
    )
    SELECT array_agg(claim_id) INTO settled FROM rows;
    IF settled IS NOT NULL THEN
        PERFORM ledgers_close_claims(settled);
    END IF;
END $$;
CREATE FUNCTION ledgers_end_claims(paper bigint, how text, person bigint) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE ended bigint[];
BEGIN
    PERFORM FROM ledgers_invoice WHERE id = paper FOR UPDATE;
    WITH rows AS (
        INSERT INTO ledgers_claimsettlement (claim_id, outcome, settled_by_id, settled_at)
        SELECT c.id, how, person, clock_timestamp()
        FROM ledgers_receiptclaim c JOIN ledgers_receipt r ON r.id = c.receipt_id
        WHERE r.invoice_id = paper AND NOT EXISTS (SELECT FROM ledgers_claimsettlement WHERE claim_id = c.id)
        RETURNING claim_id
    )
    SELECT array_agg(claim_id) INTO ended FROM rows;
    PERFORM ledgers_close_claims(ended);
    RETURN COALESCE(cardinality(ended), 0);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledgers", "0005_receiving")]
    operations = [
        migrations.RunSQL(TAKE_UP + MOVE_STOCK + CONFIRM_INVOICE + CLAIMS + ANSWER_RECEIPT),
        append_only("ledgers_receiptclaim"),
        append_only("ledgers_claimsettlement"),
        append_only("ledgers_receiptphoto"),
    ]
