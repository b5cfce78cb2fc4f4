from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = _("Portal")

    def ready(self) -> None:
        from ledgers.verifying import verify_also  # noqa: PLC0415  # models are not loaded before
        from portal import sql  # noqa: PLC0415

        verify_also("vouchers", sql.VERIFY)
