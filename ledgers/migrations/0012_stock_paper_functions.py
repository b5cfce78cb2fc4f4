"""The function that writes a stock paper into the stock, and what keeps a confirmed one as it is."""

from django.db import migrations

from documents.triggers import append_only, freeze, freeze_lines

# Locks are taken in the one order of all confirmations: the paper, stock by lot, lots. What is refused is told to the
# service, which says it in a sentence and takes everything back: lots that may not be used, and lots whose books have
# moved since they were counted.
CONFIRM_STOCK_PAPER = """
CREATE FUNCTION ledgers_confirm_stock_paper(
    paper bigint, prefix text, person bigint, new_token uuid, OUT held text, OUT moved text
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    sp ledgers_stockpaper%ROWTYPE;
    at timestamptz := clock_timestamp();
    new_number text := ledgers_next_number(prefix);
BEGIN
    SELECT * INTO STRICT sp FROM ledgers_stockpaper WHERE id = paper FOR UPDATE;
    IF sp.status <> 'draft' THEN
        RAISE EXCEPTION 'ledgers_stockpaper % is confirmed', paper USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (
        SELECT FROM ledgers_stockpaperline l
        WHERE l.paper_id = paper AND CASE
            WHEN sp.kind = 'count' THEN (l.counted IS NULL) <> (sp.reverses_id IS NOT NULL)
            WHEN (sp.kind = 'opening') = (sp.reverses_id IS NULL) THEN l.quantity <= 0 OR l.counted IS NOT NULL
            ELSE l.quantity >= 0 OR l.counted IS NOT NULL END
    ) THEN
        RAISE EXCEPTION 'ledgers_stockpaper %: a line goes the wrong way', paper USING ERRCODE = 'restrict_violation';
    END IF;

    -- Lots nobody has spoken of before; sorted, so that two papers never wait for each other.
    IF sp.kind = 'opening' AND sp.reverses_id IS NULL THEN
        INSERT INTO catalog_lot (product_id, producer_id, code, code_key, produced_on, expires_on, unit_id,
                                 declared_by_id, is_generated)
        SELECT DISTINCT ON (l.product_id, key.code_key)
               l.product_id, p.maker_id, l.lot_code, key.code_key, l.produced_on, l.expires_on, p.unit_id,
               sp.enterprise_id, l.lot_is_generated
        FROM ledgers_stockpaperline l
        JOIN catalog_product p ON p.id = l.product_id
        CROSS JOIN LATERAL (SELECT upper(btrim(normalize(l.lot_code, NFKC))) AS code_key) key
        WHERE l.paper_id = paper AND l.lot_id IS NULL
        ORDER BY l.product_id, key.code_key, l.position
        ON CONFLICT DO NOTHING;
        UPDATE ledgers_stockpaperline l SET lot_id = lot.id
        FROM catalog_product p, catalog_lot lot
        WHERE l.paper_id = paper AND l.lot_id IS NULL AND p.id = l.product_id AND lot.product_id = l.product_id
          AND lot.producer_id IS NOT DISTINCT FROM p.maker_id
          AND lot.code_key = upper(btrim(normalize(l.lot_code, NFKC)));
    END IF;

    UPDATE ledgers_stockpaper
    SET status = 'confirmed', number = new_number, token = new_token, confirmed_at = at, confirmed_by_id = person,
        version = version + 1
    WHERE id = paper;

    PERFORM FROM ledgers_stockbalance s
    WHERE s.enterprise_id = sp.enterprise_id
      AND s.lot_id IN (SELECT lot_id FROM ledgers_stockpaperline WHERE paper_id = paper)
    ORDER BY s.lot_id FOR UPDATE;
    SELECT string_agg(l.lot_code, ', ' ORDER BY l.position) INTO moved
    FROM ledgers_stockpaperline l
    LEFT JOIN ledgers_stockbalance s ON s.lot_id = l.lot_id AND s.enterprise_id = sp.enterprise_id
    WHERE l.paper_id = paper AND l.booked <> COALESCE(s.quantity, 0);

    INSERT INTO ledgers_stockbalance (enterprise_id, lot_id, quantity, disputed)
    SELECT sp.enterprise_id, l.lot_id, l.quantity, 0
    FROM ledgers_stockpaperline l
    WHERE l.paper_id = paper
    ORDER BY l.lot_id
    ON CONFLICT (lot_id, enterprise_id) DO UPDATE SET quantity = ledgers_stockbalance.quantity + excluded.quantity;

    -- A hold takes the lots FOR UPDATE: either it sees this paper, or this statement waits and the next sees the hold.
    PERFORM FROM catalog_lot WHERE id IN (SELECT lot_id FROM ledgers_stockpaperline WHERE paper_id = paper)
    ORDER BY id FOR KEY SHARE;
    IF sp.kind = 'own_use' AND sp.reverses_id IS NULL THEN
        SELECT string_agg(DISTINCT l.lot_code, ', ') INTO held
        FROM ledgers_stockpaperline l
        JOIN ledgers_lothold hold ON hold.lot_id = l.lot_id AND hold.released_at IS NULL
        WHERE l.paper_id = paper;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledgers", "0011_stock_papers")]
    operations = [
        migrations.RunSQL(CONFIRM_STOCK_PAPER, "DROP FUNCTION ledgers_confirm_stock_paper"),
        freeze("ledgers_stockpaper"),
        freeze_lines("ledgers_stockpaperline", parent="ledgers_stockpaper", parent_key="paper_id"),
        append_only("ledgers_stockpaperphoto"),
    ]
