from django.db import migrations

from documents.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_initial"), ("documents", "0001_initial")]
    operations = [append_only("catalog_contribution"), append_only("catalog_lotalias")]
