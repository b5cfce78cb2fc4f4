"""The last lock: PostgreSQL itself refuses to change or remove an attachment, whoever asks."""

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION attachments_attachment_freeze() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'attachments_attachment is only ever added to' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER attachments_attachment_freeze BEFORE UPDATE OR DELETE ON attachments_attachment
    FOR EACH ROW EXECUTE FUNCTION attachments_attachment_freeze();
CREATE TRIGGER attachments_attachment_stays BEFORE TRUNCATE ON attachments_attachment
    FOR EACH STATEMENT EXECUTE FUNCTION attachments_attachment_freeze();
ALTER TABLE attachments_attachment ENABLE ALWAYS TRIGGER attachments_attachment_freeze;
ALTER TABLE attachments_attachment ENABLE ALWAYS TRIGGER attachments_attachment_stays;
"""
THAW = """
DROP TRIGGER attachments_attachment_stays ON attachments_attachment;
DROP TRIGGER attachments_attachment_freeze ON attachments_attachment;
DROP FUNCTION attachments_attachment_freeze();
"""


class Migration(migrations.Migration):
    dependencies = [("attachments", "0001_initial")]
    operations = [migrations.RunSQL(APPEND_ONLY, THAW)]
