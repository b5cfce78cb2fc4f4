"""What happens to a file of papers: it is taken in, checked, read another way, written as drafts, forgotten."""

from __future__ import annotations

import gc
import hashlib
import io
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from documents.bulk import check_at_once
from enterprises.models import Enterprise
from enterprises.services import require_keeper
from exchange.checking import Judge, Judged
from exchange.headings import FIELDS, find_heading, heading_at, shape
from exchange.models import ImportedDocument, ImportFile, ImportMapping, ImportProblem, ImportRun
from exchange.papers import Plan
from ledgers.drafts import save_drafts
from registers.spreadsheets import BYTES_MAX, Sheet, Unreadable, open_apart, sheet_from

ROWS_MAX = 100_100  # a hundred thousand lines, with titles and instructions above them
AT_ONCE_BYTES = 150_000  # about two thousand rows: more is left to the queue, so that no page waits
KEPT_DAYS = 7
STUCK_MINUTES = 10
SAMPLE = 5
CONSTANTS = ("paper_number", "partner", "traded_on")
NEEDED = ("paper_number", "partner", "traded_on", "code", "quantity")
State = ImportRun.State


@transaction.atomic
def start_run(file: File[bytes], *, enterprise: Enterprise, kind: str, actor: User) -> ImportRun:
    """Keep an uploaded file of papers. Raises Unreadable for one that is too large or empty, before it is read."""
    require_keeper(actor, enterprise)
    if (file.size or 0) > BYTES_MAX:
        raise Unreadable(_("The file is larger than 20 MB. Split it and upload the parts."))
    if not file.size:
        raise Unreadable(_("The file is empty. Choose another one."))
    content = file.read()
    run = ImportRun.objects.create(
        enterprise=enterprise, actor=actor, kind=kind, file_name=str(file.name)[:200].replace("\0", ""),
        language=get_language() or "zh-hans", sha256=hashlib.sha256(content).hexdigest(),
    )  # fmt: skip
    ImportFile.objects.create(run=run, content=content)
    return run


def is_short(run: ImportRun) -> bool:
    """Whether the file is checked while its sender waits."""
    return len(run.file.content) <= AT_ONCE_BYTES


@transaction.atomic
def choose_columns(
    run: ImportRun, *, heading_row: int | None, columns: Mapping[str, int], constants: Mapping[str, str], actor: User
) -> ImportRun:
    """Read the file as this person says, and remember it for files of the same shape; it has to be checked again."""
    run = _locked(run, actor=actor)
    if run.state not in (State.CHECKED, State.REFUSED):
        return run
    if heading_row is not None and heading_row != run.heading_row:
        run.heading_row, run.headings, run.columns = heading_row, [], {}
    else:
        run.columns = {name: place for name, place in columns.items() if name in FIELDS}
        _remember(run)
    run.constants = {name: constants[name][:160] for name in CONSTANTS if constants.get(name)}
    run.state, run.progress = State.WAITING, 0
    run.save()
    return run


def check_run(run: ImportRun) -> ImportRun:
    """Say what is good, what is there already and what is wrong. Does nothing unless the run waits for it."""
    if run.state != State.WAITING:
        return run
    with translation.override(run.language), uncollected():
        try:
            sheet = _sheet(run)
        except Unreadable as refusal:
            run.state, run.refusal = State.REFUSED, refusal.sentence
            run.save()
            return run
        _check(run, sheet)
    return run


def _check(run: ImportRun, sheet: Sheet) -> None:
    plan = _plan(run, sheet)
    problems: list[ImportProblem] = []
    counts, sample = Counter[str](), list[dict[str, Any]]()
    for portion in Judge(run, sheet, plan).judged() if not missing_fields(run) else ():
        for one in portion:
            counts[_outcome(one)] += 1
            problems += one.problems
            counts["rows"] += len(one.paper.rows)
        sample = sample or [_shown(one) for one in portion[:SAMPLE]]
        ImportRun.objects.filter(pk=run.pk).update(progress=counts["rows"], touched_at=timezone.now())
    run.rows = counts["rows"]
    run.good, run.known, run.bad, run.sample = counts["good"], counts["known"], counts["bad"], sample
    run.state, run.refusal = State.CHECKED, _what_is_missing(run, counts["rows"])
    with transaction.atomic():
        run.problems.all().delete()
        ImportProblem.objects.bulk_create(problems, batch_size=5_000)
        run.save()


def _what_is_missing(run: ImportRun, rows: int) -> str:
    if missing_fields(run):
        return _("Say which columns these are, or type what holds for the whole file. Nothing is imported before that.")
    return "" if rows else _("There are no goods below the headings. Say in which row the headings stand.")


def missing_fields(run: ImportRun) -> list[str]:
    """The fields that no document does without, and that neither a column nor a word for the whole file gives."""
    instead = {"partner": "partner_number", "code": "name"}
    known = {*run.columns, *run.constants}
    return [name for name in NEEDED if name not in known and instead.get(name) not in known]


def ask_to_write(run: ImportRun, *, actor: User) -> ImportRun:
    """From now on the good documents of a checked run are to be written; asked twice, it is one import."""
    with transaction.atomic():
        run = _locked(run, actor=actor)
        if run.state == State.CHECKED and run.good:
            run.state = State.WRITING
            run.save()
    return run


