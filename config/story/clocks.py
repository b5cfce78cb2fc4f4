"""Makes the story's papers as old as their trade: the load confirms two months of them within a minute."""

from __future__ import annotations

from django.db import connections, transaction

LATE_ONE_IN = 90  # papers of the story are written down days after the trade, so that there is something to find

# Only the owner of the tables can, and only while nobody else is at work: the triggers that freeze papers let go for
# this one transaction. Most are written in the evening of the trade, some four days later, none in the future.
SET_BACK = """
ALTER TABLE ledgers_invoice DISABLE TRIGGER ledgers_invoice_freeze;
ALTER TABLE ledgers_ledgerentry DISABLE TRIGGER ledgers_ledgerentry_freeze;
UPDATE ledgers_invoice SET confirmed_at = least(confirmed_at,
    (traded_on::timestamp AT TIME ZONE 'Asia/Shanghai') + interval '18 hours' + (id %% 200) * interval '1 minute'
    + CASE WHEN id %% %(late)s = 0 THEN interval '4 days' ELSE interval '0' END)
WHERE status = 'confirmed';
UPDATE ledgers_ledgerentry e SET recorded_at = i.confirmed_at FROM ledgers_invoice i WHERE i.id = e.invoice_id;
ALTER TABLE ledgers_invoice ENABLE ALWAYS TRIGGER ledgers_invoice_freeze;
ALTER TABLE ledgers_ledgerentry ENABLE ALWAYS TRIGGER ledgers_ledgerentry_freeze;
"""


def set_clocks_back() -> None:
    """Date every confirmed paper to the evening of its trade; a database without the owner's login stays as it is."""
    if "owner" not in connections.settings:
        return
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute(SET_BACK, {"late": LATE_ONE_IN})
    connections["owner"].close()
