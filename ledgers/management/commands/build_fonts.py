"""`manage.py build_fonts`: the fonts of printed papers, built once and kept."""

from typing import Any

from django.core.management.base import BaseCommand

from ledgers.font_building import build_fonts


class Command(BaseCommand):
    help = "Builds the Chinese fonts that vouchers are printed with; does nothing where they are built already."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        built = build_fonts()
        if options["verbosity"]:
            self.stdout.write("The fonts are built." if built else "The fonts were built before.")
