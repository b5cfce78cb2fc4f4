"""Whether a person keeps the books of an enterprise: asked with every paper, so it is planned once in a session."""

from django.db import migrations

KEEPS_BOOKS = """
CREATE FUNCTION enterprises_keeps_books(person bigint, places text[]) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM guardian_userobjectpermission g
        JOIN auth_permission p ON p.id = g.permission_id AND p.codename = 'keep_books'
        JOIN django_content_type t ON t.id = p.content_type_id AND t.app_label = 'enterprises' AND t.model = 'enterprise'
        WHERE g.user_id = person AND g.object_pk = ANY(places));
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0002_initial"), ("guardian", "0002_generic_permissions_index")]
    operations = [migrations.RunSQL(KEEPS_BOOKS, "DROP FUNCTION enterprises_keeps_books")]
