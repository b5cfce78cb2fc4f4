"""What of a run is unusual enough to need a note: its balance, and additives over their limit."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from ledgers.additives import Dose, over_limit
from ledgers.mass_balance import MassBalance


def notes_needed(balance: MassBalance | None, doses: Iterable[Dose]) -> list[str]:
    """A sentence for each thing that a note has to explain; none where the run is as runs are."""
    far_apart = [balance_sentence(balance)] if balance and balance.needs_a_note else []
    return far_apart + over_limit(doses)


def balance_sentence(balance: MassBalance) -> str:
    """That more or less came out than went in, and by the figures."""
    return _("What came out is %(percent)s %% of what went in; more than %(tolerance)s %% apart needs a note.") % {
        "percent": balance.percent,
        "tolerance": f"{balance.tolerance.normalize():f}",
    }
