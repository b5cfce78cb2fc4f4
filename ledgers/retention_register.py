"""What of each year's papers must be kept, for administrators; read only: counted once a year, deleted never."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ledgers.models import RetentionYear
from registers.actions import Action
from registers.columns import Column
from registers.register import Register


class RetentionYearRegister(Register):
    model = RetentionYear
    name = "retention"
    columns = [
        Column(_("Year of trade"), str),
        Column(_("Papers"), lambda row: row.papers, is_number=True),
        Column(_("Need not be kept any more"), lambda row: row.free, is_number=True),
        Column(_("Must be kept"), lambda row: row.papers - row.free, is_number=True),
        "kept_until",
        "counted_on",
    ]
    list_help = _(
        "A paper is kept until six months after the best before of its goods, and at least two years after the trade, "
        "by the rule parameters retain.purchase and retain.seed_floor. This list tells what may go; nothing is "
        "deleted. The command retention --papers names each paper."
    )
    actions = (Action.LIST, Action.EXPORT)
    empty_help = _("Nothing has been counted yet. The count runs each January, and with the command retention.")
