"""E-mail by a mail server. What it does with a message afterwards nobody can ask it."""

from __future__ import annotations

from smtplib import SMTPException, SMTPRecipientsRefused

from django.core.mail import EmailMessage

from alerts.gateways.protocol import Outgoing, Refused, Standing, Unavailable


class Smtp:
    name = "smtp"

    def send(self, outgoing: Outgoing) -> str:
        reference = f"<{outgoing.uid}@foodtrace>"
        mail = EmailMessage(
            outgoing.subject, outgoing.text, to=[outgoing.address],
            headers={"Message-ID": reference, "Auto-Submitted": "auto-generated"},
        )  # fmt: skip
        try:
            mail.send()
        except SMTPRecipientsRefused as refusal:
            raise Refused(str(refusal)[:200]) from refusal
        except (SMTPException, OSError) as fault:
            raise Unavailable(str(fault)[:200]) from fault
        return reference

    def look_up(self, outgoing: Outgoing) -> Standing:
        return Standing.CANNOT_SAY
