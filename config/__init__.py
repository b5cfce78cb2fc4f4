"""What ties the apps together: settings, addresses, navigation, and the two commands."""

try:
    from config.celery import app as celery_app
except ModuleNotFoundError:  # bootstrap runs on a bare Python, before Celery is installed
    celery_app = None

__all__ = ["celery_app"]
