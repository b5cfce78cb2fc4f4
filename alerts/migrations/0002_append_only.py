from django.db import migrations

from documents.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("alerts", "0001_initial"), ("documents", "0001_initial")]
    operations = [append_only("alerts_alertnote")]
