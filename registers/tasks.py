"""Scheduled work of the register machine."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from registers.models import Upload


@shared_task
def forget_old_uploads() -> None:
    Upload.objects.filter(created_at__lt=timezone.now() - timedelta(days=1)).delete()
