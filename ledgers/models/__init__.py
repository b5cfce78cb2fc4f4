"""What moved: invoices and runs, the entries both books read, what is in stock, what is on hold."""

from ledgers.models.entries import Acknowledgement, LedgerEntry, purchases_of, sales_of
from ledgers.models.lots import EnterpriseDay, LotHold, LotLink, StockBalance, StockState, TradeDelta
from ledgers.models.papers import Invoice, InvoiceLine, ProductionRun, RunInput, RunOutput
from ledgers.models.receipts import ClaimSettlement, Receipt, ReceiptClaim, ReceiptPhoto
from ledgers.models.retention import RetentionYear

__all__ = [
    "Acknowledgement", "ClaimSettlement", "EnterpriseDay", "Invoice", "InvoiceLine", "LedgerEntry", "LotHold",
    "LotLink", "ProductionRun", "Receipt", "ReceiptClaim", "ReceiptPhoto", "RetentionYear", "RunInput", "RunOutput",
    "StockBalance", "StockState", "TradeDelta", "purchases_of", "sales_of",
]  # fmt: skip
