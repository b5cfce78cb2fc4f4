from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"

    def ready(self) -> None:
        from alerts.rules import watch  # noqa: PLC0415 -- models are not ready before
        from attachments.access import opened_by  # noqa: PLC0415
        from catalog.alert_rules import RULES  # noqa: PLC0415
        from catalog.picturing import pictures_in_sight  # noqa: PLC0415
        from catalog.reporting import photos_in_sight  # noqa: PLC0415

        opened_by(photos_in_sight)
        opened_by(pictures_in_sight)
        watch(*RULES)
