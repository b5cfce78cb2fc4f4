"""How a pack says what it shows, the same on paper and in a workbook."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certificates.models import Licence
from ledgers.models import Invoice, Receipt
from ledgers.pack.contents import Pack, Supplier

DASH = "–"


def title() -> str:
    """What the file is called."""
    return _("Due-diligence pack")


def head(pack: Pack) -> Iterator[tuple[str, str]]:
    """Whose it is, of which period, made when and for whom."""
    enterprise, wanted = pack.enterprise, pack.wanted
    yield _("Enterprise"), enterprise.name
    yield _("Licence number"), enterprise.licence_number or DASH
    yield _("Address"), " · ".join(filter(None, [enterprise.address, enterprise.place])) or DASH
    yield _("Telephone"), enterprise.telephone or DASH
    yield _("Period"), f"{wanted.since} – {wanted.until}"
    if wanted.partner:
        yield _("Only the supplier"), wanted.partner
    if wanted.product:
        yield _("Only the product"), wanted.product
    yield _("Made at"), formats.date_format(timezone.localtime(pack.made_at), "Y-m-d H:i")
    of = pack.made_for.authority or pack.enterprise
    yield _("Made for"), f"{pack.made_for} ({of})"


def contents(pack: Pack) -> list[tuple[str, int]]:
    """The parts of the pack with how many rows each has."""
    counts = pack.counts
    return [
        (_("Licences of the enterprise"), counts["licences"]),
        (_("Suppliers"), counts["suppliers"]),
        (_("Purchase ledger"), counts["purchases"]),
        (_("Vouchers and receipts"), counts["papers"]),
        (_("Objections to deliveries"), counts["objections"]),
        (_("Sales ledger"), counts["sales"]),
    ]


def purpose() -> str:
    """What the law asks and gives: Food Safety Law, article 136, in our own words."""
    return _(
        "The Food Safety Law, article 136, lets an authority refrain from a penalty where a seller did its duty of "
        "checking what it buys, shows with good evidence that it did not know of the fault, and truthfully names the "
        "source. Goods that do not conform are confiscated all the same, and damage is still to be made good. This "
        "pack shows what was recorded of checks and sources; whether that is enough, the authority decides."
    )


def limits() -> list[str]:
    """What the pack cannot show: whoever reads it must not take silence for proof."""
    return [
        _("Test reports and conformity documents of the goods are not kept on the platform yet: add copies of them."),
        _("Licences are those on record here. None on record does not mean that there was none; ask for a copy."),
        _("What the enterprise wrote down itself was not confirmed by the supplier, unless that is said."),
        _("Prices are left out: they are the business of the two parties."),
        _("Sales to consumers are not recorded one by one. The sales are only in the xlsx of this pack."),
    ]


def licence_state(licence: Licence, pack: Pack) -> str:
    """Whether a licence covers the whole period."""
    wanted = pack.wanted
    if licence.covers(wanted.since) and licence.covers(wanted.until):
        return _("Valid in the whole period")
    if licence.ends_on < wanted.since or wanted.until < licence.valid_from:
        return _("Not valid in the period")
    return _("Valid in a part of the period")


def on_the_day(licence: Licence | None) -> str:
    """The supplier's food licence of the day of a purchase."""
    return licence.number if licence else _("None on record")


def supplier_state(supplier: Supplier) -> str:
    """Whether the supplier had a food licence on record here on each day that it sold."""
    if not supplier.licences:
        return _("None on record")
    if supplier.lines_without_licence:
        lines = supplier.lines_without_licence
        return ngettext("Not on record for %(n)s line", "Not on record for %(n)s lines", lines) % {"n": lines}
    return _("On record for every purchase")


def written_by(paper: Invoice) -> str:
    """Which of the two sides wrote a purchase down: the other's word weighs more than one's own."""
    if not paper.is_purchase:
        return _("Supplier")
    return _("Enterprise, acknowledged by the supplier") if hasattr(paper, "acknowledgement") else _("Enterprise")


def answer(paper: Invoice) -> str:
    """What the enterprise said when the goods came."""
    receipt: Receipt | None = getattr(paper, "receipt", None)
    return str(receipt.get_state_display()) if receipt else _("Written on arrival")


def validity(licence: Licence) -> str:
    """A food licence with its days, in one line."""
    return f"{licence.number} ({licence.valid_from} – {licence.valid_until or _('without end')})"