def write_run(run: ImportRun) -> ImportRun:
    """Write a draft for each good document, all of them or none. Does nothing unless the run is to be written."""
    if run.state != State.WRITING:
        return run
    with translation.override(run.language), uncollected():
        try:
            sheet = _sheet(run)
            with transaction.atomic():
                check_at_once()
                Enterprise.objects.select_for_update(no_key=True).get(pk=run.enterprise_id)  # one import at a time
                locked = ImportRun.objects.select_for_update(of=("self",)).select_related("actor", "enterprise")
                run = locked.get(pk=run.pk)
                if run.state == State.WRITING:
                    _write(run, sheet)
        except (Unreadable, PermissionDenied) as refusal:
            run.state, run.refusal = State.CHECKED, getattr(refusal, "sentence", "") or _may_not_any_more()
            run.save()
    return run


def _may_not_any_more() -> str:
    return _("Whoever asked for this import may not keep the books any more. Somebody who may has to upload the file.")


def _write(run: ImportRun, sheet: Sheet) -> None:
    for portion in Judge(run, sheet, _plan(run, sheet)).judged():
        run.written += _write_portion(run, [one for one in portion if one.is_good])
    run.state, run.finished_at = State.DONE, timezone.now()
    run.save()


def _write_portion(run: ImportRun, good: list[Judged]) -> int:
    papers = [(one.paper.typed, one.reading) for one in good]
    drafts = save_drafts(papers, author=run.enterprise, is_purchase=run.is_purchase, actor=run.actor)
    ImportedDocument.objects.bulk_create(
        ImportedDocument(
            run=run, enterprise=run.enterprise, kind=run.kind, partner=one.reading.partner, number_key=one.key[1],
            content_hash=one.content_hash, invoice=draft,
        )
        for one, draft in zip(good, drafts, strict=True)
    )  # fmt: skip
    return len(drafts)


def rejected_rows(run: ImportRun) -> list[list[str]]:
    """The headings and every row of each document that stayed out, with row number, reasons and proposals."""
    sheet = _sheet(run)
    plan, told = _plan(run, sheet), dict[int, list[ImportProblem]]()
    for problem in run.problems.all():
        told.setdefault(problem.row - 1, []).append(problem)
    width = max(map(len, sheet.rows))
    table = [[*_wide(run.headings, width), _("Row"), _("Reason"), _("Proposed")]]
    for portion in Judge(run, sheet, plan).judged():
        for row in (row for one in portion if one.problems for row in one.paper.rows):
            why = " / ".join(f"{problem.column}: {problem.sentence}" for problem in told.get(row, []))
            right = " / ".join(f"{one.column}: {one.proposal}" for one in told.get(row, []) if one.proposal)
            table.append([*_wide(sheet.rows[row], width), str(row + 1), why, right])
    return table


def forget_files() -> None:
    """Files and findings of a week ago go; what was imported stays, with the run that did it."""
    old = timezone.now() - timedelta(days=KEPT_DAYS)
    ImportFile.objects.filter(run__touched_at__lt=old).delete()
    ImportProblem.objects.filter(run__touched_at__lt=old).delete()


def unfinished_runs() -> list[ImportRun]:
    """Runs whose work was handed on and got lost with a process or a queue."""
    since = timezone.now() - timedelta(minutes=STUCK_MINUTES)
    under_way = ImportRun.objects.filter(state__in=(State.WAITING, State.WRITING), touched_at__lt=since)
    return list(under_way.filter(file__isnull=False).select_related("enterprise", "actor"))


@contextmanager
def uncollected() -> Iterator[None]:
    """Inside, Python seeks no cycles: a hundred thousand rows have none, and looking costs an eighth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _sheet(run: ImportRun) -> Sheet:
    """What stands in the file. Raises Unreadable."""
    file = run.file
    if file.told is None:
        told = open_apart(io.BytesIO(file.content), rows_max=ROWS_MAX)
        ImportFile.objects.filter(pk=file.pk).update(told=zlib.compress(told, 1))
    else:
        told = zlib.decompress(file.told)
    return sheet_from(told, rows_max=ROWS_MAX)


def _outcome(one: Judged) -> str:
    if one.known_as is not None:
        return "known"
    return "bad" if one.problems else "good"


def _shown(one: Judged) -> dict[str, Any]:
    lines = one.paper.typed["lines"]
    facts = {"lines": lines[:3], "rows": len(lines), "is": _outcome(one), "invoice": one.known_as}
    return one.paper.typed | facts


def _plan(run: ImportRun, sheet: Sheet) -> Plan:
    """How the file is read: as it was found or chosen before, else as its headings say."""
    if run.heading_row is None or not run.headings:
        mine = ImportMapping.objects.filter(enterprise=run.enterprise, kind=run.kind)
        remembered = dict(mine.values_list("shape", "columns"))
        row = run.heading_row
        chosen = row is not None and 0 < row <= len(sheet.rows)
        heading = heading_at(sheet, row - 1) if row and chosen else find_heading(sheet, remembered)
        run.heading_row, run.headings, run.columns = heading.row + 1, heading.words, heading.columns
    return Plan(run.heading_row - 1, run.columns, run.constants)


def _remember(run: ImportRun) -> None:
    ImportMapping.objects.update_or_create(
        enterprise=run.enterprise, kind=run.kind, shape=shape(run.headings), defaults={"columns": run.columns}
    )


def _locked(run: ImportRun, *, actor: User) -> ImportRun:
    require_keeper(actor, run.enterprise)
    locked: ImportRun = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    return locked


def _wide(cells: list[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells))][:width]
