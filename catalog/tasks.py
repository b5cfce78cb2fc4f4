"""What the catalogue does by night: ranks are counted anew, the open data are written. Safe to run twice."""

from celery import shared_task

from catalog import opendata, search


@shared_task
def refresh_search() -> int:
    """Count how many enterprises list each product, and which grams are frequent."""
    return search.refresh_search()


@shared_task
def write_open_data() -> None:
    opendata.write()
