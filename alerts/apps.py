from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "alerts"

    def ready(self) -> None:
        from django.db.models.signals import post_delete, post_save  # noqa: PLC0415 -- models are not ready before

        from alerts import message_rules, trade_rules  # noqa: PLC0415
        from alerts.messaging import files_in_sight  # noqa: PLC0415
        from alerts.rules import watch  # noqa: PLC0415
        from attachments.access import opened_by  # noqa: PLC0415
        from enterprises.models import Closure  # noqa: PLC0415

        for changed in (post_save, post_delete):
            changed.connect(trade_rules.look_at_closure, sender=Closure)
        watch(*trade_rules.RULES, *message_rules.RULES)
        opened_by(files_in_sight)
