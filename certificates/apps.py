from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "certificates"

    def ready(self) -> None:
        from alerts.recipients import offer  # noqa: PLC0415 -- models are not ready before
        from alerts.rules import watch  # noqa: PLC0415
        from attachments.access import opened_by  # noqa: PLC0415
        from certificates.alert_rules import RULES  # noqa: PLC0415
        from certificates.health import health_pages_in_sight  # noqa: PLC0415
        from certificates.pages import pages_in_sight  # noqa: PLC0415
        from certificates.partner_marks import mark_partners  # noqa: PLC0415
        from certificates.qualification import NARROWINGS  # noqa: PLC0415
        from certificates.receivers import answer_requests  # noqa: PLC0415
        from certificates.signals import certificate_changed  # noqa: PLC0415
        from enterprises.partner_marks import marks_partners  # noqa: PLC0415

        opened_by(pages_in_sight)
        opened_by(health_pages_in_sight)
        certificate_changed.connect(answer_requests)
        watch(*RULES)
        offer(*NARROWINGS)
        marks_partners(mark_partners)
