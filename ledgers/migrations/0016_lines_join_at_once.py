"""Lines of many papers are checked once a statement: an import writes 5,000 of them at a time."""

from django.db import migrations

from documents.triggers import join_at_once


class Migration(migrations.Migration):
    dependencies = [("ledgers", "0015_each_lot_once")]
    operations = [join_at_once("ledgers_invoiceline", parent="ledgers_invoice", parent_key="invoice_id")]
