"""Scheduled work of the ledgers."""

from celery import shared_task

from ledgers import services


@shared_task
def fold_trade_deltas() -> None:
    services.fold_trade_deltas()
