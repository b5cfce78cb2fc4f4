from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"

    def ready(self) -> None:
        from alerts.rules import watch  # noqa: PLC0415 -- models are not ready before
        from catalog.alert_rules import RULES  # noqa: PLC0415

        watch(*RULES)
