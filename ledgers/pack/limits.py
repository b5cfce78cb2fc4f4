"""How much one file bears: beyond it the reader is told what to do, never given a part as if it were all."""

from __future__ import annotations

from django.utils.translation import gettext as _

from ledgers.pack import paper, workbook
from ledgers.pack.contents import Pack

FORMATS = {"pdf": paper.ROWS_MAX, "xlsx": workbook.ROWS_MAX}


def refusal_of(pack: Pack, file_format: str) -> str:
    """Why this pack cannot be made in this format; empty where it can."""
    rows_max = FORMATS.get(file_format)
    longest = max(pack.counts["purchases"], pack.counts["sales"] if file_format == "xlsx" else 0)
    if rows_max is None or longest <= rows_max:
        return ""
    facts = {"rows": longest, "most": rows_max}
    if file_format == "pdf" and longest <= workbook.ROWS_MAX:
        return _("That is %(rows)s lines; one PDF holds %(most)s. Take the xlsx, or choose a shorter period.") % facts
    return _("That is %(rows)s lines; one file holds %(most)s. Choose a shorter period, or one product.") % facts
