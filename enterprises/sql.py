"""The statement of this app that is not ORM: asked with every paper that is confirmed."""

KEEPS_BOOKS = """
SELECT EXISTS (
    SELECT FROM guardian_userobjectpermission g
    JOIN auth_permission p ON p.id = g.permission_id AND p.codename = 'keep_books'
    JOIN django_content_type t ON t.id = p.content_type_id AND t.app_label = 'enterprises' AND t.model = 'enterprise'
    WHERE g.user_id = %s AND g.object_pk = ANY(%s))
"""
