"""An entry says by itself what was traded, so that confirming writes each line's facts once and the line not again."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


MOVE_THE_NAMES = """
ALTER TABLE ledgers_ledgerentry DISABLE TRIGGER ledgers_ledgerentry_freeze;
UPDATE ledgers_ledgerentry e SET goods = l.goods, goods_code = l.goods_code
FROM ledgers_invoiceline l WHERE l.id = e.line_id;
ALTER TABLE ledgers_ledgerentry ENABLE ALWAYS TRIGGER ledgers_ledgerentry_freeze;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('enterprises', '0002_initial'),
        ('ledgers', '0003_freeze'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='ledgerentry',
            name='goods',
            field=models.CharField(default='', max_length=200, verbose_name='Goods'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='ledgerentry',
            name='goods_code',
            field=models.CharField(blank=True, max_length=20, verbose_name='Code'),
        ),
        migrations.RunSQL(MOVE_THE_NAMES, migrations.RunSQL.noop),
        migrations.RemoveField(
            model_name='invoiceline',
            name='goods',
        ),
        migrations.RemoveField(
            model_name='invoiceline',
            name='goods_code',
        ),
        migrations.RenameField(model_name='invoiceline', old_name='lot', new_name='known_lot'),
        migrations.AlterField(
            model_name='invoiceline',
            name='known_lot',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.lot', verbose_name='Lot'),
        ),
        migrations.AlterField(
            model_name='invoice',
            name='buyer',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='purchases', to='enterprises.enterprise', verbose_name='Buyer'),
        ),
        migrations.AlterField(
            model_name='invoice',
            name='number',
            field=models.CharField(editable=False, max_length=32, null=True, verbose_name='Number'),
        ),
        migrations.AlterField(
            model_name='invoice',
            name='seller',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sales', to='enterprises.enterprise', verbose_name='Seller'),
        ),
        migrations.AlterField(
            model_name='invoice',
            name='voucher_token',
            field=models.CharField(editable=False, max_length=22, null=True),
        ),
        migrations.AlterField(
            model_name='ledgerentry',
            name='buyer',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='bought', to='enterprises.enterprise', verbose_name='Buyer'),
        ),
        migrations.AlterField(
            model_name='ledgerentry',
            name='invoice',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='ledgers.invoice', verbose_name='Invoice'),
        ),
        migrations.AlterField(
            model_name='ledgerentry',
            name='seller',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='sold', to='enterprises.enterprise', verbose_name='Seller'),
        ),
        migrations.AlterField(
            model_name='productionrun',
            name='number',
            field=models.CharField(editable=False, max_length=32, null=True, verbose_name='Number'),
        ),
        migrations.AlterField(
            model_name='invoiceline',
            name='invoice',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='ledgers.invoice', verbose_name='Invoice'),
        ),
        migrations.AlterField(
            model_name='runinput',
            name='run',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='inputs', to='ledgers.productionrun', verbose_name='Production run'),
        ),
        migrations.AlterField(
            model_name='runoutput',
            name='run',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='outputs', to='ledgers.productionrun', verbose_name='Production run'),
        ),
        migrations.AlterField(
            model_name='lotlink',
            name='run',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='links', to='ledgers.productionrun', verbose_name='Production run'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.UniqueConstraint(models.F('number'), name='ledgers_invoice_number_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.UniqueConstraint(models.F('voucher_token'), name='voucher_token_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='productionrun',
            constraint=models.UniqueConstraint(models.F('number'), name='ledgers_productionrun_number_is_unique'),
        ),
    ]
