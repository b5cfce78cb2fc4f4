"""Loads goods with barcodes into the shared catalogue."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from accounts.bulk.command import LoadCommand
from catalog.loading import ProductLoader


class Command(LoadCommand):
    help = "Loads products with barcodes into the shared catalogue; safe to repeat."

    def loader(self, options: dict[str, Any]) -> ProductLoader:
        try:
            return ProductLoader()
        except ValidationError as fault:
            raise CommandError(" ".join(fault.messages)) from fault
