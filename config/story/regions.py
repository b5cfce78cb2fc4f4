"""Where the story plays: Harbin, Liuzhou, and the provinces their goods come from and go to."""

from accounts.models import Region
from config.story.rows import rows


def load_regions() -> int:
    """Enter the regions, parents first; one that the database knows already stays as it is."""
    table = rows("regions")
    for row in sorted(table, key=lambda row: row["code"]):
        Region.objects.get_or_create(code=row["code"], defaults=_facts(row))
    return len(table)


def _facts(row: dict[str, str]) -> dict[str, str | None]:
    return {"name": row["name"], "latitude": row["latitude"] or None, "longitude": row["longitude"] or None}
