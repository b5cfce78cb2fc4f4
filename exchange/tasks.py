"""Work of imports that no page should wait for; safe to run twice."""

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from exchange import services
from exchange.models import ImportRun

logger = logging.getLogger(__name__)


def work_or_hand_on(run: ImportRun) -> None:
    """Do a short file's work now and leave a long one's to the queue; where that is down, beat takes it up later."""
    if services.is_short(run):
        services.write_run(services.check_run(run))
        return
    try:
        work_on.delay(run.pk)
    except OperationalError:
        logger.warning("Import %s waits: the queue does not answer.", run.pk)


@shared_task
def work_on(run_id: int) -> None:
    run = ImportRun.objects.select_related("enterprise", "actor").get(pk=run_id)
    services.write_run(services.check_run(run))


@shared_task
def take_up_unfinished_imports() -> None:
    for run in services.unfinished_runs():
        services.write_run(services.check_run(run))


@shared_task
def forget_import_files() -> None:
    services.forget_files()
