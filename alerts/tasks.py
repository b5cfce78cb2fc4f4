"""Scheduled work of the alerts."""

from celery import shared_task

from alerts import raising


@shared_task
def run_rules(rhythm: str) -> None:
    raising.run_rules(rhythm=rhythm)
