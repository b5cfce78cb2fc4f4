"""Django's migrate, run as the owner of the tables; afterwards the application's login gets its grants."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import connections

from config.grants import apply_grants


class Command(migrate.Command):
    help = "Brings the tables up to date as their owner (DATABASE_OWNER_URL) and renews the application's grants."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["database"] not in connections.settings:
            raise CommandError("Set DATABASE_OWNER_URL: only the owner of the tables can migrate.")
        super().handle(*args, **options)
        apply_grants(owner_alias=options["database"], application=connections["default"].settings_dict["USER"])
