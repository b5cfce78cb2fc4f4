"""Work of the catalogue that no page should wait for; safe to run twice."""

from celery import shared_task

from catalog import opendata


@shared_task
def write_open_data() -> None:
    opendata.write()
