"""The queue: slow and scheduled work, each task a call of a service."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("foodtrace")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
