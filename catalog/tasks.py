"""What the catalogue does by night: the ranks of products are counted anew."""

from celery import shared_task

from catalog import search


@shared_task
def refresh_search() -> int:
    """Count how many enterprises list each product, and which grams are frequent."""
    return search.refresh_search()
