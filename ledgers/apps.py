from django.apps import AppConfig


class LedgersConfig(AppConfig):
    name = "ledgers"

    def ready(self) -> None:
        from alerts.rules import watch  # noqa: PLC0415 -- models are not ready before
        from attachments.access import opened_by  # noqa: PLC0415
        from catalog.merging import follow  # noqa: PLC0415
        from certificates.sharing import shared_with_holders, shared_with_traders  # noqa: PLC0415
        from certificates.signals import certificate_changed  # noqa: PLC0415
        from ledgers import drafts, evidence_marks, receivers, receiving, stock_papers  # noqa: PLC0415
        from ledgers.alert_rules import RULES  # noqa: PLC0415

        opened_by(receiving.photos_in_sight)
        opened_by(stock_papers.photos_in_sight)
        shared_with_holders(evidence_marks.products_held)
        shared_with_traders(evidence_marks.sellers_met)
        shared_with_traders(evidence_marks.buyers_met)
        certificate_changed.connect(receivers.look_for_papers_again)
        follow(drafts.follow_merge)
        watch(*RULES)
