"""What the portal does when something happened below."""

from typing import Any

from portal.services import publish_voucher


def publish_paper(*, invoice_id: int, **kwargs: Any) -> None:
    """A confirmed paper can be checked by whoever holds its voucher; a reversal shows on the voucher it reverses."""
    publish_voucher(invoice_id)
