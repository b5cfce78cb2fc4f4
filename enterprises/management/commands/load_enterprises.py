"""Loads enterprises from the exports of a business register."""

from typing import Any

from accounts.bulk.command import LoadCommand
from enterprises.loading import EnterpriseLoader


class Command(LoadCommand):
    help = "Loads enterprises as stubs that their people may claim; safe to repeat."

    def loader(self, options: dict[str, Any]) -> EnterpriseLoader:
        return EnterpriseLoader()
