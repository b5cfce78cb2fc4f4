"""Pictures of goods, and which of them are shown no more; both are only ever added to."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from documents.triggers import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('attachments', '0002_append_only'),
        ('catalog', '0019_label'),
        ('enterprises', '0003_keeps_books'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ProductImage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='At')),
                ('attachment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='attachments.attachment', verbose_name='Photo')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Given by')),
                ('enterprise', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enterprises.enterprise', verbose_name='Enterprise')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='images', to='catalog.product', verbose_name='Product')),
            ],
            options={
                'verbose_name': 'Picture of goods',
                'verbose_name_plural': 'Pictures of goods',
                'ordering': ['-pk'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='ImageRemoval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=200, verbose_name='Reason')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='At')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('image', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='removal', to='catalog.productimage')),
            ],
            options={
                'verbose_name': 'Removed picture',
                'verbose_name_plural': 'Removed pictures',
                'default_permissions': (),
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='removal_has_a_reason')],
            },
        ),
        append_only("catalog_productimage"),
        append_only("catalog_imageremoval"),
    ]
