"""Scheduled work of the alerts."""

from celery import shared_task

from alerts import outbox, raising, trade_rules


@shared_task
def run_due_rules() -> None:
    raising.run_due()


@shared_task
def end_silences() -> None:
    trade_rules.end_silences()


@shared_task
def escalate() -> None:
    raising.escalate()


@shared_task
def forget_runs() -> None:
    raising.forget_runs()


@shared_task
def send_due() -> None:
    outbox.send_due()


@shared_task
def write_daily() -> None:
    outbox.write_daily()


@shared_task
def ask_providers() -> None:
    outbox.ask_providers()
