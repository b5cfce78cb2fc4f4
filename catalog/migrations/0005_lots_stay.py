"""A lot is never deleted: every entry and every balance of the books names one, and none of them is checked by a key."""

from django.db import migrations

from documents.triggers import never_deleted


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_making"), ("documents", "0001_initial")]
    operations = [never_deleted("catalog_lot")]
