"""What somebody must act on, what officers and enterprises write to each other, and how both reach a person."""

from alerts.models.alerts import (
    Alert,
    AlertNote,
    AlertQuerySet,
    AlertRule,
    Audience,
    Reach,
    RuleRun,
    Severity,
)
from alerts.models.deliveries import ContactPoint, Delivery
from alerts.models.messages import Conversation, Message, MessageFile, Reading, Reply

__all__ = [
    "Alert", "AlertNote", "AlertQuerySet", "AlertRule", "Audience", "ContactPoint", "Conversation", "Delivery",
    "Message", "MessageFile", "Reach", "Reading", "Reply", "RuleRun", "Severity",
]  # fmt: skip
