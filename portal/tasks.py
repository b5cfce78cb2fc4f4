"""Scheduled work of the portal."""

from celery import shared_task

from portal import services


@shared_task
def publish_missing_vouchers() -> None:
    services.publish_missing_vouchers()
