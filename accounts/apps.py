from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from accounts.receivers import give_roles_their_permissions  # noqa: PLC0415  # models are not loaded before

        post_migrate.connect(give_roles_their_permissions, dispatch_uid="accounts.roles")
