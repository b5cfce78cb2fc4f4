"""Scheduled work of the alerts."""

from celery import shared_task

from alerts import raising


@shared_task
def run_due_rules() -> None:
    raising.run_due()


@shared_task
def forget_runs() -> None:
    raising.forget_runs()
