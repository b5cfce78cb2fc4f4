"""What a stock paper must be to be confirmed, and what a clerk should know before it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Lot, lot_key
from ledgers.models import LotHold, StockBalance, StockPaper, StockPaperLine
from ledgers.opening_typed import opening_is_over
from ledgers.stock_typed import beyond_stock_sentence, expired_sentence, missing_sentence

Kind = StockPaper.Kind


def refuse_what_is_wrong(paper: StockPaper) -> None:
    """What the form has checked too: a paper may come from an import, the API or a second clerk."""
    lines = list(paper.lines.all())
    if not lines:
        raise ValidationError(_("A paper without lines cannot be confirmed. Add a line, or correct the marked ones."))
    if paper.happened_on > timezone.localdate():
        raise ValidationError(_("The date lies in the future. Type the day on which it happened."))
    if paper.kind == Kind.OPENING:
        _refuse_wrong_opening(paper, lines)
    elif paper.kind == Kind.COUNT:
        _refuse_unexplained_loss(paper, lines)
    else:
        _refuse_unexplained_leaving(paper)
        _refuse_using_expired_lots(paper)
        _refuse_what_is_not_there(paper)


def warnings(paper: StockPaper) -> list[str]:
    """What a clerk should know before confirming a draft."""
    if paper.kind == Kind.OPENING:
        return [*_stocked_already(paper)]
    return [*_held(paper), *(_expired_and_missing(paper) if paper.missing_is_sold else ())]


def held_lots(paper: StockPaper) -> QuerySet[Lot]:
    """The lots of the paper that an authority holds."""
    held = LotHold.objects.filter(cause=LotHold.Cause.AUTHORITY, released_at=None, lot__in=paper.lines.values("lot"))
    return Lot.objects.filter(pk__in=held.values("lot"))


def _refuse_wrong_opening(paper: StockPaper, lines: Iterable[StockPaperLine]) -> None:
    if sentence := opening_is_over(paper.enterprise):
        raise ValidationError(sentence)
    keys = Counter((line.product_id, lot_key(line.lot_code)) for line in lines)
    if twice := [code for (_product, code), times in keys.items() if times > 1]:
        raise ValidationError(_("These lots stand on the paper twice: %(lots)s.") % {"lots": "、".join(twice)})


def _refuse_unexplained_loss(paper: StockPaper, lines: Iterable[StockPaperLine]) -> None:
    if not paper.note and any(line.quantity < 0 for line in lines):
        if not paper.missing_is_sold:
            raise ValidationError({"note": missing_sentence()})
        if names := _names(held_lots(paper).filter(pk__in=paper.lines.filter(quantity__lt=0).values("lot"))):
            raise ValidationError(
                {"note": _("An authority holds %(lots)s, and some of it is missing: say why.") % {"lots": names}}
            )


def _refuse_unexplained_leaving(paper: StockPaper) -> None:
    if not paper.note:
        raise ValidationError({"note": _("Say why the goods leave your stock.")})
    if paper.kind == Kind.DESTRUCTION and not (paper.method and paper.witness):
        raise ValidationError({"method": _("Say how the goods were destroyed, and who saw it.")})


def _refuse_using_expired_lots(paper: StockPaper) -> None:
    expired = Lot.objects.filter(stock_lines__paper=paper, expires_on__lt=paper.happened_on)
    if paper.kind == Kind.OWN_USE and (names := _names(expired)):
        raise ValidationError(expired_sentence(names))


def _refuse_what_is_not_there(paper: StockPaper) -> None:
    """Asked again after the booking, under the locks: here for the better sentence."""
    leaving = dict(paper.lines.values_list("lot", "quantity"))
    balances = StockBalance.objects.filter(enterprise=paper.enterprise_id, lot__in=leaving).select_related("lot__unit")
    for balance in balances.order_by("lot"):
        if balance.quantity + leaving[balance.lot_id] < 0:
            raise ValidationError(beyond_stock_sentence(balance))


def _stocked_already(paper: StockPaper) -> Iterator[str]:
    known = StockBalance.objects.filter(enterprise=paper.enterprise_id, lot__in=paper.lines.values("lot"))
    for balance in known.filter(quantity__gt=0).select_related("lot__unit").order_by("lot"):
        yield _("Your books have %(left)s %(unit)s of lot %(lot)s already: the opening stock is added to it.") % {
            "left": f"{balance.quantity.normalize():f}",
            "unit": balance.lot.unit,
            "lot": balance.lot.code,
        }


def _held(paper: StockPaper) -> Iterator[str]:
    if names := _names(held_lots(paper)):
        yield _("An authority holds %(lots)s. Ask your station before anything of it leaves.") % {"lots": names}


def _expired_and_missing(paper: StockPaper) -> Iterator[str]:
    expired = paper.lines.filter(quantity__lt=0, lot__expires_on__lt=F("paper__happened_on"))
    if names := _names(Lot.objects.filter(pk__in=expired.values("lot"))):
        yield _("%(lots)s had expired, and what is missing of it counts as sold. Was it thrown away? Write it off.") % {
            "lots": names
        }


def _names(lots: Iterable[Lot]) -> str:
    return "、".join(lot.code for lot in lots)
