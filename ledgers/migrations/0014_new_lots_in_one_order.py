"""A run makes its new lots in the order in which a sale makes them: by their keys, so that the two never wait for each
other. Only this line of the function changes, whatever else it has become since it was written."""

from django.db import migrations

CHANGE = """
DO $change$
DECLARE
    written text := pg_get_functiondef('ledgers_confirm_run(bigint, text, bigint, uuid)'::regprocedure);
BEGIN
    IF position('{before}' IN written) = 0 THEN
        RAISE EXCEPTION 'ledgers_confirm_run does not read as expected';
    END IF;
    EXECUTE replace(written, '{before}', '{after}');
END $change$;
"""
BY_CODE = "ORDER BY o.product_id, o.lot_code"
BY_KEY = "ORDER BY o.product_id, upper(btrim(normalize(o.lot_code, NFKC)))"


class Migration(migrations.Migration):
    dependencies = [("ledgers", "0013_alerts_and_retention")]
    operations = [
        migrations.RunSQL(CHANGE.format(before=BY_CODE, after=BY_KEY), CHANGE.format(before=BY_KEY, after=BY_CODE))
    ]
