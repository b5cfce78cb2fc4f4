"""Licences become certificates, the one table of everything that entitles: papers about goods join them there.

The triggers that write history name the old table; 0004 makes them anew. Permissions of the old name go: those of the
proxy `Licence` are made after the migration.
"""

import pgtrigger.migrations
from django.db import migrations

OLD_PERMISSIONS = """
CREATE TEMPORARY TABLE old_permissions ON COMMIT DROP AS
SELECT p.id FROM auth_permission p JOIN django_content_type c ON c.id = p.content_type_id
WHERE c.app_label = 'certificates' AND p.codename LIKE '%\\_licence';
DELETE FROM auth_group_permissions WHERE permission_id IN (SELECT id FROM old_permissions);
DELETE FROM accounts_user_user_permissions WHERE permission_id IN (SELECT id FROM old_permissions);
DELETE FROM auth_permission WHERE id IN (SELECT id FROM old_permissions);
DROP TABLE old_permissions;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("certificates", "0002_initial"),
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        pgtrigger.migrations.RemoveTrigger(model_name="licence", name="insert_insert"),
        pgtrigger.migrations.RemoveTrigger(model_name="licence", name="update_update"),
        migrations.RunSQL(OLD_PERMISSIONS, migrations.RunSQL.noop),
        migrations.RenameModel("Licence", "Certificate"),
        migrations.RenameModel("LicenceEvent", "CertificateEvent"),
    ]
