"""Production runs are written as drafts and can be reversed: what is typed is kept, and a reversal moves stock back but
makes no lots, no links between lots, and no holds."""

from django.db import migrations, models

# The function of migration 0002, and what a reversal does not do. Its output lots are those of the run it reverses:
# the same product, maker and code.
CONFIRM_RUN = """
CREATE OR REPLACE FUNCTION ledgers_confirm_run(paper bigint, prefix text, person bigint, new_token uuid) RETURNS void
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
    IF run.reverses_id IS NULL THEN
        INSERT INTO catalog_lot (product_id, producer_id, code, code_key, produced_on, expires_on, unit_id,
                                 declared_by_id, is_generated)
        SELECT o.product_id, run.enterprise_id, o.lot_code, upper(btrim(normalize(o.lot_code, NFKC))),
               run.produced_on, o.expires_on, p.unit_id, run.enterprise_id, false
        FROM ledgers_runoutput o JOIN catalog_product p ON p.id = o.product_id
        WHERE o.run_id = paper
        ORDER BY o.product_id, o.lot_code
        ON CONFLICT DO NOTHING;
    END IF;
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
    IF run.reverses_id IS NOT NULL THEN
        RETURN;
    END IF;
    INSERT INTO ledgers_lotlink (run_id, enterprise_id, kind, from_lot_id, to_lot_id)
    SELECT paper, run.enterprise_id, 'transformation', i.lot_id, o.lot_id
    FROM ledgers_runinput i JOIN ledgers_runoutput o ON o.run_id = i.run_id
    WHERE i.run_id = paper AND i.lot_id <> o.lot_id;
    INSERT INTO ledgers_lothold (lot_id, cause, reason, placed_by_id, placed_at, release_note)
    SELECT DISTINCT lot_id, 'release', new_number, person, at, '' FROM ledgers_runoutput WHERE run_id = paper
    ON CONFLICT DO NOTHING;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledgers", "0006_book_functions")]
    operations = [
        migrations.AlterModelOptions(
            name="productionrun",
            options={
                "ordering": ["-produced_on", "-pk"],
                "permissions": [
                    ("confirm_productionrun", "May confirm production runs"),
                    ("reverse_productionrun", "May reverse production runs"),
                ],
                "verbose_name": "Production run",
                "verbose_name_plural": "Production runs",
            },
        ),
        migrations.AddField(
            model_name="productionrun", name="typed", field=models.JSONField(default=dict, editable=False)
        ),
        migrations.RunSQL(CONFIRM_RUN),
    ]
