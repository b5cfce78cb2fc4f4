"""Loads what stands here before anybody has typed anything: numbers of the law, alert rules, units, food categories,
kinds of certificates and which of them goods must have."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from alerts.reference import load_alert_rules
from catalog.reference import load_reference
from certificates.reference import load_certificates
from laws.reference import load_laws


class Command(BaseCommand):
    help = "Loads rules of law, the calendar, alert rules, units, categories and evidence rules; safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the counts as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        counts = load_laws() | load_alert_rules() | load_reference() | load_certificates()
        if options["json"]:
            self.stdout.write(json.dumps(counts))
        elif options["verbosity"]:
            self.stdout.write("\n".join(f"{name}: {count}" for name, count in counts.items()))
