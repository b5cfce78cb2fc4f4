from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "alerts"

    def ready(self) -> None:
        from alerts.rules import watch  # noqa: PLC0415 -- models are not ready before
        from alerts.trade_rules import RULES  # noqa: PLC0415

        watch(*RULES)
