"""What a confirmation does not need to do: ask twice, index nulls, and look up again what it holds a lock on."""

from django.db import migrations, models

# The paper, locked, with what its services ask of it: a few of its columns, in the model's order, and the first of its
# lines that breaks each rule; and whether this person keeps the books of its author. A function, so that the lines are seen as they are after the wait for the lock.
TAKE_UP = """
DROP FUNCTION ledgers_take_up(bigint);
CREATE FUNCTION ledgers_take_up(paper bigint, person bigint) RETURNS TABLE (
    id bigint, number varchar, status varchar, version integer, token uuid, reverses_id bigint,
    confirmed_at timestamptz, confirmed_by_id bigint, kind varchar, author_id bigint, seller_id bigint,
    buyer_id bigint, traded_on date, adjusts_id bigint, voucher_token varchar,
    is_keeper boolean, lines bigint, without_quantity smallint, without_lot smallint, made_later smallint,
    expired smallint
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM FROM ledgers_invoice WHERE id = paper FOR UPDATE;
    RETURN QUERY
    SELECT i.id, i.number, i.status, i.version, i.token, i.reverses_id, i.confirmed_at, i.confirmed_by_id, i.kind,
           i.author_id, i.seller_id, i.buyer_id, i.traded_on, i.adjusts_id, i.voucher_token,
           enterprises_keeps_books(person, ARRAY[author.id::text, author.headquarters_id::text]), checked.*
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

# An index that leaves out the nulls, which nearly all rows have, says the same: two nulls never were a conflict.
PARTLY_UNIQUE = """
DO $$
DECLARE item record;
BEGIN
    FOR item IN
        SELECT c.conname, c.conrelid::regclass AS of_table FROM pg_constraint c
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum]
        WHERE c.contype = 'u' AND a.attname = 'reverses_id'
          AND c.conrelid IN ('ledgers_ledgerentry'::regclass, 'ledgers_invoice'::regclass)
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', item.of_table, item.conname);
        EXECUTE format(
            'CREATE UNIQUE INDEX %I ON %s (reverses_id) WHERE reverses_id IS NOT NULL', item.conname, item.of_table);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledgers", "0009_parties_once"), ("enterprises", "0003_keeps_books"), ("catalog", "0002_initial")]
    operations = [
        # The line is frozen with its invoice; the lot has a balance wherever it was, and a balance has its lot.
        migrations.AlterField(
            model_name="ledgerentry",
            name="line",
            field=models.OneToOneField(
                db_constraint=False, on_delete=models.deletion.PROTECT, related_name="entry", to="ledgers.invoiceline",
                verbose_name="Invoice line",
            ),
        ),
        migrations.AlterField(
            model_name="ledgerentry",
            name="lot",
            field=models.ForeignKey(
                db_constraint=False, db_index=False, on_delete=models.deletion.PROTECT, related_name="entries",
                to="catalog.lot", verbose_name="Lot",
            ),
        ),
        migrations.AlterField(
            model_name="invoice",
            name="adjusts",
            field=models.ForeignKey(
                db_index=False, editable=False, null=True, on_delete=models.deletion.PROTECT, related_name="adjusted_by",
                to="ledgers.invoice", verbose_name="Corrects",
            ),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(
                condition=models.Q(("adjusts__isnull", False)), fields=["adjusts"], name="invoice_adjusted"
            ),
        ),
        migrations.RunSQL(PARTLY_UNIQUE + TAKE_UP),
    ]
