"""Gateways for machines without a provider: nothing leaves the house."""

from __future__ import annotations

import json
import os
import sys

from django.conf import settings
from django.utils import timezone

from alerts.gateways.protocol import Outgoing, Standing


class Console:
    """Says on standard output that something would be sent, without the address."""

    name = "console"

    def send(self, outgoing: Outgoing) -> str:
        sys.stdout.write(f"{outgoing.template} to ***{outgoing.address[-4:]}: {outgoing.text}\n")
        sys.stdout.flush()
        return outgoing.uid

    def look_up(self, outgoing: Outgoing) -> Standing:
        return Standing.DELIVERED if outgoing.ref else Standing.CANNOT_SAY


class File:
    """Writes one line of JSON for each text into DELIVERIES_FILE, and finds them there again."""

    name = "file"

    def send(self, outgoing: Outgoing) -> str:
        line = {
            "uid": outgoing.uid, "to": outgoing.address, "subject": outgoing.subject, "text": outgoing.text,
            "at": timezone.localtime().isoformat(timespec="seconds"),
        }  # fmt: skip
        settings.DELIVERIES_FILE.parent.mkdir(parents=True, exist_ok=True)
        with settings.DELIVERIES_FILE.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        return outgoing.uid

    def look_up(self, outgoing: Outgoing) -> Standing:
        if not settings.DELIVERIES_FILE.exists():
            return Standing.NEVER_CAME
        with settings.DELIVERIES_FILE.open(encoding="utf-8") as file:
            found = any(f'"uid": "{outgoing.uid}"' in line for line in file)
        return Standing.DELIVERED if found else Standing.NEVER_CAME
