"""Scheduled work of the ledgers."""

from celery import shared_task

from ledgers import receiving, retention, services


@shared_task
def fold_trade_deltas() -> None:
    services.fold_trade_deltas()


@shared_task
def accept_silent_deliveries() -> None:
    receiving.accept_silent_deliveries()


@shared_task
def escalate_unsettled_claims() -> None:
    receiving.escalate_unsettled_claims()


@shared_task
def count_retention() -> None:
    retention.count_years()
