from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = _("Portal")

    def ready(self) -> None:
        from ledgers.signals import invoice_confirmed  # noqa: PLC0415  # models are not loaded before
        from ledgers.verifying import verify_also  # noqa: PLC0415
        from portal import sql  # noqa: PLC0415
        from portal.receivers import publish_paper  # noqa: PLC0415

        invoice_confirmed.connect(publish_paper, dispatch_uid="portal.vouchers")
        verify_also("vouchers", sql.VERIFY)
