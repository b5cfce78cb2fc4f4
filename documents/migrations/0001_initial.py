from django.db import migrations

from documents.numbering import CREATE_SEQUENCE
from documents.triggers import REFUSE_TRUNCATE


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [
        CREATE_SEQUENCE,
        migrations.RunSQL(REFUSE_TRUNCATE, "DROP FUNCTION documents_refuse_truncate()"),
    ]
