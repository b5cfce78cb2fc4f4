from django.db import migrations

from documents.triggers import append_only, freeze, freeze_lines


class Migration(migrations.Migration):
    dependencies = [("ledgers", "0002_books"), ("documents", "0001_initial")]
    operations = [
        freeze("ledgers_invoice"),
        freeze_lines("ledgers_invoiceline", parent="ledgers_invoice", parent_key="invoice_id"),
        freeze("ledgers_productionrun"),
        freeze_lines("ledgers_runinput", parent="ledgers_productionrun", parent_key="run_id"),
        freeze_lines("ledgers_runoutput", parent="ledgers_productionrun", parent_key="run_id"),
        append_only("ledgers_ledgerentry"),
        append_only("ledgers_lotlink"),
        append_only("ledgers_acknowledgement"),
    ]
