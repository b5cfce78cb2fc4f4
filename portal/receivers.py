"""What the portal does when something happened below."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from portal.services import publish_missing_vouchers, publish_voucher

_waits = ContextVar("portal_waits", default=False)


def publish_paper(*, invoice_id: int, reverses_id: int | None, **kwargs: Any) -> None:
    """A confirmed paper can be checked by whoever holds its voucher; a reversal shows on the voucher it reverses."""
    if not _waits.get():
        publish_voucher(invoice_id, reverses_id=reverses_id)


@contextmanager
def published_together() -> Iterator[None]:
    """For loads of many papers: those confirmed and committed in this block are published at its end, all at once."""
    before = _waits.set(True)
    try:
        yield
    finally:
        _waits.reset(before)
    publish_missing_vouchers()
