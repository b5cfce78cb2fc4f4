"""Numbers of papers: kind, day and a running sequence. They are unique and ordered; they may have gaps."""

from datetime import date

from django.db import migrations

SEQUENCE = "documents_number"
CREATE_SEQUENCE = migrations.RunSQL(f"CREATE SEQUENCE {SEQUENCE}", f"DROP SEQUENCE {SEQUENCE}")


def number_prefix(kind: str, day: date) -> str:
    """The first part of a paper's number, such as XS20261122; the running number is drawn as the paper is written."""
    return f"{kind}{day:%Y%m%d}"
