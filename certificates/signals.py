"""What happens to certificates that upper apps, and the alerts, want to know."""

from django.dispatch import Signal

certificate_changed = Signal()  # certificate; sent when the change is committed
