"""What was reported stays as it was said, and an answer is given once."""

from django.db import migrations

from documents.triggers import append_only

STANDS = """
CREATE FUNCTION catalog_report_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state <> 'open'
       OR (NEW.field, NEW.says, NEW.note, NEW.author_id, NEW.enterprise_id, NEW.created_at)
          IS DISTINCT FROM (OLD.field, OLD.says, OLD.note, OLD.author_id, OLD.enterprise_id, OLD.created_at) THEN
        RAISE EXCEPTION 'report % stands', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_report_stands BEFORE UPDATE OR DELETE ON catalog_productreport
    FOR EACH ROW EXECUTE FUNCTION catalog_report_stands();
ALTER TABLE catalog_productreport ENABLE ALWAYS TRIGGER catalog_report_stands;
"""
UNDO = "DROP TRIGGER catalog_report_stands ON catalog_productreport; DROP FUNCTION catalog_report_stands();"


class Migration(migrations.Migration):
    dependencies = [("catalog", "0016_reports")]
    operations = [migrations.RunSQL(STANDS, UNDO), append_only("catalog_reportphoto")]
