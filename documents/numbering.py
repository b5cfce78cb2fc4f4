"""Numbers of papers: kind, day and a running sequence. They are unique and ordered; they may have gaps."""

from datetime import date

from django.db import connection, migrations

SEQUENCE = "documents_number"
CREATE_SEQUENCE = migrations.RunSQL(f"CREATE SEQUENCE {SEQUENCE}", f"DROP SEQUENCE {SEQUENCE}")


def next_number(prefix: str, day: date) -> str:
    """The next number of a paper, such as XS20261122-000017; a confirmation rolled back burns one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s)", [SEQUENCE])
        (number,) = cursor.fetchone()
    return f"{prefix}{day:%Y%m%d}-{number:06d}"
